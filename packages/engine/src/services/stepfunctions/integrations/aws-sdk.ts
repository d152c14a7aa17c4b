import { type ApiCaller, type JsonObject, sdkCall } from '../../../core/index.ts';
import type { Integration } from './integration.ts';
import { failureOf, newStyleFailure } from './service-errors.ts';

/** What errors call the services of `aws-sdk` resources. */
const ERROR_NAMES: Readonly<Record<string, string>> = {
  apigatewayv2: 'ApiGatewayV2',
  cloudformation: 'CloudFormation',
  cloudwatch: 'CloudWatch',
  cloudwatchlogs: 'CloudWatchLogs',
  dynamodb: 'DynamoDb',
  dynamodbstreams: 'DynamoDbStreams',
  eventbridge: 'EventBridge',
  iam: 'Iam',
  kinesis: 'Kinesis',
  kms: 'Kms',
  lambda: 'Lambda',
  pipes: 'Pipes',
  s3: 'S3',
  scheduler: 'Scheduler',
  secretsmanager: 'SecretsManager',
  sfn: 'Sfn',
  sns: 'Sns',
  sqs: 'Sqs',
  ssm: 'Ssm',
  sts: 'Sts',
  xray: 'XRay',
};

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
  const service = resourceType.slice('aws-sdk:'.length);
  const name = Object.hasOwn(ERROR_NAMES, service) ? ERROR_NAMES[service] : undefined;
  const { serviceId, action: calledAction } = sdkCall(service, action);
  if (name === undefined || !api.knows(serviceId, calledAction)) return undefined;
  return {
    patterns: ['', 'waitForTaskToken'],
    run: ({ request, environment, context }) =>
      environment.api.call(serviceId, calledAction, withDefaults(serviceId, action, request), context),
    fail: (thrown, call) =>
      failureOf(thrown, call.request, (error) =>
        newStyleFailure(error, name, call.environment.api, serviceId, call.context.requestId),
      ),
  };
};
