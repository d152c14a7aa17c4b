import {
  type _Object,
  DeleteObjectCommand,
  GetObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { reasonOfPayload } from './reasons/reason.ts';
import type { DeadLetterQueue } from './redrive-ports.ts';
import { restartName } from './restart-name.ts';
import type { LookedAt } from './sqs-queue.ts';
import type { Target } from './target.ts';
import { ORIGIN, objectOf, parseObject } from './way-back.ts';

/** Hands out each once: what has no visibility timeout is not given to two by one job. */
class HandedOut {
  readonly #taken = new Set<string>();
  readonly #source: AsyncIterator<Message>;

  constructor(source: AsyncIterator<Message>) {
    this.#source = source;
  }

  async receive(): Promise<readonly Message[]> {
    const messages: Message[] = [];
    while (messages.length < 10) {
      const { value, done } = await this.#source.next();
      if (done === true) break;
      const { MessageId = '' } = value;
      if (this.#taken.has(MessageId)) continue;
      this.#taken.add(MessageId);
      messages.push(value);
    }
    return messages;
  }
}

/** `JSON.stringify` writes bytes with their positions as names. */
const bytesOf = (written: unknown): Uint8Array => Uint8Array.from(Object.values(objectOf(written)).map(Number));

const attributeOf = (written: unknown): MessageAttributeValue | undefined => {
  const { DataType, StringValue, BinaryValue } = objectOf(written);
  if (typeof DataType !== 'string') return undefined;
  if (typeof StringValue === 'string') return { DataType, StringValue };
  return BinaryValue === undefined ? undefined : { DataType, BinaryValue: bytesOf(BinaryValue) };
};

/** Attributes as `JSON.stringify` wrote them; what is none is left out. */
export const attributesOf = (written: unknown): Record<string, MessageAttributeValue> => {
  const attributes: Record<string, MessageAttributeValue> = {};
  for (const [name, value] of Object.entries(objectOf(written))) {
    const attribute = attributeOf(value);
    if (attribute !== undefined) attributes[name] = attribute;
  }
  return attributes;
};

const textsOf = (written: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(objectOf(written)).filter(([, value]) => typeof value === 'string')) as Record<
    string,
    string
  >;

/** Of an archived message that does not say in which queue it lay: who fills some queue says nothing of it. */
const NOWHERE = '';

/**
 * The message in an archived object, as the queue gave it; an object that holds none is its own body. Of a ledger it also
 * names the queue that the message was taken from.
 */
export const archivedMessage = (key: string, text: string, at: Date | undefined): LookedAt => {
  const { message, queueArn } = parseObject(text) ?? {};
  const SentTimestamp = String(at?.getTime() ?? 0);
  const { Body, Attributes, MessageAttributes } = objectOf(message);
  if (typeof Body !== 'string') return { MessageId: key, Body: text, Attributes: { SentTimestamp }, lay: NOWHERE };
  return {
    MessageId: key,
    Body,
    Attributes: { SentTimestamp, ...textsOf(Attributes) },
    MessageAttributes: attributesOf(MessageAttributes),
    lay: typeof queueArn === 'string' ? queueArn : NOWHERE,
  };
};

/** One archived dead letter. */
export const readArchived = async (
  target: Target,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Promise<LookedAt> => {
  const s3 = new S3Client({ ...target, forcePathStyle: target.endpoint !== undefined });
  const { Body, LastModified } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return archivedMessage(key, (await Body?.transformToString()) ?? '', LastModified);
};

/** Objects below a prefix: dead letters that were archived. What was sent again is deleted there, as in a queue. */
export class ArchivedLetters implements DeadLetterQueue {
  readonly arn: string;
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;
  readonly #handedOut: HandedOut;
  readonly #known = new Set<string>();

  /** @param arn - `arn:aws:s3:::bucket/prefix` */
  constructor(target: Target, arn: string) {
    this.arn = arn;
    this.#s3 = new S3Client({ ...target, forcePathStyle: target.endpoint !== undefined });
    const [bucket = '', ...prefix] = arn.split(':').slice(5).join(':').split('/');
    this.#bucket = bucket;
    this.#prefix = prefix.join('/');
    this.#handedOut = new HandedOut(this.all());
  }

  receive(): Promise<readonly Message[]> {
    return this.#handedOut.receive();
  }

  async delete({ MessageId: Key }: Message): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key }));
  }

  async release(): Promise<void> {}

  /** How many there are; {@link arrivals} are what comes after it. */
  async count(): Promise<number> {
    for await (const { Key = '' } of this.#listed()) this.#known.add(Key);
    return this.#known.size;
  }

  async arrivals(): Promise<readonly Message[]> {
    const messages: Message[] = [];
    for await (const each of this.#listed()) {
      const { Key = '' } = each;
      if (this.#known.has(Key)) continue;
      this.#known.add(Key);
      messages.push(await this.#read(each));
    }
    return messages;
  }

  async *all(): AsyncGenerator<LookedAt> {
    for await (const each of this.#listed()) yield await this.#read(each);
  }

  async *#listed(): AsyncGenerator<_Object> {
    const pages = paginateListObjectsV2({ client: this.#s3 }, { Bucket: this.#bucket, Prefix: this.#prefix });
    for await (const { Contents = [] } of pages) yield* Contents;
  }

  async #read({ Key = '', LastModified }: _Object): Promise<LookedAt> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key }));
    return archivedMessage(Key, (await Body?.transformToString()) ?? '', LastModified);
  }
}

/** An execution that ended badly, as a dead letter whose source is its state machine. */
export const executionMessage = (
  { executionArn, name, input, error, cause, status, stopDate }: Omit<DescribeExecutionOutput, '$metadata'>,
  stateMachineArn: string,
): LookedAt => {
  // What a function failed with is JSON in the cause; of others the error's name says as much as the cause.
  const reason = reasonOfPayload(cause ?? '');
  const said = reason?.error ?? [error, cause].filter((part) => part !== undefined).join(': ');
  const text = (StringValue: string): MessageAttributeValue => ({ DataType: 'String', StringValue });
  return {
    MessageId: name ?? executionArn ?? '',
    Body: input ?? '{}',
    Attributes: { SentTimestamp: String(stopDate?.getTime() ?? 0), ApproximateReceiveCount: '1' },
    MessageAttributes: {
      [ORIGIN]: text(stateMachineArn),
      ErrorCode: text(error ?? status ?? ''),
      ...(cause === undefined ? {} : { ErrorMessage: text(said) }),
    },
    ...(reason?.stack === undefined ? {} : { stack: reason.stack }),
  };
};

const ENDED_BADLY = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** Names by the ARN of executions that ended badly, but for those that a redrive has started again. */
export const failedExecutions = async (
  client: SFNClient,
  stateMachineArn: string,
): Promise<ReadonlyMap<string, string>> => {
  const names = new Set<string>();
  const failed = new Map<string, string>();
  for await (const { executions = [] } of paginateListExecutions({ client }, { stateMachineArn })) {
    for (const { name = '', executionArn = '', status } of executions) {
      names.add(name);
      if (ENDED_BADLY.some((bad) => bad === status)) failed.set(executionArn, name);
    }
  }
  return new Map([...failed].filter(([, name]) => !names.has(restartName(name))));
};

/** Executions of a state machine that ended badly. They stay: that one was started again is in the audit log alone. */
export class FailedExecutions implements DeadLetterQueue {
  readonly arn: string;
  readonly #states: SFNClient;
  readonly #handedOut: HandedOut;

  constructor(target: Target, stateMachineArn: string) {
    this.arn = stateMachineArn;
    this.#states = new SFNClient(target);
    this.#handedOut = new HandedOut(this.all());
  }

  receive(): Promise<readonly Message[]> {
    return this.#handedOut.receive();
  }

  async delete(): Promise<void> {}

  async release(): Promise<void> {}

  async count(): Promise<number> {
    return (await failedExecutions(this.#states, this.arn)).size;
  }

  async *all(): AsyncGenerator<Message> {
    for (const [executionArn] of await failedExecutions(this.#states, this.arn)) {
      yield executionMessage(await this.#states.send(new DescribeExecutionCommand({ executionArn })), this.arn);
    }
  }
}
