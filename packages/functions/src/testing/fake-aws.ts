import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { type AttributeValue, ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';

/** A command as the SDK hands it to a client: its class names the operation. */
interface Command {
  readonly constructor: { readonly name: string };
  // biome-ignore lint/suspicious/noExplicitAny: fakes read the inputs of many operations.
  readonly input: any;
}

type Item = Record<string, AttributeValue>;

const operationOf = (command: Command): string => command.constructor.name.replace(/Command$/, '');

/** A client whose operations are functions; everything sent is kept. An operation that is not there fails the test. */
export class FakeClient {
  readonly sent: { readonly operation: string; readonly input: Command['input'] }[] = [];
  /** Throw here to fail an operation; runs before it. */
  before: (operation: string, input: Command['input']) => void = () => {};
  readonly operations: Record<string, (input: Command['input'], signal?: AbortSignal) => unknown>;

  constructor(operations: Record<string, (input: Command['input'], signal?: AbortSignal) => unknown>) {
    this.operations = operations;
  }

  /** What the handlers take for an SDK client. */
  get client(): never {
    return { send: this.send } as never;
  }

  readonly send = async (command: Command, options?: { abortSignal?: AbortSignal }): Promise<unknown> => {
    const operation = operationOf(command);
    const run = this.operations[operation];
    if (run === undefined) throw new Error(`the fake does not know ${operation}`);
    this.sent.push({ operation, input: command.input });
    this.before(operation, command.input);
    return run(command.input, options?.abortSignal);
  };

  inputsOf(operation: string): Command['input'][] {
    return this.sent.filter((sent) => sent.operation === operation).map((sent) => sent.input);
  }
}

/** Builds an error as the SDK throws it. */
export const sdkError = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode }, $fault: 'client' });

/** Objects in memory. */
export const fakeS3 = () => {
  const objects = new Map<string, Buffer>();
  const lastModified = new Date('2025-11-28T08:00:00.000Z');
  const find = (key: string, name: string): Buffer => {
    const body = objects.get(key);
    if (body === undefined) throw sdkError(name, 404);
    return body;
  };
  const facts = (body: Buffer) => ({
    ETag: `"${hash('md5', body, 'hex')}"`,
    ContentLength: body.length,
    LastModified: lastModified,
  });
  const fake = new FakeClient({
    PutObject: ({ Key, Body }) => {
      objects.set(Key, Buffer.from(Body));
      return {};
    },
    HeadObject: ({ Key }) => facts(find(Key, 'NotFound')),
    GetObject: ({ Key }) => {
      const body = find(Key, 'NoSuchKey');
      // Odd chunks, so that characters and rows are cut in the middle.
      const chunks: Buffer[] = [];
      for (let at = 0; at < body.length; at += 997) chunks.push(body.subarray(at, at + 997));
      return { ...facts(body), Body: Readable.from(chunks, { objectMode: false }) };
    },
  });
  return Object.assign(fake, { objects });
};

const KEYS: Record<string, readonly string[]> = {
  products: ['vendor_id', 'vendor_product_id'],
  uploads: ['vendor_id', 'file_key'],
  'retry-state': ['message_id'],
};

/** Just enough DynamoDB for the expressions that the handlers write. */
export const fakeDynamoDB = () => {
  const tables = new Map<string, Map<string, Item>>(Object.keys(KEYS).map((name) => [name, new Map()]));
  const table = (name: string): Map<string, Item> => tables.get(name) as Map<string, Item>;
  const keyOf = (name: string, item: Item): string =>
    JSON.stringify((KEYS[name] as string[]).map((member) => item[member]?.S));

  const checkCondition = (input: Command['input'], existing: Item | undefined): void => {
    const condition: string | undefined = input.ConditionExpression;
    if (condition === undefined) return;
    const equals = /^#?(\w+) = (:\w+)$/.exec(condition);
    const holds =
      equals === null
        ? condition === 'attribute_not_exists(vendor_id)' && existing === undefined
        : existing !== undefined &&
          JSON.stringify(existing[equals[1] as string]) ===
            JSON.stringify(input.ExpressionAttributeValues[equals[2] as string]);
    if (holds) return;
    throw new ConditionalCheckFailedException({
      message: 'The conditional request failed',
      $metadata: {},
      ...(input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && { Item: existing }),
    });
  };

  const applyUpdate = (input: Command['input'], item: Item): void => {
    const values: Item = input.ExpressionAttributeValues ?? {};
    const clauses = (input.UpdateExpression as string).split(/\b(SET|REMOVE|ADD)\b/).slice(1);
    for (let index = 0; index < clauses.length; index += 2) {
      const parts = (clauses[index + 1] as string).trim().split(/,\s+(?![^(]*\))/);
      for (const part of parts) {
        if (clauses[index] === 'REMOVE') {
          delete item[part.replace('#', '')];
          continue;
        }
        const [rawName, ...rest] = part.split(clauses[index] === 'ADD' ? ' ' : ' = ') as [string, ...string[]];
        const name = rawName.replace('#', '');
        const source = rest.join('');
        if (clauses[index] === 'ADD') {
          item[name] = { N: String(Number(item[name]?.N ?? 0) + Number(values[source]?.N)) };
          continue;
        }
        const keep = /^if_not_exists\(\w+, (:\w+)\)$/.exec(source);
        if (keep !== null) item[name] ??= values[keep[1] as string] as AttributeValue;
        else item[name] = values[source] as AttributeValue;
      }
    }
  };

  const fake = new FakeClient({
    GetItem: ({ TableName, Key }) => ({ Item: table(TableName).get(keyOf(TableName, Key)) }),
    PutItem: (input) => {
      const key = keyOf(input.TableName, input.Item);
      checkCondition(input, table(input.TableName).get(key));
      table(input.TableName).set(key, input.Item);
      return {};
    },
    UpdateItem: (input) => {
      const key = keyOf(input.TableName, input.Key);
      const existing = table(input.TableName).get(key);
      checkCondition(input, existing);
      const item: Item = { ...(existing ?? input.Key) };
      applyUpdate(input, item);
      table(input.TableName).set(key, item);
      return input.ReturnValues === 'ALL_OLD' && existing !== undefined ? { Attributes: existing } : {};
    },
    DeleteItem: ({ TableName, Key }) => {
      table(TableName).delete(keyOf(TableName, Key));
      return {};
    },
    BatchWriteItem: ({ RequestItems }) => {
      for (const [name, requests] of Object.entries(RequestItems as Record<string, { PutRequest: { Item: Item } }[]>)) {
        if (requests.length > 25) throw sdkError('ValidationException', 400);
        const keys = new Set(requests.map(({ PutRequest }) => keyOf(name, PutRequest.Item)));
        if (keys.size < requests.length) throw sdkError('ValidationException', 400);
        for (const { PutRequest } of requests) table(name).set(keyOf(name, PutRequest.Item), PutRequest.Item);
      }
      return {};
    },
    BatchGetItem: ({ RequestItems }) => ({
      Responses: Object.fromEntries(
        Object.entries(RequestItems as Record<string, { Keys: Item[] }>).map(([name, { Keys }]) => [
          name,
          Keys.map((key) => table(name).get(keyOf(name, key))).filter((item) => item !== undefined),
        ]),
      ),
    }),
  });
  return Object.assign(fake, { table });
};

/** A topic that remembers what was published. */
export const fakeSns = () => new FakeClient({ Publish: () => ({ MessageId: 'notice' }) });

/** Log lines, kept. */
export const recordingLog = () => {
  const lines: { readonly level: string; readonly message: string; readonly details: Record<string, unknown> }[] = [];
  const at = (level: string) => (message: string, details: Record<string, unknown>) => {
    lines.push({ level, message, details });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
};
