import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { liveDigest } from '@holdfast/kernel/live';
import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';
import { expandTransform } from './transform.ts';

const SAM = 'AWS::Serverless-2016-10-31';

const expand = (Resources: JsonObject, more: JsonObject = {}): Record<string, JsonObject> =>
  expandTransform({ Transform: SAM, ...more, Resources }, liveDigest)['Resources'] as Record<string, JsonObject>;

const CODE = { CodeUri: 's3://code/app.zip', Handler: 'app.handler', Runtime: 'python3.13' };
const serverless = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  Type: 'AWS::Serverless::Function',
  Properties: { ...CODE, ...properties },
  ...more,
});
const properties = (resource: JsonObject | undefined): JsonObject => resource?.['Properties'] as JsonObject;

it('a function gets a role, its code from S3 and its tags as a list', () => {
  const { Work, WorkRole, ...others } = expand({
    Work: serverless({
      Tags: { team: 'events' },
      Tracing: 'Active',
      DeadLetterQueue: { Type: 'SQS', TargetArn: 'arn:dlq' },
      Policies: [
        { SQSPollerPolicy: { QueueName: { Ref: 'Jobs' } } },
        'AWSLambdaSQSQueueExecutionRole',
        'arn:aws:iam::aws:policy/ReadOnlyAccess',
        { Statement: [] },
      ],
    }),
  });

  expect(others).toEqual({});
  expect(properties(Work)).toEqual({
    Code: { S3Bucket: 'code', S3Key: 'app.zip' },
    Handler: 'app.handler',
    Runtime: 'python3.13',
    Role: { 'Fn::GetAtt': ['WorkRole', 'Arn'] },
    Tags: [
      { Key: 'lambda:createdBy', Value: 'SAM' },
      { Key: 'team', Value: 'events' },
    ],
    TracingConfig: { Mode: 'Active' },
    DeadLetterConfig: { TargetArn: 'arn:dlq' },
  });
  expect(properties(WorkRole)).toMatchObject({
    ManagedPolicyArns: [
      'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      'arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess',
      'arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole',
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
    ],
    Policies: [
      { PolicyName: 'DeadLetterQueuePolicy' },
      {
        PolicyName: 'WorkRolePolicy0',
        PolicyDocument: {
          Statement: [
            {
              Resource: [
                {
                  'Fn::Sub': [
                    `arn:\${AWS::Partition}:sqs:\${AWS::Region}:\${AWS::AccountId}:\${QueueName}`,
                    { QueueName: { Ref: 'Jobs' } },
                  ],
                },
              ],
            },
          ],
        },
      },
      { PolicyName: 'WorkRolePolicy3', PolicyDocument: { Statement: [] } },
    ],
  });
});

it('globals are defaults: maps are merged, lists joined, the rest is the own value of the resource', () => {
  const { Work } = expand(
    {
      Work: serverless({
        Role: 'arn:role',
        Timeout: 5,
        Environment: { Variables: { B: '3' } },
        Layers: ['own'],
      }),
    },
    {
      Globals: {
        Function: { Timeout: 30, MemorySize: 256, Environment: { Variables: { A: '1', B: '2' } }, Layers: ['shared'] },
      },
    },
  );

  expect(properties(Work)).toMatchObject({
    Timeout: 5,
    MemorySize: 256,
    Environment: { Variables: { A: '1', B: '3' } },
    Layers: ['shared', 'own'],
    Role: 'arn:role',
  });
});

it('events become mappings, subscriptions, notifications, rules and permissions', () => {
  const resources = expand({
    Files: { Type: 'AWS::S3::Bucket' },
    Work: serverless({
      Events: {
        Jobs: { Type: 'SQS', Properties: { Queue: 'arn:jobs', BatchSize: 5 } },
        Clicks: {
          Type: 'Kinesis',
          Properties: {
            Stream: 'arn:clicks',
            StartingPosition: 'LATEST',
            DestinationConfig: { OnFailure: { Type: 'SQS', Destination: 'arn:dlq' } },
          },
        },
        News: { Type: 'SNS', Properties: { Topic: 'arn:news', FilterPolicy: { a: ['b'] } } },
        Queued: { Type: 'SNS', Properties: { Topic: 'arn:news', SqsSubscription: true } },
        Put: { Type: 'S3', Properties: { Bucket: { Ref: 'Files' }, Events: ['s3:ObjectCreated:*'] } },
        Shop: {
          Type: 'EventBridgeRule',
          Properties: { Pattern: { source: ['shop'] }, DeadLetterConfig: { Type: 'SQS' }, InputPath: '$.detail' },
        },
        Nightly: { Type: 'Schedule', Properties: { Schedule: 'rate(1 day)', Enabled: false } },
      },
    }),
  });
  const Arn = { 'Fn::GetAtt': ['Work', 'Arn'] };

  expect(Object.keys(resources).sort()).toEqual([
    'Files',
    'Work',
    'WorkClicks',
    'WorkJobs',
    'WorkNews',
    'WorkNewsPermission',
    'WorkNightly',
    'WorkNightlyPermission',
    'WorkPutPermission',
    'WorkQueued',
    'WorkQueuedEventSourceMapping',
    'WorkQueuedQueue',
    'WorkQueuedQueuePolicy',
    'WorkRole',
    'WorkShop',
    'WorkShopPermission',
    'WorkShopQueue',
    'WorkShopQueuePolicy',
  ]);
  expect(properties(resources['WorkJobs'])).toEqual({
    EventSourceArn: 'arn:jobs',
    FunctionName: { Ref: 'Work' },
    BatchSize: 5,
  });
  expect(properties(resources['WorkClicks'])['DestinationConfig']).toEqual({ OnFailure: { Destination: 'arn:dlq' } });
  expect(properties(resources['WorkNews'])).toEqual({
    Endpoint: Arn,
    Protocol: 'lambda',
    TopicArn: 'arn:news',
    FilterPolicy: { a: ['b'] },
  });
  expect(resources['Files']).toEqual({
    Type: 'AWS::S3::Bucket',
    DependsOn: ['WorkPutPermission'],
    Properties: {
      NotificationConfiguration: { LambdaConfigurations: [{ Event: 's3:ObjectCreated:*', Function: Arn }] },
    },
  });
  expect(properties(resources['WorkShop'])).toEqual({
    EventPattern: { source: ['shop'] },
    Targets: [
      {
        Arn,
        Id: 'WorkShopLambdaTarget',
        InputPath: '$.detail',
        DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['WorkShopQueue', 'Arn'] } },
      },
    ],
  });
  expect(properties(resources['WorkNightly'])).toMatchObject({
    ScheduleExpression: 'rate(1 day)',
    State: 'DISABLED',
  });
});

it('an alias is published with the code: events go to it, and a new archive makes a new version', () => {
  const template = (CodeUri: string) =>
    expand({
      Work: serverless({
        CodeUri,
        AutoPublishAlias: 'live',
        EventInvokeConfig: { MaximumRetryAttempts: 1, DestinationConfig: { OnSuccess: { Type: 'SQS' } } },
        Events: { Jobs: { Type: 'SQS', Properties: { Queue: 'arn:jobs' } } },
      }),
      Other: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          Tags: [
            { Key: 'alias', Value: { Ref: 'Work.Alias' } },
            { Key: 'text', Value: { 'Fn::Sub': `is \${Work.Alias} of \${AWS::Region}, not \${!Work.Alias}` } },
            { Key: 'list', Value: { 'Fn::Sub': [`\${Work.Alias}\${a}`, { a: { Ref: 'Work.Alias' } }] } },
          ],
        },
      },
    });
  const versionIn = (resources: JsonObject) => Object.keys(resources).find((id) => id.startsWith('WorkVersion'));
  const resources = template('s3://code/1.zip');

  expect(versionIn(resources)).toMatch(/^WorkVersion[0-9a-f]{10}$/);
  expect(versionIn(template('s3://code/2.zip'))).not.toBe(versionIn(resources));
  expect(properties(resources['WorkJobs'])['FunctionName']).toEqual({ Ref: 'WorkAliaslive' });
  expect(properties(resources['Other'])['Tags']).toEqual([
    { Key: 'alias', Value: { Ref: 'WorkAliaslive' } },
    { Key: 'text', Value: { 'Fn::Sub': `is \${WorkAliaslive} of \${AWS::Region}, not \${!Work.Alias}` } },
    { Key: 'list', Value: { 'Fn::Sub': [`\${WorkAliaslive}\${a}`, { a: { Ref: 'WorkAliaslive' } }] } },
  ]);
  expect(resources['WorkEventInvokeConfig']).toEqual({
    Type: 'AWS::Lambda::EventInvokeConfig',
    DependsOn: ['WorkAliaslive'],
    Properties: {
      FunctionName: { Ref: 'Work' },
      Qualifier: 'live',
      MaximumRetryAttempts: 1,
      DestinationConfig: {
        OnSuccess: { Destination: { 'Fn::GetAtt': ['WorkEventInvokeConfigOnSuccessQueue', 'Arn'] } },
      },
    },
  });
});

it('a condition of a function holds for everything that it becomes', () => {
  const resources = expand({
    Work: serverless({ Events: { Jobs: { Type: 'SQS', Properties: { Queue: 'q' } } } }, { Condition: 'Wanted' }),
  });

  expect(Object.values(resources).map(({ Condition }) => Condition)).toEqual(['Wanted', 'Wanted', 'Wanted']);
});

it('a simple table has one key, and its requests are paid one by one', () => {
  const { Plain, Own } = expand({
    Plain: { Type: 'AWS::Serverless::SimpleTable' },
    Own: {
      Type: 'AWS::Serverless::SimpleTable',
      Properties: { PrimaryKey: { Name: 'n', Type: 'Number' }, Tags: { a: 'b' } },
    },
  });

  expect(Plain).toEqual({
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
  });
  expect(properties(Own)).toMatchObject({
    AttributeDefinitions: [{ AttributeName: 'n', AttributeType: 'N' }],
    Tags: [{ Key: 'a', Value: 'b' }],
  });
});

it.each<[string, JsonObject, JsonObject]>([
  ['the transform AWS::Include', {}, { Transform: ['AWS::Include', SAM] }],
  ['the section LayerVersion of Globals', {}, { Globals: { LayerVersion: {} } }],
  ['the resource type AWS::Serverless::Api (resource A)', { A: { Type: 'AWS::Serverless::Api' } }, {}],
  ['AWS::Serverless::Function with DurableConfig (resource A)', { A: serverless({ DurableConfig: {} }) }, {}],
  ['events of type Api (resource A)', { A: serverless({ Events: { Web: { Type: 'Api' } } }) }, {}],
  ['the policy template VPCAccessPolicy (resource A)', { A: serverless({ Policies: [{ VPCAccessPolicy: {} }] }) }, {}],
  ['a CodeUri that is not in S3 (resource A)', { A: serverless({ CodeUri: './src' }) }, {}],
  [
    'AWS::Serverless::SimpleTable with StreamSpecification (resource A)',
    { A: { Type: 'AWS::Serverless::SimpleTable', Properties: { StreamSpecification: {} } } },
    {},
  ],
])('%s is refused by name', (refusal, resources, more) => {
  expect(() => expand(resources, more)).toThrow(`Holdfast does not support ${refusal}`);
});

it('everything that is refused is named at once', () => {
  const resources = {
    A: serverless({
      DurableConfig: {},
      ImageConfig: {},
      Policies: [{ VPCAccessPolicy: {} }],
      Events: { Web: { Type: 'Api' }, Mail: { Type: 'MQ' } },
    }),
    B: { Type: 'AWS::Serverless::Api' },
    C: { Type: 'AWS::Serverless::HttpApi', Properties: { Domain: {}, RouteSetting: {} } },
  };
  expect(() => expand(resources, { Globals: { Api: {}, LayerVersion: {} } })).toThrow(
    'Holdfast does not support the section LayerVersion of Globals, ' +
      'AWS::Serverless::Function with DurableConfig (resource A), AWS::Serverless::Function with ImageConfig (resource A), ' +
      'events of type MQ (resource A), events of type Api (resource A), the policy template VPCAccessPolicy (resource A), ' +
      'the resource type AWS::Serverless::Api (resource B), AWS::Serverless::HttpApi with Domain (resource C), ' +
      'AWS::Serverless::HttpApi with RouteSetting (resource C). See docs/fidelity.',
  );
});

it('a layer is a new resource with each content, and references follow it', () => {
  const template = (ContentUri: string) =>
    expand({
      Shared: { Type: 'AWS::Serverless::LayerVersion', Properties: { ContentUri, CompatibleRuntimes: ['python3.13'] } },
      Work: serverless({ Layers: [{ Ref: 'Shared' }] }),
    });
  const { Work, WorkRole: _, ...layers } = template('s3://code/1.zip');
  const [[id, layer] = []] = Object.entries(layers);

  expect(id).toMatch(/^Shared[0-9a-f]{10}$/);
  expect(layer).toEqual({
    Type: 'AWS::Lambda::LayerVersion',
    DeletionPolicy: 'Retain',
    Properties: {
      Content: { S3Bucket: 'code', S3Key: '1.zip' },
      LayerName: 'Shared',
      CompatibleRuntimes: ['python3.13'],
    },
  });
  expect(properties(Work)['Layers']).toEqual([{ Ref: id }]);
  expect(Object.keys(template('s3://code/2.zip'))).not.toContain(id);
});

it('a function URL without authentication is open to everybody by both permissions that this takes', () => {
  const resources = expand({
    Open: serverless({ FunctionUrlConfig: { AuthType: 'NONE', Cors: { AllowOrigins: ['*'] } } }),
    Closed: serverless({ FunctionUrlConfig: { AuthType: 'AWS_IAM' } }),
  });
  const made = Object.keys(resources).filter((id) => /Url|URL/.test(id));

  expect(made).toEqual(['OpenUrl', 'OpenUrlPublicPermissions', 'OpenURLInvokeAllowPublicAccess', 'ClosedUrl']);
  expect(properties(resources['OpenUrl'])).toEqual({
    TargetFunctionArn: { Ref: 'Open' },
    AuthType: 'NONE',
    Cors: { AllowOrigins: ['*'] },
  });
  expect(properties(resources['OpenURLInvokeAllowPublicAccess'])).toMatchObject({
    Action: 'lambda:InvokeFunction',
    InvokedViaFunctionUrl: true,
  });
});

it('a ScheduleV2 becomes a schedule with a role of its own, and a queue for what cannot be delivered', () => {
  const resources = expand({
    Work: serverless({
      Events: {
        Often: {
          Type: 'ScheduleV2',
          Properties: {
            ScheduleExpression: 'rate(5 minutes)',
            Input: '{}',
            RetryPolicy: { MaximumRetryAttempts: 3 },
            DeadLetterConfig: { Type: 'SQS' },
          },
        },
        Rarely: {
          Type: 'ScheduleV2',
          Properties: { ScheduleExpression: 'rate(9 days)', OmitName: true, RoleArn: 'arn:role' },
        },
      },
    }),
  });

  expect(properties(resources['WorkOften'])).toEqual({
    Name: 'WorkOften',
    ScheduleExpression: 'rate(5 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: {
      Arn: { 'Fn::GetAtt': ['Work', 'Arn'] },
      RoleArn: { 'Fn::GetAtt': ['WorkOftenRole', 'Arn'] },
      Input: '{}',
      RetryPolicy: { MaximumRetryAttempts: 3 },
      DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['WorkOftenQueue', 'Arn'] } },
    },
  });
  expect(properties(resources['WorkOftenRole'])['Policies']).toMatchObject([
    { PolicyName: 'WorkOftenLambdaPolicy' },
    { PolicyName: 'WorkOftenSQSPolicy' },
  ]);
  expect(properties(resources['WorkRarely'])).not.toHaveProperty('Name');
  expect(resources).not.toHaveProperty('WorkRarelyRole');
});

it('a stack of a serverless template deploys, and shows the template before and after', async () => {
  const bench = new DeployerBench();
  const template = {
    Transform: SAM,
    Resources: {
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 30 } },
      Work: {
        Type: 'AWS::Serverless::Function',
        Properties: {
          InlineCode: 'def handler(event, context): return 1',
          Handler: 'index.handler',
          Runtime: 'python3.13',
          AutoPublishAlias: 'live',
          Events: { Jobs: { Type: 'SQS', Properties: { Queue: { 'Fn::GetAtt': ['Jobs', 'Arn'] } } } },
        },
      },
    },
  };

  const stack = await bench.create('serverless', template);

  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  const { EventSourceMappings } = await bench.call<{ EventSourceMappings: { FunctionArn: string }[] }>(
    'lambda',
    'ListEventSourceMappings',
  );
  expect(EventSourceMappings[0]?.FunctionArn).toMatch(/:live$/);
  const bodyOf = async (TemplateStage: string): Promise<Json> => {
    const input = { StackName: 'serverless', TemplateStage };
    const { TemplateBody } = await bench.cloudFormation<{ TemplateBody: string }>('GetTemplate', input);
    return JSON.parse(TemplateBody) as Json;
  };
  expect(await bodyOf('Original')).toEqual(template);
  const processed = await bodyOf('Processed');
  expect(isObject(processed) && Object.keys(processed['Resources'] as JsonObject)).toContain('WorkAliaslive');
  expect(await bench.cloudFormation('GetTemplateSummary', { StackName: 'serverless' })).toMatchObject({
    DeclaredTransforms: [SAM],
  });
});

it('a state machine comes with its role, and with rules and schedules that start it', async () => {
  const bench = new DeployerBench();
  const stack = await bench.create('flows', {
    Transform: SAM,
    Resources: {
      Flow: {
        Type: 'AWS::Serverless::StateMachine',
        Properties: {
          Name: 'flow',
          Definition: { StartAt: 'Say', States: { Say: { Type: 'Pass', End: true } } },
          Policies: [{ SQSSendMessagePolicy: { QueueName: 'jobs' } }],
          Events: {
            Filed: { Type: 'EventBridgeRule', Properties: { Pattern: { source: ['vendors'] } } },
            Nightly: { Type: 'ScheduleV2', Properties: { ScheduleExpression: 'cron(0 2 * * ? *)' } },
          },
        },
      },
    },
  });
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');

  await bench.call('events', 'PutEvents', { Entries: [{ Source: 'vendors', DetailType: 'filed', Detail: '{"n":1}' }] });

  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:flow';
  const { executions } = await bench.call<{ executions: { executionArn: string }[] }>('states', 'ListExecutions', {
    stateMachineArn,
  });
  const executionArn = executions[0]?.executionArn;
  const { input } = await bench.call<{ input: string }>('states', 'DescribeExecution', { executionArn });
  expect(JSON.parse(input)).toMatchObject({ source: 'vendors', detail: { n: 1 } });
});

it('a definition within the template becomes text, so that null may stand in it, and functions are substitutions', async () => {
  const bench = new DeployerBench();
  const Work = {
    Type: 'AWS::Serverless::Function',
    Properties: { InlineCode: 'x', Handler: 'index.h', Runtime: 'nodejs22.x' },
  };
  const call = { Type: 'Task', Resource: { 'Fn::GetAtt': ['Work', 'Arn'] }, ResultPath: null, End: true };
  const Flow = {
    Type: 'AWS::Serverless::StateMachine',
    Properties: { Name: 'flow', Definition: { StartAt: 'Call', States: { Call: call } } },
  };
  const stack = await bench.create('flows', { Transform: SAM, Resources: { Work, Flow } });
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');

  const { definition } = await bench.call<{ definition: string }>('states', 'DescribeStateMachine', {
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:flow',
  });
  expect(JSON.parse(definition)).toMatchObject({
    States: { Call: { ResultPath: null, Resource: expect.stringMatching(/^arn:aws:lambda:.*:function:flows-Work-/) } },
  });
});

it('a definition in S3 may be YAML', async () => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'definitions' });
  const Body = new TextEncoder().encode(
    `# A flow\nStartAt: Say\nStates:\n  Say:\n    Type: Wait\n    Seconds: \${Pause}\n    End: true\n`,
  );
  await bench.call('s3', 'PutObject', { Bucket: 'definitions', Key: 'flow.yaml', Body });
  const Properties = {
    Name: 'flow',
    DefinitionUri: 's3://definitions/flow.yaml',
    DefinitionSubstitutions: { Pause: 3 },
  };
  const stack = await bench.create('flows', {
    Transform: SAM,
    Resources: { Flow: { Type: 'AWS::Serverless::StateMachine', Properties } },
  });
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');

  const { definition } = await bench.call<{ definition: string }>('states', 'DescribeStateMachine', {
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:flow',
  });
  expect(JSON.parse(definition)).toEqual({
    StartAt: 'Say',
    States: { Say: { Type: 'Wait', Seconds: 3, End: true } },
  });
});

it('a function keeps environments ready behind its alias, and has what Lambda has of itself', () => {
  const { WorkAliaslive, Work } = expand({
    Work: serverless({
      AutoPublishAlias: 'live',
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
      RuntimeManagementConfig: { UpdateRuntimeOn: 'Auto' },
      RecursiveLoop: 'Allow',
    }),
  });
  expect(properties(WorkAliaslive)).toMatchObject({
    ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
  });
  expect(properties(Work)).toMatchObject({
    RuntimeManagementConfig: { UpdateRuntimeOn: 'Auto' },
    RecursiveLoop: 'Allow',
  });
  expect(() => expand({ Work: serverless({ ProvisionedConcurrencyConfig: {} }) })).toThrow(
    'To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function',
  );
  expect(() => expand({ Work: { Type: 'AWS::Serverless::Function', Properties: { PackageType: 'Image' } } })).toThrow(
    'AWS::Serverless::Function with PackageType Image (resource Work)',
  );
});

it('an HttpApi event is a route, its integration and a permission, on the API that nobody describes', () => {
  const resources = expand(
    {
      Work: serverless({
        Events: {
          Post: { Type: 'HttpApi', Properties: { Path: '/events/{id}', Method: 'post' } },
          Rest: { Type: 'HttpApi' },
        },
      }),
    },
    { Globals: { HttpApi: { CorsConfiguration: true } } },
  );

  expect(properties(resources['ServerlessHttpApi'])).toEqual({
    Name: { Ref: 'AWS::StackName' },
    ProtocolType: 'HTTP',
    CorsConfiguration: { AllowOrigins: ['*'] },
    Tags: { 'httpapi:createdBy': 'SAM' },
  });
  expect(properties(resources['ServerlessHttpApiApiGatewayDefaultStage'])).toMatchObject({
    StageName: '$default',
    AutoDeploy: true,
  });
  expect(properties(resources['WorkPostRoute'])).toEqual({
    ApiId: { Ref: 'ServerlessHttpApi' },
    RouteKey: 'POST /events/{id}',
    Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'WorkPostIntegration' }]] },
  });
  expect(properties(resources['WorkRestRoute'])).toMatchObject({ RouteKey: '$default' });
  expect(JSON.stringify(properties(resources['WorkPostPermission']))).toContain('/POST/events/*');
});

it('an HTTP API of its own has the stage that it names', () => {
  const resources = expand({
    Api: { Type: 'AWS::Serverless::HttpApi', Properties: { StageName: 'dev', StageVariables: { a: '1' } } },
    Work: serverless({
      Events: { Get: { Type: 'HttpApi', Properties: { ApiId: { Ref: 'Api' }, Path: '/', Method: 'GET' } } },
    }),
  });
  expect(properties(resources['ApidevStage'])).toMatchObject({ StageName: 'dev', StageVariables: { a: '1' } });
  expect(resources).not.toHaveProperty('ServerlessHttpApi');
  const iam = { Type: 'AWS::Serverless::HttpApi', Properties: { Auth: { EnableIamAuthorizer: true } } };
  expect(() => expand({ Api: iam })).toThrow('Auth with EnableIamAuthorizer (resource Api)');
});

it('authorizers of an HTTP API stand before its routes: the default one, or the one an event names', () => {
  const event = (Path: string, Auth: JsonObject = {}) => ({
    Type: 'HttpApi',
    Properties: { ApiId: { Ref: 'Api' }, Path, Method: 'GET', Auth },
  });
  const resources = expand({
    Api: {
      Type: 'AWS::Serverless::HttpApi',
      Properties: {
        Auth: {
          DefaultAuthorizer: 'Tokens',
          Authorizers: {
            Tokens: {
              AuthorizationScopes: ['read'],
              JwtConfiguration: { issuer: 'http://127.0.0.1:9000', audience: ['app'] },
            },
            Judge: {
              AuthorizerPayloadFormatVersion: '2.0',
              EnableSimpleResponses: true,
              EnableFunctionDefaultPermissions: true,
              FunctionArn: { 'Fn::GetAtt': ['Judge', 'Arn'] },
              Identity: { Headers: ['X-Key'], ReauthorizeEvery: 30 },
            },
          },
        },
      },
    },
    Work: serverless({
      Events: {
        Default: event('/a'),
        Own: event('/b', { Authorizer: 'Judge' }),
        Open: event('/c', { Authorizer: 'NONE' }),
        Scoped: event('/d', { AuthorizationScopes: ['write'] }),
      },
    }),
  });
  expect(properties(resources['ApiTokensAuthorizer'])).toEqual({
    ApiId: { Ref: 'Api' },
    Name: 'Tokens',
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.header.Authorization'],
    JwtConfiguration: { Issuer: 'http://127.0.0.1:9000', Audience: ['app'] },
  });
  expect(properties(resources['ApiJudgeAuthorizer'])).toMatchObject({
    AuthorizerType: 'REQUEST',
    AuthorizerResultTtlInSeconds: 30,
    IdentitySource: ['$request.header.X-Key'],
  });
  expect(resources['ApiJudgeAuthorizerPermission']).toMatchObject({ Type: 'AWS::Lambda::Permission' });
  const byToken = { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'ApiTokensAuthorizer' } };
  expect(properties(resources['WorkDefaultRoute'])).toMatchObject({ ...byToken, AuthorizationScopes: ['read'] });
  expect(properties(resources['WorkScopedRoute'])).toMatchObject({ ...byToken, AuthorizationScopes: ['write'] });
  expect(properties(resources['WorkOwnRoute'])).toMatchObject({
    AuthorizationType: 'CUSTOM',
    AuthorizerId: { Ref: 'ApiJudgeAuthorizer' },
  });
  expect(properties(resources['WorkOpenRoute'])).not.toHaveProperty('AuthorizerId');
});
