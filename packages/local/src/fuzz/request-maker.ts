import type { Random } from '@holdfast/kernel';
import { cborWriters, writeCbor } from '../gateway/codec/cbor.ts';
import { membersOf, type Shape } from '../gateway/codec/shape.ts';
import { httpBindingsOf } from '../gateway/protocol/http-bindings.ts';
import type { OperationModel, ServiceModel } from '../gateway/service-model.ts';
import { jsonTextOf, ODD_TEXTS, ODD_VALUES, pick } from './odd-values.ts';

/** A request as bytes on their way. */
export interface FuzzRequest {
  readonly label: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Names under which {@link ./fuzz-engine.ts} has made one of each kind, and texts that get past first checks. */
const PLAUSIBLE: readonly (readonly [member: RegExp, texts: readonly string[]])[] = [
  [/^QueueUrl$/, ['http://127.0.0.1/000000000000/fuzz']],
  [
    /(Topic|Target|Resource|Source|Stream|Function|EventSource|Rule|EventBus|Queue|DeadLetter)\w*Arn$/i,
    [
      'arn:aws:sqs:us-east-1:000000000000:fuzz',
      'arn:aws:sns:us-east-1:000000000000:fuzz',
      'arn:aws:kinesis:us-east-1:000000000000:stream/fuzz',
      'arn:aws:lambda:us-east-1:000000000000:function:fuzz',
      'arn:aws:events:us-east-1:000000000000:rule/fuzz',
      'arn:aws:dynamodb:us-east-1:000000000000:table/fuzz',
    ],
  ],
  [/role/i, ['arn:aws:iam::000000000000:role/fuzz', 'fuzz']],
  [/Pattern$/, ['{"source":["fuzz"]}', '{ $.a = 1 }']],
  [/^(Detail|Event|Message|MessageBody|logEventMessages|message)$/, ['{"a":1}', 'text']],
  [/Template(Body)?$/, ['{"Resources":{"R":{"Type":"AWS::SQS::Queue"}}}', 'Resources: {}']],
  [/Expression$/, ['a = :a', '#a.b[0]', 'rate(5 minutes)', 'attribute_exists(pk)', 'size(a) > :a']],
  [/Policy(Document)?$/, ['{"Version":"2012-10-17","Statement":[]}']],
];

/** Names of entries of maps; the last are members that every JavaScript object has before anybody gave it one. */
const MAP_KEYS: readonly (readonly string[])[] = [
  ['pk'],
  ['a'],
  ['pk', 'a'],
  ['fuzz'],
  [':a'],
  ['#a'],
  [],
  ['__proto__'],
  ['constructor', 'toString'],
];

const plausibleText = (name: string, random: Random): string => {
  const known = PLAUSIBLE.find(([member]) => member.test(name));
  return known !== undefined && random.nextUnit() < 0.8 ? pick(random, known[1]) : 'fuzz';
};

/** A value for a shape: mostly one that fits. */
const sampleOf = (shape: Shape, name: string, random: Random, required: boolean, depth = 0): unknown => {
  if (shape.isStructSchema()) {
    if (depth > 6) return undefined;
    const members = membersOf(shape);
    const requiredCount = Number((shape.getSchema() as readonly unknown[])[6] ?? 0);
    const isUnion = shape.isUnionSchema() || name === 'Value' || /^(:|AttributeValue)/.test(shape.getName() ?? '');
    const chosen = isUnion
      ? [
          pick(
            random,
            members.map((member, index) => [member, index] as const),
          ),
        ]
      : members
          .map((member, index) => [member, index] as const)
          .filter(([, index]) => index < requiredCount || random.nextUnit() < 0.25);
    return Object.fromEntries(
      chosen.map(([[key, member], index]) => [key, sampleOf(member, key, random, index < requiredCount, depth + 1)]),
    );
  }
  if (shape.isListSchema()) {
    const length = Math.floor(random.nextUnit() * 3) + (required ? 1 : 0);
    return Array.from({ length }, () => sampleOf(shape.getValueSchema() as Shape, name, random, true, depth + 1));
  }
  if (shape.isMapSchema()) {
    const keys = pick(random, MAP_KEYS);
    return Object.fromEntries(
      keys.map((key) => [key, sampleOf(shape.getValueSchema() as Shape, name, random, true, depth + 1)]),
    );
  }
  if (shape.isBlobSchema()) return 'YWJj';
  if (shape.isTimestampSchema()) return 1_735_689_600;
  if (shape.isNumericSchema()) return pick(random, [1, 2, 10, 60, 1_735_689_600_000]);
  if (shape.isBooleanSchema()) return random.nextUnit() < 0.5;
  return plausibleText(name, random);
};

/** Puts odd values into odd places of a document. */
const mutated = (value: unknown, random: Random): unknown => {
  if (random.nextUnit() < 0.12) return pick(random, ODD_VALUES);
  if (Array.isArray(value)) {
    const items = value.map((item) => mutated(item, random));
    return random.nextUnit() < 0.1 ? [...items, ...items, null] : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, member]) => [key, mutated(member, random)] as const);
  if (random.nextUnit() < 0.05) entries.push([pick(random, ODD_TEXTS).slice(0, 3_000), pick(random, ODD_VALUES)]);
  return Object.fromEntries(entries);
};

const signed = (service: ServiceModel): Record<string, string> => ({
  authorization: `AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/${service.wire.signingName}/aws4_request, SignedHeaders=host, Signature=00`,
});

/** `Attributes.entry.1.key=…`, also for values of the wrong kind. */
const queryParameters = (value: unknown, path: string, into: [string, string][]): void => {
  if (Array.isArray(value))
    for (const [index, item] of value.entries()) queryParameters(item, `${path}.member.${index + 1}`, into);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value))
      queryParameters(member, path === '' ? key : `${path}.${key}`, into);
  } else if (into.length < 500) into.push([path, String(value)]);
};

const formOf = (action: string, version: string, input: unknown): string => {
  const parameters: [string, string][] = [];
  queryParameters(input, '', parameters);
  const all = [['Action', action], ['Version', version], ...parameters];
  return all.map(([name = '', text = '']) => `${encoded(name)}=${encoded(text)}`).join('&');
};

/** Percent-encoded, half surrogate pairs as the three bytes that are no UTF-8. */
const encoded = (text: string): string => (text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80');

const headerSafe = (text: string): string => text.replace(/[^\t\x20-\x7e]/g, '?').slice(0, 2_000);

/** A body for S3: elements from the input, whether they belong there or not. */
const xmlOf = (value: unknown, depth = 0): string => {
  if (depth > 2_000) return '';
  if (Array.isArray(value)) return value.map((item) => xmlOf(item, depth + 1)).join('');
  if (typeof value !== 'object' || value === null) return String(value).replace(/&/g, '&amp;');
  return Object.entries(value)
    .map(
      ([name, member]) =>
        `<${name.replace(/[^\w]/g, '_') || '_'}>${xmlOf(member, depth + 1)}</${name.replace(/[^\w]/g, '_') || '_'}>`,
    )
    .join('');
};

/** A request that fits its schema, in the protocol of the service's newer clients. */
export const readOf = (service: ServiceModel, operation: OperationModel, random: Random): FuzzRequest => {
  const input = operation.input.isUnitSchema() ? {} : sampleOf(operation.input, operation.name, random, true);
  const label = `${service.id} ${operation.name}`;
  return operation.http !== undefined && service.wire.protocol.startsWith('rest')
    ? restRequest(service, operation, input, label, random)
    : jsonRequest(service, operation, input, label);
};

/** Makes requests to every operation of a service, each a little wrong. */
export const requestTo = (
  service: ServiceModel,
  operation: OperationModel,
  random: Random,
  refused: ReadonlySet<string> = new Set(),
  oddShare = 0.9,
): FuzzRequest => {
  const sample = operation.input.isUnitSchema() ? {} : sampleOf(operation.input, operation.name, random, true);
  for (const name of refused) delete (sample as Record<string, unknown>)[name];
  const input = random.nextUnit() < oddShare ? mutated(sample, random) : sample;
  const label = `${service.id} ${operation.name}`;
  if (operation.http !== undefined && service.wire.protocol.startsWith('rest'))
    return restRequest(service, operation, input, label, random);
  const kind = random.nextUnit();
  if (kind < 0.55) return jsonRequest(service, operation, input, label);
  if (kind < 0.8) {
    return {
      label: `${label} query`,
      method: 'POST',
      path: '/',
      headers: { ...signed(service), 'content-type': 'application/x-www-form-urlencoded' },
      body: formOf(operation.name, service.wire.apiVersion, input),
    };
  }
  const bytes = Buffer.from(cborOf(operation, input));
  if (random.nextUnit() < 0.2 && bytes.length > 0) {
    for (let flips = Math.ceil(random.nextUnit() * 4); flips > 0; flips--) {
      bytes[Math.floor(random.nextUnit() * bytes.length)] = Math.floor(random.nextUnit() * 256);
    }
  }
  return {
    label: `${label} cbor`,
    method: 'POST',
    path: `/service/${service.wire.target}/operation/${operation.name}`,
    headers: { ...signed(service), 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    body: bytes,
  };
};

const jsonRequest = (service: ServiceModel, operation: OperationModel, input: unknown, label: string): FuzzRequest => ({
  label: `${label} json`,
  method: 'POST',
  path: '/',
  headers: {
    ...signed(service),
    'content-type': `application/x-amz-json-${service.jsonVersion}`,
    'x-amz-target': `${service.wire.target}.${operation.name}`,
  },
  body: jsonTextOf(input),
});

const cborOf = (operation: OperationModel, input: unknown): Uint8Array => {
  try {
    const written = operation.input.isUnitSchema() ? input : cborWriters().compile(operation.input)(input);
    return writeCbor(written);
  } catch {
    // Too odd for the codec: any bytes do.
    return Buffer.from(JSON.stringify(input)).subarray(0, 1_000);
  }
};

const restRequest = (
  service: ServiceModel,
  { input: shape, http }: OperationModel,
  value: unknown,
  label: string,
  random: Random,
): FuzzRequest => {
  const input = (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}) as Record<
    string,
    unknown
  >;
  const [method, template] = http as readonly [string, string, number];
  const bindings = httpBindingsOf(shape);
  const text = (name: string): string => {
    const member = input[name];
    return typeof member === 'string' ? member : typeof member === 'object' ? 'fuzz' : String(member ?? 'fuzz');
  };
  const [pathTemplate = '', literals = ''] = template.split('?');
  let path = pathTemplate.replace(/\{([^}+]+)\+?\}/g, (_, name: string) => encoded(text(name)).slice(0, 4_000));
  if (service.id === 's3' && 'Bucket' in input) path = `/${encoded(text('Bucket'))}${path}`;
  const query = [
    literals,
    ...bindings.queries
      .filter(({ name }) => name in input)
      .map(({ name, wireName }) => `${wireName}=${encoded(text(name)).slice(0, 2_000)}`),
  ];
  const headers: Record<string, string> = { ...signed(service) };
  for (const { name, wireName } of bindings.headers) {
    if (name in input && wireName !== 'content-length') headers[wireName] = headerSafe(text(name));
  }
  const inBody = Object.fromEntries(
    Object.entries(input).filter(
      ([name]) => !membersOf(shape).some(([known, member]) => known === name && !bindings.isInBody(member)),
    ),
  );
  const payload = bindings.payload === undefined ? inBody : input[bindings.payload.name];
  const isBytes = bindings.payload?.shape.isBlobSchema() === true;
  const root = bindings.payload === undefined ? 'Request' : (bindings.payload.shape.getName() ?? 'Payload');
  const body =
    payload === undefined || method === 'GET' || method === 'HEAD'
      ? ''
      : isBytes
        ? String(text(bindings.payload?.name ?? ''))
        : service.id === 's3'
          ? `<${root}>${xmlOf(payload)}</${root}>`
          : jsonTextOf(payload);
  const odd = random.nextUnit() < 0.05 ? '?%zz&=&X-Amz-Credential=%' : '';
  const all = query.filter((part) => part !== '').join('&');
  return { label: `${label} rest`, method, path: `${path || '/'}${all === '' ? odd : `?${all}`}`, headers, body };
};
