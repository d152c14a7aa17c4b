import { assumedRoleArn } from '@holdfast/aws-model';
import { bytesOfBase64 } from '@holdfast/kernel';
import { isObject, type RouteAnswer, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { apiMessage, type IntegrationOutcome, type RoutedRequest } from './api-request.ts';
import { SUBTYPES } from './integration-checks.ts';
import { RequestMapping } from './request-mapping.ts';

type Mapped = Readonly<Record<string, string | undefined>>;

/** The action of a service that an integration performs, and how its answer is written. */
interface ServiceAction {
  readonly service: string;
  readonly action: string;
  readonly inputOf: (mapped: Mapped) => object;
  /** Whether optional parameters that are mapped must have values too. */
  readonly needsAll?: true;
  readonly answer: (output: Output, requestId: string) => RouteAnswer;
  readonly refuse: (error: ServiceError, requestId: string) => RouteAnswer;
}

type Output = Readonly<Record<string, unknown>>;

/** Of what a caller sent, in what the caller is told. */
const SHOWN_MAX = 200;

const misfit = (name: string, wanted: string): ServiceError =>
  new ServiceError('BadRequestException', `${name} must be ${wanted}`, 400);

/** What callers send does not pass by the wire that checks the forms of actions. */
const parsed = (text: string | undefined, name: string, wanted: string, isWanted: (value: unknown) => boolean) => {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw misfit(name, `JSON: ${wanted}`);
  }
  if (!isWanted(value)) throw misfit(name, wanted);
  return value;
};

const isTextOrNothing = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isAttribute = (value: unknown): boolean =>
  isObject(value) && [value['DataType'], value['StringValue'], value['BinaryValue']].every(isTextOrNothing);

const attributesOf = (text: string | undefined): unknown => {
  const wanted = 'an object of attributes, each with DataType and StringValue or BinaryValue as text';
  const isWanted = (value: unknown) =>
    isObject(value) && !Object.hasOwn(value, '__proto__') && Object.values(value).every(isAttribute);
  const attributes = parsed(text, 'MessageAttributes', wanted, isWanted);
  if (attributes === undefined) return undefined;
  const entries = Object.entries(attributes as Readonly<Record<string, { readonly BinaryValue?: string }>>);
  return Object.fromEntries(
    entries.map(([name, { BinaryValue: bytes, ...rest }]) => [
      name,
      bytes === undefined ? rest : { ...rest, BinaryValue: bytesOfBase64(bytes) },
    ]),
  );
};

const resourcesOf = (text: string | undefined): unknown =>
  parsed(
    text,
    'Resources',
    'a list of texts',
    (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
  );

const timeOf = (text: string | undefined): Date | undefined => {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw misfit('Time', 'a date and time of ISO 8601');
  return time;
};

/** The service takes text for bytes as its JSON protocol does: base64. */
const blobOf = (text = ''): Uint8Array => {
  const isMultiple = text.length % 4 === 0;
  if (isMultiple && !/[^A-Za-z0-9+/]/.test(text.replace(/={1,2}$/, ''))) return bytesOfBase64(text);
  const why = isMultiple
    ? 'Invalid Base64 character'
    : `Base64 encoded length is expected a multiple of 4 bytes but found: ${text.length}`;
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}...` : text;
  throw new ServiceError('SerializationException', `'${shown}' can not be converted to a Blob: ${why}`, 400);
};

const numeric = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

/** Times are seconds, as the JSON protocols write them. */
const json =
  (version: '1.0' | '1.1') =>
  (output: Output): RouteAnswer => {
    const members = Object.entries(output).filter(([name]) => name !== '$metadata');
    const body = Object.fromEntries(
      members.map(([name, value]) => [name, value instanceof Date ? value.getTime() / 1_000 : value]),
    );
    const headers = ['Content-Type', `application/x-amz-json-${version}`];
    return { status: 200, headers, body: JSON.stringify(body) };
  };

const jsonRefusal =
  (version: '1.0' | '1.1') =>
  ({ code, message, status }: ServiceError): RouteAnswer => ({
    status,
    headers: ['Content-Type', `application/x-amz-json-${version}`],
    body: JSON.stringify({ __type: code, message }),
  });

const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => `&#${letter.codePointAt(0)};`);

const elements = (members: Output, names: readonly string[]): string =>
  names
    .filter((name) => members[name] !== undefined)
    .map((name) => `<${name}>${escaped(String(members[name]))}</${name}>`)
    .join('');

const xml = (status: number, body: string): RouteAnswer => ({
  status,
  headers: ['Content-Type', 'text/xml'],
  body: `<?xml version="1.0"?>${body}`,
});

const SQS_NAMESPACE = 'http://queue.amazonaws.com/doc/2012-11-05/';
const SENT = ['MessageId', 'MD5OfMessageBody', 'MD5OfMessageAttributes', 'SequenceNumber'];

const startInput = ({ StateMachineArn, Name, Input, TraceHeader }: Mapped): object => ({
  stateMachineArn: StateMachineArn,
  name: Name,
  input: Input,
  traceHeader: TraceHeader,
});

const states = (action: string): ServiceAction => ({
  service: 'states',
  action,
  inputOf: startInput,
  answer: json('1.0'),
  refuse: jsonRefusal('1.0'),
});

const ACTIONS: Readonly<Record<string, ServiceAction>> = {
  'SQS-SendMessage': {
    service: 'sqs',
    action: 'SendMessage',
    inputOf: ({ DelaySeconds, MessageAttributes, Region: _, ...mapped }) => ({
      ...mapped,
      DelaySeconds: numeric(DelaySeconds),
      MessageAttributes: attributesOf(MessageAttributes),
    }),
    answer: (output, requestId) =>
      xml(
        200,
        `<SendMessageResponse xmlns="${SQS_NAMESPACE}"><SendMessageResult>${elements(output, SENT)}</SendMessageResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></SendMessageResponse>`,
      ),
    refuse: ({ code, message, status }, requestId) =>
      xml(
        status,
        `<ErrorResponse xmlns="${SQS_NAMESPACE}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type>${elements({ Code: code, Message: message }, ['Code', 'Message'])}<Detail/></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
      ),
  },
  'EventBridge-PutEvents': {
    service: 'events',
    action: 'PutEvents',
    inputOf: ({ Time, Resources, Region: _, ...mapped }) => ({
      Entries: [
        {
          ...mapped,
          Resources: resourcesOf(Resources),
          Time: timeOf(Time),
        },
      ],
    }),
    answer: json('1.1'),
    refuse: jsonRefusal('1.1'),
  },
  'Kinesis-PutRecord': {
    service: 'kinesis',
    action: 'PutRecord',
    needsAll: true,
    inputOf: ({ Data, Region: _, ...mapped }) => ({ ...mapped, Data: blobOf(Data) }),
    answer: json('1.1'),
    // That there is no such stream is not the caller's mistake.
    refuse: (error) =>
      error.code === 'ResourceNotFoundException' ? apiMessage(500, 'Internal Server Error') : jsonRefusal('1.1')(error),
  },
  'StepFunctions-StartExecution': states('StartExecution'),
  'StepFunctions-StartSyncExecution': states('StartSyncExecution'),
};

/** Performs an action of another service in the integration's role. Never rejects. */
export const callService = async (
  environment: ServiceEnvironment,
  routed: RoutedRequest,
): Promise<IntegrationOutcome> => {
  const { integration, api } = routed;
  const subtype = integration?.IntegrationSubtype ?? '';
  const action = ACTIONS[subtype] as ServiceAction;
  const mapping = new RequestMapping(routed);
  const mapped = Object.fromEntries(
    Object.entries(integration?.RequestParameters ?? {}).map(([name, value]) => [name, mapping.resolve(value)]),
  );
  const needed = action.needsAll === true ? Object.keys(mapped) : (SUBTYPES[subtype]?.required ?? []);
  if (needed.some((name) => mapped[name] === undefined)) {
    return {
      answer: apiMessage(400, 'Bad Request'),
      errorMessage: 'A required parameter has no value in this request.',
    };
  }
  const requestId = environment.ids.uuid();
  const [, account = api.account, role = ''] =
    /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?(.+)$/.exec(integration?.CredentialsArn ?? '') ?? [];
  const context = {
    account,
    region: mapped['Region'] ?? api.region,
    requestId,
    now: environment.clock.now(),
    callerArn: assumedRoleArn(account, role, requestId),
    traceHeader: routed.traceHeader,
    sourceIp: routed.request.sourceIp,
  };
  try {
    const input = Object.entries(action.inputOf(mapped)).filter(([, value]) => value !== undefined);
    const output = await environment.call(action.service, action.action, Object.fromEntries(input), context);
    return { answer: action.answer(output as Output, requestId), status: 200, requestId };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const answer = action.refuse(error, requestId);
    return { answer, status: error.status, requestId, errorMessage: error.message };
  }
};
