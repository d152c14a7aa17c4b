import type { PipelineFunction } from '@holdfast/constructs';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** What the code of the lab's functions calls, but for DynamoDB, whose endpoint is a route. */
const CALLED = {
  Events: ec2.InterfaceVpcEndpointAwsService.EVENTBRIDGE,
  Sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
  Ssm: ec2.InterfaceVpcEndpointAwsService.SSM,
  XRay: ec2.InterfaceVpcEndpointAwsService.XRAY,
} as const;

/** What Lambda needs of a role to put a function into a network, with `*` as its only resource. */
const ATTACH_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * A network without a way out: two zones, and endpoints for the services that the lab's functions call. Logs and metrics take
 * Lambda's own way.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
export class IngestionNetwork extends Construct {
  readonly #vpc: ec2.IVpc;
  readonly #functions: ec2.SecurityGroup;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.#vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'functions', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
      gatewayEndpoints: { DynamoDb: { service: ec2.GatewayVpcEndpointAwsService.DYNAMODB } },
      // It would be a custom resource with a function of its own.
      restrictDefaultSecurityGroup: false,
      // Of `vpnGatewayId` class and interface say different things, in the eyes of a strict compiler.
    }) as ec2.IVpc;
    this.#functions = new ec2.SecurityGroup(this, 'Functions', {
      vpc: this.#vpc,
      description: 'Functions of the ingestion lab: HTTPS, and nobody calls in',
      allowAllOutbound: false,
    });
    this.#functions.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.HTTPS, 'Endpoints; there is no other way out');
    const endpoints = new ec2.SecurityGroup(this, 'Endpoints', {
      vpc: this.#vpc,
      description: 'Endpoints of the ingestion lab: HTTPS from its functions',
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(this.#functions, ec2.Port.HTTPS, 'Functions of the lab');
    for (const [name, service] of Object.entries(CALLED)) {
      this.#vpc.addInterfaceEndpoint(name, { service, securityGroups: [endpoints], open: false });
    }
  }

  /** Puts a function into the network. */
  attach(made: PipelineFunction): void {
    made.allow('AttachToNetwork', ATTACH_ACTIONS, ['*']);
    // The prop of CDK's function would add a managed policy to the role.
    (made.function.node.defaultChild as lambda.CfnFunction).vpcConfig = {
      subnetIds: this.#vpc.isolatedSubnets.map(({ subnetId }) => subnetId),
      securityGroupIds: [this.#functions.securityGroupId],
    };
  }
}
