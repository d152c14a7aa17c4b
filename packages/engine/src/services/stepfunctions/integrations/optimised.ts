import { makeArn } from '@holdfast/aws-model';
import { utf8Length } from '@holdfast/kernel';
import { type Json, type JsonObject, ServiceError } from '../../../core/index.ts';
import { StateFailure } from '../language/errors.ts';
import { type Integration, type StartedExecution, sdkMetadata, type TaskCall } from './integration.ts';
import { failureOf, oldStyleFailure } from './service-errors.ts';

const dateText = (call: TaskCall): string => new Date(call.context.now).toUTCString();

/** Bodies may be written as JSON where the service takes text. */
const asText = (value: Json | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));

const pick = (request: JsonObject, members: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(request).filter(([name]) => members.includes(name)));

const then = <From, To>(value: From | Promise<From>, map: (value: From) => To): To | Promise<To> =>
  value instanceof Promise ? value.then(map) : map(value);

const told =
  (id: string, prefix: string, fallback: string, service: string): Integration['fail'] =>
  (thrown, call) =>
    failureOf(thrown, call.request, (error) =>
      oldStyleFailure(error, { prefix, fallback, service }, call.environment.api, id, call.context.requestId),
    );

const LAMBDA_MEMBERS = ['ClientContext', 'FunctionName', 'InvocationType', 'LogType', 'Payload', 'Qualifier'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
const invoke: Integration = {
  patterns: ['', 'waitForTaskToken'],
  run: (call) => {
    const { request, environment, context } = call;
    const input = {
      ...pick(request, LAMBDA_MEMBERS),
      ...(request.Payload === undefined ? {} : { Payload: payloadText(request.Payload) }),
    };
    return then(environment.api.call('lambda', 'Invoke', input, context), (output) => invoked(call, output));
  },
  fail: (thrown, call) => lambdaFailure(thrown, call),
};

const lambdaTold = told('lambda', 'Lambda', 'AWSLambdaException', 'AWSLambda');

const lambdaFailure = (thrown: unknown, call: TaskCall): Error => {
  if (thrown instanceof ServiceError && thrown.code === 'ResourceNotFoundException') {
    const name = String(call.request.FunctionName);
    const qualifier = call.request.Qualifier ?? '$LATEST';
    const { account, region } = call.execution;
    const arn = name.startsWith('arn:') ? name : makeArn('lambda', region, account, `function:${name}`);
    const message = /:function:[^:]+$/.test(arn)
      ? `Function not found: ${arn}:${qualifier}`
      : `Function not found: ${arn}`;
    return lambdaTold(new ServiceError(thrown.code, message, 404), call);
  }
  return lambdaTold(thrown, call);
};

/** Texts that are JSON are sent as they are. */
const payloadText = (payload: Json): string => {
  if (payload === null) return '{}';
  const isJson = typeof payload === 'string' && typeof parsePayload(payload) !== 'string';
  return isJson || (typeof payload === 'string' && /^".*"$/s.test(payload))
    ? (payload as string)
    : JSON.stringify(payload);
};

/** The function's own error, by the name that it has there. `isCompact`: without spaces between members. */
export const functionFailure = (payload: string, isCompact: boolean): StateFailure => {
  const error = parsePayload(payload);
  const type = typeof error === 'object' && error !== null ? (error as JsonObject).errorType : undefined;
  const cause = typeof error === 'string' || !isCompact ? payload : JSON.stringify(error);
  return new StateFailure(typeof type === 'string' && type !== '' ? type : 'Lambda.Unknown', cause);
};

export const parsePayload = (payload: string): Json => {
  try {
    return JSON.parse(payload) as Json;
  } catch {
    return payload;
  }
};

const invoked = (call: TaskCall, output: JsonObject): Json => {
  const payload = (output.Payload as string | null | undefined) ?? '';
  if (output.FunctionError !== undefined && output.FunctionError !== null) throw functionFailure(payload, true);
  const { requestId } = call.context;
  const headers = {
    'X-Amz-Executed-Version': String(output.ExecutedVersion ?? '$LATEST'),
    ...(typeof output.LogResult === 'string' ? { 'X-Amz-Log-Result': output.LogResult } : {}),
    'x-amzn-Remapped-Content-Length': '0',
    Connection: 'keep-alive',
    'x-amzn-RequestId': requestId,
    'Content-Length': String(utf8Length(payload)),
    Date: dateText(call),
    'X-Amzn-Trace-Id':
      call.context.traceHeader ?? `Root=1-${requestId.slice(0, 8)}-${requestId.replaceAll('-', '').slice(8)}`,
    'Content-Type': 'application/json',
  };
  return {
    ExecutedVersion: output.ExecutedVersion ?? '$LATEST',
    ...(payload === '' ? {} : { Payload: parsePayload(payload) }),
    ...(output.LogResult === undefined ? {} : { LogResult: output.LogResult }),
    ...sdkMetadata(requestId, headers),
    StatusCode: output.StatusCode ?? 200,
  };
};

const SQS_MEMBERS = [
  'DelaySeconds',
  'MessageAttribute',
  'MessageAttributes',
  'MessageBody',
  'MessageDeduplicationId',
  'MessageGroupId',
  'QueueUrl',
];

/** The older SDK writes what it was given with `MessageAttribute` as well. */
const sendMessage: Integration = {
  patterns: ['', 'waitForTaskToken'],
  prepare: (request) => pick(request, SQS_MEMBERS),
  run: (call) => {
    const { request, environment, context } = call;
    const url = request.QueueUrl;
    if (typeof url === 'string' && !/^https?:\/\//.test(url)) {
      const host = url.split('/')[0];
      throw new StateFailure(
        'SQS.SdkClientException',
        `Unable to execute HTTP request: ${host}: Name or service not known`,
      );
    }
    if (request.MessageBody === undefined || request.MessageBody === null) {
      throw new ServiceError('MissingParameter', 'The request must contain the parameter MessageBody.', 400);
    }
    const input = { ...pick(request, SQS_MEMBERS), MessageBody: asText(request.MessageBody) };
    return then(environment.api.call('sqs', 'SendMessage', input, context), (output) => ({
      ...output,
      ...sdkMetadata(context.requestId, {
        'x-amzn-RequestId': context.requestId,
        connection: 'keep-alive',
        'Content-Length': String(JSON.stringify(output).length),
        Date: dateText(call),
        'Content-Type': 'application/x-amz-json-1.0',
      }),
    }));
  },
  fail: (thrown, call) => {
    const isKnown = thrown instanceof ServiceError && thrown.code.endsWith('QueueDoesNotExist');
    if (isKnown) return told('sqs', 'SQS', 'QueueDoesNotExistException', 'AmazonSQS')(thrown, call);
    return told('sqs', 'SQS', 'AmazonSQSException', 'AmazonSQS')(thrown, call);
  },
};

/** Length of the XML that SNS answers beyond its message's id. */
const SNS_ANSWER_BYTES = 294;

const publish: Integration = {
  patterns: ['', 'waitForTaskToken'],
  run: (call) => {
    const { request, environment, context } = call;
    const input = request.Message === undefined ? request : { ...request, Message: asText(request.Message) };
    return then(environment.api.call('sns', 'Publish', input, context), (output) => ({
      ...output,
      ...sdkMetadata(context.requestId, {
        'x-amzn-RequestId': context.requestId,
        connection: 'keep-alive',
        'Content-Length': String(SNS_ANSWER_BYTES + (output.SequenceNumber === undefined ? 0 : 58)),
        Date: dateText(call),
        'Content-Type': 'text/xml',
      }),
    }));
  },
  fail: told('sns', 'SNS', 'AmazonSNSException', 'AmazonSNS'),
};

const dynamoDb = (action: string): Integration => ({
  patterns: [''],
  run: (call) => {
    const { request, environment, context } = call;
    return then(environment.api.call('dynamodb', action, request, context), (output) => ({
      ...output,
      ...sdkMetadata(context.requestId, {
        Server: 'Server',
        Connection: 'keep-alive',
        // As recorded: this one action writes the header in small letters.
        [action === 'GetItem' ? 'x-amzn-requestid' : 'x-amzn-RequestId']: context.requestId,
        'x-amz-crc32': '0',
        'Content-Length': String(utf8Length(JSON.stringify(output))),
        Date: dateText(call),
        'Content-Type': 'application/x-amz-json-1.0',
      }),
    }));
  },
  fail: told('dynamodb', 'DynamoDB', 'AmazonDynamoDBException', 'AmazonDynamoDBv2'),
});

/** Details may be written as JSON; the execution is added to what the events are about. */
const putEvents: Integration = {
  patterns: ['', 'waitForTaskToken'],
  run: (call) => {
    const { request, environment, context, execution } = call;
    const about = [execution.machineArn, execution.arn];
    const entries = (Array.isArray(request.Entries) ? (request.Entries as readonly JsonObject[]) : []).map((entry) => ({
      ...entry,
      ...(entry.Detail === undefined ? {} : { Detail: asText(entry.Detail) }),
      Resources: [...((entry.Resources ?? []) as readonly string[]), ...about],
    }));
    const input = request.Entries === undefined ? request : { ...request, Entries: entries };
    // Of this service AWS tells nothing of the SDK's own.
    return then(environment.api.call('events', 'PutEvents', input, context), (output) => {
      if (Number(output.FailedEntryCount ?? 0) > 0)
        throw new StateFailure('EventBridge.FailedEntry', JSON.stringify(output));
      return output;
    });
  },
  fail: told('events', 'EventBridge', 'AmazonEventBridgeException', 'AmazonEventBridge'),
};

/** Length of the service's own answer, in which the seconds stand as Java writes doubles: `1.722597236551E9`. */
const startedLength = ({ executionArn, startedAt }: StartedExecution): number => {
  const digits = String(startedAt).replace(/0+$/, '');
  return `{"executionArn":"${executionArn}","startDate":${digits.charAt(0)}.${digits.slice(1) || '0'}E9}`.length;
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
const startExecution: Integration = {
  patterns: ['', 'sync', 'sync:2', 'waitForTaskToken'],
  run: (call) => {
    const { request, context } = call;
    const input = request.Input === undefined || request.Input === null ? '{}' : asText(request.Input);
    const started = call.startExecution(String(request.StateMachineArn), input, request.Name as string | undefined);
    return {
      ExecutionArn: started.executionArn,
      ...sdkMetadata(context.requestId, {
        'x-amzn-RequestId': context.requestId,
        connection: 'keep-alive',
        'Content-Length': String(startedLength(started)),
        Date: dateText(call),
        'Content-Type': 'application/x-amz-json-1.0',
      }),
      StartDate: started.startedAt,
    };
  },
  fail: (thrown, call) =>
    failureOf(thrown, call.request, (error) => {
      const facts = { prefix: 'StepFunctions', fallback: 'AWSStepFunctionsException', service: 'AWSStepFunctions' };
      const { requestId } = call.context;
      return new StateFailure(
        `StepFunctions.${error.code.endsWith('Exception') ? error.code : `${error.code}Exception`}`,
        `${error.message} (Service: ${facts.service}; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null)`,
      );
    }),
};

/** Integrations that Step Functions has made for a service's action. */
export const OPTIMISED: Readonly<Record<string, Integration>> = {
  'lambda:invoke': invoke,
  'sqs:sendMessage': sendMessage,
  'sns:publish': publish,
  'dynamodb:getItem': dynamoDb('GetItem'),
  'dynamodb:putItem': dynamoDb('PutItem'),
  'dynamodb:updateItem': dynamoDb('UpdateItem'),
  'dynamodb:deleteItem': dynamoDb('DeleteItem'),
  'events:putEvents': putEvents,
  'states:startExecution': startExecution,
};
