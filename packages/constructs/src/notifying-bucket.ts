import { Aws, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { PipelineFunction } from './pipeline-function.ts';

/** What a {@link NotifyingBucket} is made from. */
export interface NotifyingBucketProps {
  /** Must be known before the bucket exists; may contain `AWS::AccountId` and its like. */
  readonly bucketName: string;
  /**
   * What becomes of the objects when the stack goes.
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Which objects a function hears of. */
export interface ObjectEventRoute {
  /** Keys must start with this. */
  readonly prefix: string;
  /**
   * Keys must end with this; S3 compares its case, too.
   * @default - any end
   */
  readonly suffix?: string;
  /** @default ['s3:ObjectCreated:*'] */
  readonly events?: readonly string[];
}

/**
 * A private bucket whose object events invoke functions, with no custom resource.
 *
 * CDK's own `addEventNotification` deploys a function that configures the bucket afterwards, with a role that may
 * reconfigure any bucket. Here the configuration stands on the bucket itself. The circle that this usually makes
 * (bucket → permission → bucket) is broken by a fixed bucket name: everything refers to the ARN made from the name.
 */
export class NotifyingBucket extends Construct {
  readonly bucket: s3.Bucket;
  readonly bucketName: string;
  /** Made from the name, so that roles and permissions can use it and the bucket can still come after them. */
  readonly bucketArn: string;
  readonly #routes: s3.CfnBucket.LambdaConfigurationProperty[] = [];

  constructor(scope: Construct, id: string, props: NotifyingBucketProps) {
    super(scope, id);
    this.bucketName = props.bucketName;
    this.bucketArn = Fn.join('', ['arn:', Aws.PARTITION, ':s3:::', props.bucketName]);
    this.bucket = new s3.Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }

  /** The ARN of all keys that start with `prefix`. */
  arnForKeys(prefix: string): string {
    return Fn.join('', [this.bucketArn, `/${prefix}*`]);
  }

  /** Invokes `target` asynchronously for every event of `route`. S3 refuses routes that overlap. */
  notify(target: PipelineFunction, route: ObjectEventRoute): void {
    const permission = new lambda.CfnPermission(this, `Invoke${target.node.id}`, {
      action: 'lambda:InvokeFunction',
      functionName: target.function.functionArn,
      principal: 's3.amazonaws.com',
      sourceArn: this.bucketArn,
      // Bucket names are global: without the account another owner of a freed name could invoke the function.
      sourceAccount: Stack.of(this).account,
    });
    for (const event of route.events ?? ['s3:ObjectCreated:*']) {
      this.#routes.push({
        event,
        function: target.function.functionArn,
        filter: {
          s3Key: {
            rules: [
              { name: 'prefix', value: route.prefix },
              ...(route.suffix === undefined ? [] : [{ name: 'suffix', value: route.suffix }]),
            ],
          },
        },
      });
    }
    const resource = this.bucket.node.defaultChild as s3.CfnBucket;
    resource.notificationConfiguration = { lambdaConfigurations: this.#routes };
    // S3 checks at configuration time that it may invoke the function.
    resource.addResourceDependency(permission);
  }
}
