import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';
import { resourceTypesOf } from '../template/check-template.ts';

const att = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });
const ref = (name: string) => ({ Ref: name });
const document = (action: string, resource: unknown = '*', principal?: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: action,
      ...(resource === undefined ? {} : { Resource: resource }),
      ...(principal === undefined ? {} : { Principal: { Service: principal } }),
    },
  ],
});
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** A bench with the archive of a layer in a bucket. */
const benchWithArchive = async (): Promise<DeployerBench> => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'archives' });
  const Body = zipSync({ 'nodejs/node_modules/colour/index.js': strToU8('module.exports = 1;') });
  await bench.call('s3', 'PutObject', { Bucket: 'archives', Key: 'layer.zip', Body });
  return bench;
};

/** One resource of every type with all that changes in place; `turn` 1 and 2 differ in every one of them. */
const everything = (turn: 1 | 2) => {
  const [text, number] = [`turn ${turn}`, turn * 10];
  const Tags =
    turn === 1
      ? [
          { Key: 'a', Value: '1' },
          { Key: 'b', Value: '1' },
        ]
      : [{ Key: 'a', Value: '2' }];
  const only = <Value>(onTurn: 1 | 2, name: string, value: Value) => (turn === onTurn ? { [name]: value } : {});
  return {
    Resources: {
      Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: text } },
      Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
      Images: { Type: 'AWS::ECR::Repository', Properties: { ImageTagMutability: text } },
      Dead: { Type: 'AWS::SQS::Queue' },
      Jobs: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          DelaySeconds: number,
          VisibilityTimeout: 60,
          Tags,
          ...only(1, 'RedrivePolicy', { deadLetterTargetArn: att('Dead'), maxReceiveCount: 3 }),
        },
      },
      JobsPolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [ref('Jobs')],
          PolicyDocument: document(turn === 1 ? 'sqs:SendMessage' : 'sqs:*', att('Jobs'), 'sns.amazonaws.com'),
        },
      },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { Tags, ...only(1, 'DisplayName', text) } },
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [ref('Topic')],
          PolicyDocument: document('sns:Publish', ref('Topic'), `s${turn}.amazonaws.com`),
        },
      },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: ref('Topic'),
          Protocol: 'sqs',
          Endpoint: att('Jobs'),
          RawMessageDelivery: turn === 1,
          ...only(2, 'FilterPolicy', { kind: ['order'] }),
        },
        DependsOn: 'JobsPolicy',
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: TRUST,
          Description: text,
          Tags,
          Policies: [
            { PolicyName: 'same', PolicyDocument: document(`sqs:ReceiveMessage`, att('Jobs')) },
            { PolicyName: `own-${turn}`, PolicyDocument: document('sqs:*', att('Jobs')) },
          ],
        },
      },
      RolePolicy: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'more', PolicyDocument: document(`s3:Get${turn}`), Roles: [ref('Role')] },
      },
      Managed: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: document(`s3:Put${turn}`), Roles: [ref('Role')] },
      },
      Logs: { Type: 'AWS::Logs::LogGroup', Properties: { Tags, ...only(1, 'RetentionInDays', '30') } },
      Errors: {
        Type: 'AWS::Logs::MetricFilter',
        Properties: {
          LogGroupName: ref('Logs'),
          FilterPattern: turn === 1 ? 'ERROR' : 'FATAL',
          MetricTransformations: [{ MetricName: 'Errors', MetricNamespace: 'Shop', MetricValue: '1' }],
        },
      },
      LogsToClicks: {
        Type: 'AWS::Logs::SubscriptionFilter',
        Properties: {
          LogGroupName: ref('Logs'),
          FilterPattern: turn === 1 ? 'ERROR' : 'FATAL',
          DestinationArn: att('Clicks'),
          RoleArn: att('Role'),
        },
      },
      SavedQuery: {
        Type: 'AWS::Logs::QueryDefinition',
        Properties: { Name: `errors ${text}`, QueryString: 'fields @message', LogGroupNames: [ref('Logs')] },
      },
      Layer: {
        Type: 'AWS::Lambda::LayerVersion',
        Properties: {
          LayerName: 'colours',
          Description: text,
          CompatibleRuntimes: ['nodejs22.x'],
          Content: { S3Bucket: 'archives', S3Key: 'layer.zip' },
        },
      },
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: att('Role'),
          Code: { ZipFile: `exports.handler = async () => ${turn};` },
          Timeout: String(number),
          Tags,
          ...only(1, 'MemorySize', 256),
          ...only(1, 'KmsKeyArn', att('MasterKey')),
          ...only(1, 'Layers', [ref('Layer')]),
          ...only(1, 'Environment', { Variables: { COUNT: 3, QUEUE: ref('Jobs') } }),
          ...only(1, 'ReservedConcurrentExecutions', 5),
        },
      },
      Invoke: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: { FunctionName: ref('Worker'), Qualifier: '$LATEST', MaximumRetryAttempts: turn - 1 },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: ref('Worker'),
          EventSourceArn: att('Jobs'),
          BatchSize: turn,
          Tags,
          ...only(1, 'ScalingConfig', { MaximumConcurrency: 4 }),
        },
      },
      Clicks: {
        Type: 'AWS::Kinesis::Stream',
        Properties: {
          ShardCount: turn,
          RetentionPeriodHours: 24 * turn,
          Tags,
          ...only(1, 'StreamEncryption', { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
        },
      },
      ClickPipe: {
        Type: 'AWS::Pipes::Pipe',
        Properties: {
          Source: att('Clicks'),
          SourceParameters: { KinesisStreamParameters: { StartingPosition: 'LATEST', BatchSize: turn } },
          Target: att('Dead'),
          RoleArn: att('Role'),
          Tags: { turn: String(turn) },
          ...only(1, 'TargetParameters', { InputTemplate: '<$.data>' }),
          ...only(2, 'DesiredState', 'STOPPED'),
        },
      },
      Http: {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          Name: text,
          ProtocolType: 'HTTP',
          Tags: { turn: String(turn) },
          ...only(1, 'CorsConfiguration', { AllowOrigins: ['*'] }),
        },
      },
      HttpIntegration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref('Http'),
          IntegrationType: 'AWS_PROXY',
          IntegrationSubtype: 'SQS-SendMessage',
          PayloadFormatVersion: '1.0',
          CredentialsArn: att('Role'),
          RequestParameters: {
            QueueUrl: ref('Dead'),
            MessageBody: '$request.body',
            ...only(1, 'DelaySeconds', '5'),
          },
        },
      },
      HttpRoute: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: ref('Http'),
          RouteKey: `POST /turn${turn}`,
          Target: { 'Fn::Join': ['/', ['integrations', ref('HttpIntegration')]] },
        },
      },
      HttpAuthorizer: {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          ApiId: ref('Http'),
          Name: text,
          AuthorizerType: 'REQUEST',
          AuthorizerUri: att('Worker'),
          AuthorizerPayloadFormatVersion: `${turn}.0`,
          IdentitySource: [`$request.header.X-${turn}`],
          AuthorizerResultTtlInSeconds: number,
        },
      },
      ClosedRoute: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId: ref('Http'),
          RouteKey: 'GET /closed',
          Target: { 'Fn::Join': ['/', ['integrations', ref('HttpIntegration')]] },
          ...only(1, 'AuthorizationType', 'CUSTOM'),
          ...only(1, 'AuthorizerId', ref('HttpAuthorizer')),
        },
      },
      HttpDeployment: {
        Type: 'AWS::ApiGatewayV2::Deployment',
        DependsOn: ['HttpRoute', 'ClosedRoute'],
        Properties: { ApiId: ref('Http'), Description: text },
      },
      HttpStage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: {
          ApiId: ref('Http'),
          StageName: 'prod',
          DeploymentId: ref('HttpDeployment'),
          DefaultRouteSettings: { ThrottlingBurstLimit: number, ThrottlingRateLimit: number },
          Tags: { turn: String(turn) },
          ...only(1, 'StageVariables', { word: 'one' }),
        },
      },
      MasterKey: {
        Type: 'AWS::KMS::Key',
        Properties: {
          Description: text,
          EnableKeyRotation: turn === 1,
          KeyPolicy: {
            Version: '2012-10-17',
            Id: text,
            Statement: [{ Effect: 'Allow', Principal: { AWS: '000000000000' }, Action: 'kms:*', Resource: '*' }],
          },
          PendingWindowInDays: 7,
          Tags,
        },
      },
      OtherKey: { Type: 'AWS::KMS::Key', Properties: { Enabled: turn === 1 } },
      KeyAlias: {
        Type: 'AWS::KMS::Alias',
        Properties: { AliasName: 'alias/shop', TargetKeyId: turn === 1 ? att('OtherKey') : ref('OtherKey') },
      },
      Login: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          Description: text,
          Tags,
          ...only(1, 'SecretString', text),
          ...only(2, 'GenerateSecretString', { PasswordLength: number }),
          ...only(2, 'KmsKeyId', ref('MasterKey')),
        },
      },
      LoginPolicy: {
        Type: 'AWS::SecretsManager::ResourcePolicy',
        Properties: {
          SecretId: ref('Login'),
          ResourcePolicy: document('secretsmanager:GetSecretValue', '*', `s${turn}.amazonaws.com`),
        },
      },
      MayRotate: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: ref('Worker'),
          Action: 'lambda:InvokeFunction',
          Principal: 'secretsmanager.amazonaws.com',
        },
      },
      LoginRotation: {
        Type: 'AWS::SecretsManager::RotationSchedule',
        DependsOn: 'MayRotate',
        Properties: {
          SecretId: ref('Login'),
          RotationLambdaARN: att('Worker'),
          RotationRules: { AutomaticallyAfterDays: number },
          RotateImmediatelyOnUpdate: false,
        },
      },
      Timetable: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Tags } },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: att('Role'),
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the template's own placeholder.
          DefinitionString: '{"StartAt":"Say","States":{"Say":{"Type":"Pass","Result":"${word}","End":true}}}',
          DefinitionSubstitutions: { word: text },
          Tags,
        },
      },
      MachineVersion: {
        Type: 'AWS::StepFunctions::StateMachineVersion',
        Properties: { StateMachineArn: ref('Machine') },
      },
      MachineAlias: {
        Type: 'AWS::StepFunctions::StateMachineAlias',
        Properties: {
          Name: 'live',
          Description: text,
          RoutingConfiguration: [{ StateMachineVersionArn: ref('MachineVersion'), Weight: 100 }],
        },
      },
      Work: { Type: 'AWS::StepFunctions::Activity', Properties: { Name: 'work', Tags } },
      Tick: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          GroupName: ref('Timetable'),
          ScheduleExpression: `rate(${turn} hours)`,
          ScheduleExpressionTimezone: 'Europe/Berlin',
          FlexibleTimeWindow: { Mode: 'OFF' },
          Target: { Arn: att('Dead'), RoleArn: att('Role'), Input: `{"turn":${turn}}` },
          ...only(2, 'EndDate', '2030-01-01T00:00:00Z'),
        },
      },
      ClickMapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: ref('Worker'),
          EventSourceArn: att('Clicks'),
          StartingPosition: 'TRIM_HORIZON',
          ...only(1, 'BisectBatchOnFunctionError', true),
          ...only(1, 'MaximumRetryAttempts', 3),
          ...only(1, 'DestinationConfig', { OnFailure: { Destination: att('Dead') } }),
          ...only(2, 'ParallelizationFactor', 2),
        },
      },
      ItemMapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: ref('Worker'),
          EventSourceArn: att('Items', 'StreamArn'),
          StartingPosition: 'LATEST',
        },
      },
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: ref('Worker'), Description: text } },
      Alias: {
        Type: 'AWS::Lambda::Alias',
        Properties: {
          FunctionName: ref('Worker'),
          Name: 'live',
          FunctionVersion: att('Version', 'Version'),
          ...only(1, 'ProvisionedConcurrencyConfig', { ProvisionedConcurrentExecutions: '2' }),
        },
      },
      Url: {
        Type: 'AWS::Lambda::Url',
        Properties: {
          TargetFunctionArn: att('Worker'),
          AuthType: turn === 1 ? 'NONE' : 'AWS_IAM',
          ...only(1, 'Cors', { AllowOrigins: ['*'], MaxAge: 60 }),
        },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: ref('Worker'),
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: att('Rule'),
        },
      },
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'shop', Description: text, Tags } },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          ScheduleExpression: `rate(${turn + 4} minutes)`,
          Tags,
          Targets: [{ Id: `t${turn}`, Arn: att('Jobs') }],
        },
      },
      BusRule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: ref('Bus'),
          EventPattern: { source: [text] },
          Targets: [{ Id: 'jobs', Arn: att('Jobs'), RetryPolicy: { MaximumRetryAttempts: turn } }],
        },
      },
      Kept: {
        Type: 'AWS::Events::Archive',
        Properties: { SourceArn: att('Bus'), RetentionDays: turn, ...only(1, 'EventPattern', { source: ['shop'] }) },
      },
      Shop: {
        Type: 'AWS::Events::Connection',
        Properties: {
          AuthorizationType: 'BASIC',
          AuthParameters: { BasicAuthParameters: { Username: 'user', Password: text } },
          ...only(1, 'Description', text),
        },
      },
      ShopApi: {
        Type: 'AWS::Events::ApiDestination',
        Properties: {
          ConnectionArn: att('Shop'),
          HttpMethod: turn === 1 ? 'POST' : 'PUT',
          InvocationEndpoint: 'http://localhost:8080/orders',
          InvocationRateLimitPerSecond: turn,
        },
      },
      Items: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          StreamSpecification: { StreamViewType: turn === 1 ? 'KEYS_ONLY' : 'NEW_IMAGE' },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: turn === 1 },
          Tags,
          ...only(2, 'TimeToLiveSpecification', { AttributeName: 'expires_at', Enabled: true }),
        },
      },
      Files: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          Tags,
          VersioningConfiguration: { Status: turn === 1 ? 'Enabled' : 'Suspended' },
          ...only(1, 'BucketEncryption', {
            ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          }),
          ...only(1, 'OwnershipControls', { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] }),
          PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: turn === 1 },
          NotificationConfiguration: {
            EventBridgeConfiguration: { EventBridgeEnabled: turn === 1 },
          },
        },
      },
      ToldFiles: {
        Type: 'Custom::S3BucketNotifications',
        Properties: {
          BucketName: ref('Heard'),
          NotificationConfiguration: turn === 1 ? { EventBridgeConfiguration: {} } : {},
          Managed: true,
        },
      },
      Heard: { Type: 'AWS::S3::Bucket' },
      EmptiedFiles: {
        Type: 'Custom::S3AutoDeleteObjects',
        Properties: { ServiceToken: text, BucketName: ref('Heard') },
      },
      FilesPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: ref('Files'),
          PolicyDocument: document(
            turn === 1 ? 's3:GetObject' : 's3:PutObject',
            { 'Fn::Join': ['', [att('Files'), '/*']] },
            'logs.amazonaws.com',
          ),
        },
      },
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Dimensions: [{ Name: 'QueueName', Value: att('Jobs', 'QueueName') }],
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: number,
          ComparisonOperator: 'GreaterThanThreshold',
          AlarmActions: [ref('Topic')],
          Tags,
        },
      },
      AnyAlarm: {
        Type: 'AWS::CloudWatch::CompositeAlarm',
        Properties: {
          AlarmRule: { 'Fn::Join': ['', [turn === 1 ? 'ALARM("' : 'OK("', ref('Alarm'), '")']] },
          AlarmActions: [ref('Topic')],
          Tags,
        },
      },
      Dashboard: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardBody: JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: text } }] }) },
      },
      Parameter: {
        Type: 'AWS::SSM::Parameter',
        Properties: {
          Type: 'String',
          Value: text,
          Tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
        },
      },
    },
  };
};

test('one resource of every type is created, changed in every way, and deleted without a trace', async () => {
  const bench = await benchWithArchive();
  const types = Object.values(everything(1).Resources).map(({ Type }) => Type);
  expect(
    [...resourceTypesOf(new DeployerBench().engine.descriptors).keys()].filter((type) => !types.includes(type)),
  ).toEqual([]);

  const failures = async (stackId: string) =>
    (await bench.events(stackId))
      .filter(({ ResourceStatus }) => ResourceStatus?.includes('FAILED'))
      .map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
  const created = await bench.create('all', everything(1));
  const stackId = created.StackId as string;
  expect(await failures(stackId)).toEqual([]);
  expect(created.StackStatus).toBe('CREATE_COMPLETE');

  const updated = await bench.update('all', everything(2));
  expect(await failures(stackId)).toEqual([]);
  expect(updated.StackStatus).toBe('UPDATE_COMPLETE');

  await bench.cloudFormation('DeleteStack', { StackName: stackId });
  const deleted = await bench.settle(stackId);
  expect(await failures(stackId)).toEqual([]);
  expect(deleted.StackStatus).toBe('DELETE_COMPLETE');
});

test('a function gets what the template says, in the types that Lambda wants', async () => {
  const bench = await benchWithArchive();
  await bench.create('all', everything(1));
  const { StackResourceDetail } = await bench.cloudFormation<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'all', LogicalResourceId: 'Worker' },
  );
  const FunctionName = StackResourceDetail.PhysicalResourceId;

  expect(await bench.call('lambda', 'GetFunctionConfiguration', { FunctionName })).toMatchObject({
    Timeout: 10,
    MemorySize: 256,
    Layers: [{ Arn: 'arn:aws:lambda:us-east-1:000000000000:layer:colours:1' }],
    Environment: { Variables: { COUNT: '3' } },
  });
  await bench.update('all', everything(2));
  const after = await bench.call<{ Environment?: { Variables?: object } }>('lambda', 'GetFunctionConfiguration', {
    FunctionName,
  });
  expect(after).toMatchObject({ Timeout: 20, MemorySize: 128 });
  expect(after.Environment?.Variables ?? {}).toEqual({});
  expect(after).not.toHaveProperty('Layers');
  expect(await bench.call('lambda', 'ListLayerVersions', { LayerName: 'colours' })).toMatchObject({
    LayerVersions: [{ Version: 2, Description: 'turn 2' }],
  });
  expect(await bench.call('lambda', 'GetFunctionConcurrency', { FunctionName })).not.toHaveProperty(
    'ReservedConcurrentExecutions',
  );
});

test('a mapping from a stream gets its options, and loses them again with their properties', async () => {
  const bench = await benchWithArchive();
  await bench.create('all', everything(1));
  const { StackResourceDetail } = await bench.cloudFormation<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'all', LogicalResourceId: 'ClickMapping' },
  );
  const UUID = StackResourceDetail.PhysicalResourceId;
  const get = () => bench.call('lambda', 'GetEventSourceMapping', { UUID });

  expect(await get()).toMatchObject({
    StartingPosition: 'TRIM_HORIZON',
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 3,
    DestinationConfig: { OnFailure: { Destination: expect.stringContaining('Dead') } },
  });
  await bench.update('all', everything(2));
  await bench.driver.advance(1_000);
  expect(await get()).toMatchObject({
    BisectBatchOnFunctionError: false,
    MaximumRetryAttempts: -1,
    ParallelizationFactor: 2,
    DestinationConfig: { OnFailure: {} },
  });
});

test('aliases get what the template says of weights and provisioned concurrency, and functions their URLs', async () => {
  const bench = new DeployerBench();
  const template = (more: object, AuthType: string) => ({
    Resources: {
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'worker',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/runner',
          Code: { ZipFile: 'exports.handler = async () => 1;' },
        },
      },
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: ref('Worker') } },
      Alias: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionName: ref('Worker'), Name: 'live', FunctionVersion: att('Version', 'Version'), ...more },
      },
      Url: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: att('Worker'), AuthType } },
    },
    Outputs: { Url: { Value: att('Url', 'FunctionUrl') } },
  });
  const alias = { FunctionName: 'worker', Name: 'live' };
  const provisioned = { FunctionName: 'worker', Qualifier: 'live' };

  const created = await bench.create(
    'web',
    template({ ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } }, 'NONE'),
  );
  expect(created.StackStatus).toBe('CREATE_COMPLETE');
  expect(await bench.call('lambda', 'GetProvisionedConcurrencyConfig', provisioned)).toMatchObject({
    RequestedProvisionedConcurrentExecutions: 2,
  });
  const { FunctionUrl } = await bench.call<{ FunctionUrl: string }>('lambda', 'GetFunctionUrlConfig', {
    FunctionName: 'worker',
  });
  expect(created.Outputs).toMatchObject([{ OutputKey: 'Url', OutputValue: FunctionUrl }]);

  await bench.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'worker', Description: 'second' });
  await bench.call('lambda', 'PublishVersion', { FunctionName: 'worker' });
  const AdditionalVersionWeights = [{ FunctionVersion: '2', FunctionWeight: 0.25 }];
  await bench.update('web', template({ RoutingConfig: { AdditionalVersionWeights } }, 'AWS_IAM'));
  expect(await bench.call('lambda', 'GetAlias', alias)).toMatchObject({
    RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
  });
  await expect(bench.call('lambda', 'GetProvisionedConcurrencyConfig', provisioned)).rejects.toThrow(
    'No Provisioned Concurrency Config found for this function',
  );
  expect(await bench.call('lambda', 'GetFunctionUrlConfig', { FunctionName: 'worker' })).toMatchObject({
    FunctionUrl,
    AuthType: 'AWS_IAM',
  });
});
