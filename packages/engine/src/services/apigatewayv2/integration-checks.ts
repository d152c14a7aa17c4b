import type { CreateIntegrationCommandInput } from '@aws-sdk/client-apigatewayv2';
import { parseArn } from '@holdfast/aws-model';
import { notSupported, type ServiceEnvironment } from '../../core/index.ts';
import { badRequest } from './errors.ts';
import { own } from './lists.ts';

export const TIMEOUT_MAX_MS = 30_000;
const TIMEOUT_MIN_MS = 50;

interface SubtypeParameters {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html */
export const SUBTYPES: Readonly<Record<string, SubtypeParameters>> = {
  'SQS-SendMessage': {
    required: ['QueueUrl', 'MessageBody'],
    optional: ['DelaySeconds', 'MessageAttributes', 'MessageDeduplicationId', 'MessageGroupId', 'Region'],
  },
  'EventBridge-PutEvents': {
    required: ['Detail', 'DetailType', 'Source'],
    optional: ['Time', 'EventBusName', 'Resources', 'Region', 'TraceHeader'],
  },
  'Kinesis-PutRecord': {
    required: ['StreamName', 'Data', 'PartitionKey'],
    optional: ['SequenceNumberForOrdering', 'ExplicitHashKey', 'Region'],
  },
  'StepFunctions-StartExecution': { required: ['StateMachineArn'], optional: ['Name', 'Input', 'Region'] },
  'StepFunctions-StartSyncExecution': {
    required: ['StateMachineArn'],
    optional: ['Name', 'Input', 'Region', 'TraceHeader'],
  },
};

const FUNCTION_PATH = /^arn:[^:]+:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
const HAS_VARIABLE = /\$\{stageVariables\.[A-Za-z0-9_]+\}/;

/** The function that an integration's URI means: its ARN, or API Gateway's longer way to say it. */
export const functionArnOf = (uri: string): string | undefined => {
  const arn = FUNCTION_PATH.exec(uri)?.[1] ?? uri;
  return HAS_VARIABLE.test(arn) || parseArn(arn)?.service === 'lambda' ? arn : undefined;
};

/** `$request.body.id`, or text with `${request.body.id}` in it; anything else is taken as it is. */
const SELECTOR =
  /^(?:request\.(?:header|querystring)\.[^\s{}]+|request\.path(?:\.[A-Za-z0-9._-]+)?|request\.body(?:[.[][^\s{}]*)?|context\.[A-Za-z0-9_.-]+|stageVariables\.[A-Za-z0-9_]+)$/;

const checkMapping = (name: string, value: string): void => {
  const selectors = value.startsWith('$') && !value.startsWith('${') ? [value.slice(1)] : [];
  for (const [, inner = ''] of value.matchAll(/\$\{([^}]*)\}/g)) selectors.push(inner);
  const wrong = selectors.find((selector) => !SELECTOR.test(selector));
  if (wrong !== undefined) {
    throw badRequest(
      `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${value} for parameter ${name}]`,
    );
  }
};

type Checked = Omit<CreateIntegrationCommandInput, 'ApiId'>;

const checkService = (input: Checked, subtype: string): void => {
  const parameters = own(SUBTYPES, subtype);
  if (parameters === undefined) throw notSupported(`the integration subtype ${subtype}`);
  if (input.CredentialsArn === undefined) {
    throw badRequest('Credentials must be specified for AWS_PROXY integrations with an integration subtype');
  }
  if (!/^arn:[^:]+:iam::\d{12}:role\/.+$/.test(input.CredentialsArn)) {
    throw notSupported('credentials of the caller (CredentialsArn arn:aws:iam::*:user/*)');
  }
  if (input.IntegrationUri !== undefined)
    throw badRequest('IntegrationUri must not be set with an integration subtype');
  if ((input.PayloadFormatVersion ?? '1.0') !== '1.0') {
    throw badRequest('PayloadFormatVersion must be 1.0 for integrations with an integration subtype');
  }
  const mapped = input.RequestParameters ?? {};
  const missing = parameters.required.filter((name) => own(mapped, name) === undefined);
  if (missing.length > 0) {
    throw badRequest(`Parameter: ${missing.join(', ')} is required for integration subtype ${subtype}`);
  }
  for (const [name, value] of Object.entries(mapped)) {
    if (!parameters.required.includes(name) && !parameters.optional.includes(name)) {
      if (name === 'MessageSystemAttributes') throw notSupported(`the request parameter ${name} of ${subtype}`);
      throw badRequest(`Parameter: ${name} does not fit schema for integration subtype ${subtype}`);
    }
    checkMapping(name, value);
  }
};

const METHODS = ['ANY', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

/** An endpoint may have variables of the route and of the stage in its path, not in its host. */
const checkProxy = (input: Checked, http: ServiceEnvironment['http']): void => {
  const { IntegrationUri: uri = '', IntegrationMethod: method = '', IntegrationSubtype } = input;
  if (IntegrationSubtype !== undefined) throw badRequest('IntegrationSubtype is for AWS_PROXY integrations');
  if (!METHODS.includes(method)) throw badRequest(`Invalid HTTP method for HTTP_PROXY integrations: ${method}`);
  if (!/^https?:\/\/[^/]+/.test(uri)) throw badRequest(`Invalid HTTP endpoint specified for URI: ${uri}`);
  if ((input.PayloadFormatVersion ?? '1.0') !== '1.0') {
    throw badRequest('PayloadFormatVersion must be 1.0 for HTTP_PROXY integrations');
  }
  if (Object.keys(input.RequestParameters ?? {}).length > 0) {
    throw notSupported('mappings of requests to HTTP endpoints (RequestParameters)');
  }
  const refusal = http.refusalOf(uri.replace(/\{[^}]*\}/g, 'x'));
  if (refusal !== undefined) throw notSupported(`the HTTP_PROXY integration with ${uri}: ${refusal}`);
};

/** @throws what AWS says of an integration that cannot be, or the name of what is not modelled */
export const checkIntegration = (input: Checked, { http }: Pick<ServiceEnvironment, 'http'>): void => {
  if (input.IntegrationType === undefined) throw badRequest('IntegrationType is required');
  if (input.IntegrationType !== 'AWS_PROXY' && input.IntegrationType !== 'HTTP_PROXY') {
    throw badRequest(`HTTP APIs support only AWS_PROXY and HTTP_PROXY integrations, not ${input.IntegrationType}`);
  }
  if (input.ConnectionType === 'VPC_LINK') throw notSupported('integrations through a VPC link');
  if (Object.keys(input.ResponseParameters ?? {}).length > 0)
    throw notSupported('mappings of responses (ResponseParameters)');
  const timeoutMs = input.TimeoutInMillis ?? TIMEOUT_MAX_MS;
  if (!Number.isInteger(timeoutMs) || timeoutMs < TIMEOUT_MIN_MS || timeoutMs > TIMEOUT_MAX_MS) {
    throw badRequest(`Timeout should be between ${TIMEOUT_MIN_MS} ms and ${TIMEOUT_MAX_MS} ms`);
  }
  if (input.IntegrationType === 'HTTP_PROXY') {
    checkProxy(input, http);
    return;
  }
  if (input.IntegrationSubtype !== undefined) {
    checkService(input, input.IntegrationSubtype);
    return;
  }
  if (Object.keys(input.RequestParameters ?? {}).length > 0) {
    throw notSupported('mappings of requests to functions (RequestParameters)');
  }
  if (input.IntegrationUri === undefined || functionArnOf(input.IntegrationUri) === undefined) {
    throw badRequest(`Invalid function ARN or invalid URI specified for integration: ${input.IntegrationUri ?? null}`);
  }
  if (input.PayloadFormatVersion !== '1.0' && input.PayloadFormatVersion !== '2.0') {
    throw badRequest('PayloadFormatVersion is a required parameter for integrations of type AWS_PROXY: 1.0 or 2.0');
  }
};
