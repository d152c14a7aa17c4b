import type { ResourceSamples } from '../../../core/resources/samples-bench.ts';

/** One resource of each type, and what it needs. */
export const samples: ResourceSamples = ({ turn, text, number, Tags, only, att, ref }) => ({
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
  MayRotate: {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: ref('Worker'),
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
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
});
