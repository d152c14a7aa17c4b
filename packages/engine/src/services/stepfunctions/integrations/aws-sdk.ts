import type { ApiCaller, JsonObject } from '../../../core/index.ts';
import type { Integration } from './integration.ts';
import { failureOf, newStyleFailure } from './service-errors.ts';

/** Services by the names of `aws-sdk` resources: the engine's id, and the name that errors carry. */
const SERVICES: Readonly<Record<string, readonly [id: string, name: string]>> = {
  cloudformation: ['cloudformation', 'CloudFormation'],
  cloudwatch: ['cloudwatch', 'CloudWatch'],
  cloudwatchlogs: ['logs', 'CloudWatchLogs'],
  dynamodb: ['dynamodb', 'DynamoDb'],
  dynamodbstreams: ['dynamodbstreams', 'DynamoDbStreams'],
  eventbridge: ['events', 'EventBridge'],
  iam: ['iam', 'Iam'],
  kinesis: ['kinesis', 'Kinesis'],
  lambda: ['lambda', 'Lambda'],
  pipes: ['pipes', 'Pipes'],
  s3: ['s3', 'S3'],
  scheduler: ['scheduler', 'Scheduler'],
  sfn: ['states', 'Sfn'],
  sns: ['sns', 'Sns'],
  sqs: ['sqs', 'Sqs'],
  ssm: ['ssm', 'Ssm'],
  sts: ['sts', 'Sts'],
};

const actionName = (action: string): string => action.charAt(0).toUpperCase() + action.slice(1);

/** What the SDK adds to requests by itself. */
const withDefaults = (id: string, action: string, request: JsonObject): JsonObject => {
  if (id !== 's3' || action !== 'putObject') return request;
  const { Body } = request;
  // Bodies are written as JSON, texts too.
  const body = Body === undefined ? {} : { Body: JSON.stringify(Body), ContentType: 'text/plain; charset=UTF-8' };
  return {
    ChecksumAlgorithm: 'CRC32',
    ...body,
    ...request,
    ...(Body === undefined ? {} : { Body: body.Body as string }),
  };
};

/** The integration for any action that the engine has; `undefined` for what it does not have. */
export const awsSdkIntegration = (resourceType: string, action: string, api: ApiCaller): Integration | undefined => {
  const [id, name] = SERVICES[resourceType.slice('aws-sdk:'.length)] ?? [];
  if (id === undefined || name === undefined || !api.knows(id, actionName(action))) return undefined;
  return {
    patterns: ['', 'waitForTaskToken'],
    run: ({ request, environment, context }) =>
      environment.api.call(id, actionName(action), withDefaults(id, action, request), context),
    fail: (thrown, call) =>
      failureOf(thrown, call.request, (error) =>
        newStyleFailure(error, name, call.environment.api, id, call.context.requestId),
      ),
  };
};
