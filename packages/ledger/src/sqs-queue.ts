import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetterQueue } from './redrive-ports.ts';
import type { Target } from './target.ts';

/** AWS asks all its servers when somebody waits a little; an engine has one place, and its time may stand still. */
const WAIT_SECONDS_AT_AWS = 2;

const LOOK_PAGE = 1_000;

/** Messages that one answer goes through which tells their places or times alone. */
const FACTS_PAGE = 100_000;

/** What the engine's look route tells of a queue in place of its messages; each is asked for alone. */
interface QueueFacts {
  readonly ranges?: readonly (readonly [number, number])[];
  readonly visibleAgainBy?: string;
}

/** A message as the engine's look route shows it. */
interface Shown {
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes?: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue?: string; readonly binaryValue?: string }>
  >;
  readonly state: string;
  readonly sequence: number;
  readonly expiresAt: string;
  readonly arrivedAt: string;
}

/** A message that was looked at, in the SDK's words. */
export interface LookedAt extends Message {
  /** ISO 8601: when the retention of the queue ends it; only an engine tells. */
  readonly expiresAt?: string;
  /** ISO 8601: when it came into the queue; only an engine tells. */
  readonly arrivedAt?: string;
  /** Of the error, where it is kept beside the event. */
  readonly stack?: string;
  /** ARN of the queue it lay in before it was archived; empty where it does not say. */
  readonly lay?: string;
}

const NO_ATTRIBUTES: Readonly<Record<string, MessageAttributeValue>> = {};

const attributesOf = (shown: NonNullable<Shown['messageAttributes']>): Record<string, MessageAttributeValue> =>
  Object.fromEntries(
    Object.entries(shown).map(([name, { dataType, stringValue, binaryValue }]) => [
      name,
      {
        DataType: dataType,
        ...(stringValue === undefined ? {} : { StringValue: stringValue }),
        ...(binaryValue === undefined ? {} : { BinaryValue: Buffer.from(binaryValue, 'base64') }),
      } satisfies MessageAttributeValue,
    ]),
  );

const messageOf = (shown: Shown): LookedAt => ({
  MessageId: shown.messageId,
  Body: shown.body,
  Attributes: shown.attributes,
  MessageAttributes: shown.messageAttributes === undefined ? NO_ATTRIBUTES : attributesOf(shown.messageAttributes),
  expiresAt: shown.expiresAt,
  arrivedAt: shown.arrivedAt,
});

const lookUrl = (endpoint: string, queueArn: string, query: string): URL => {
  const [, , , region, account, name] = queueArn.split(':');
  return new URL(`/_holdfast/queues/${account}/${region}/${name}/messages?${query}`, endpoint);
};

/** What the engine shows of a queue without counting a receive; `undefined` where no engine answers. */
async function* look(
  endpoint: string,
  queueArn: string,
  after: number,
): AsyncGenerator<{ readonly messages: readonly Shown[] } | undefined> {
  let next: number | undefined = after;
  while (next !== undefined) {
    const answer = await fetch(lookUrl(endpoint, queueArn, `limit=${LOOK_PAGE}&after=${next}`));
    if (!answer.ok || !/json/.test(answer.headers.get('content-type') ?? '')) {
      yield undefined;
      return;
    }
    const page = (await answer.json()) as { readonly messages: readonly Shown[]; readonly next?: number };
    yield page;
    next = page.next;
  }
}

/** A queue of SQS, on AWS or on an engine. */
export class SqsQueue implements DeadLetterQueue {
  readonly url: string;
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  /** Whatever the state of its messages. */
  readonly depth: number;
  readonly retentionMs: number;
  readonly isEngine: boolean;
  readonly #sqs: SQSClient;
  readonly #endpoint: string | undefined;
  /** Of the youngest message when the queue was opened. */
  #lastSequence = 0;

  private constructor(
    sqs: SQSClient,
    url: string,
    attributes: Readonly<Record<string, string>>,
    endpoint: string | undefined,
  ) {
    this.#sqs = sqs;
    this.url = url;
    this.arn = attributes['QueueArn'] ?? '';
    this.visible = Number(attributes['ApproximateNumberOfMessages'] ?? 0);
    this.inFlight = Number(attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0);
    this.depth = this.visible + this.inFlight + Number(attributes['ApproximateNumberOfMessagesDelayed'] ?? 0);
    this.retentionMs = Number(attributes['MessageRetentionPeriod'] ?? 0) * 1_000;
    this.#endpoint = endpoint;
    this.isEngine = endpoint !== undefined;
  }

  /** @param isEngine - whether a Holdfast engine answers at the target's endpoint */
  static async open(target: Target, url: string, isEngine: boolean): Promise<SqsQueue> {
    const sqs = new SQSClient(target);
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
    );
    return new SqsQueue(sqs, url, Attributes, isEngine ? target.endpoint : undefined);
  }

  static async openArn(target: Target, arn: string, isEngine: boolean): Promise<SqsQueue> {
    const [, , , , QueueOwnerAWSAccountId, QueueName] = arn.split(':');
    const { QueueUrl = '' } = await new SQSClient(target).send(
      new GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }),
    );
    return SqsQueue.open(target, QueueUrl, isEngine);
  }

  /**
   * Visible messages, at most `max`: on an engine without any trace; on AWS by receives, after which they are visible again.
   */
  async look(max: number): Promise<readonly LookedAt[]> {
    const seen: LookedAt[] = [];
    if (this.#endpoint === undefined) return this.#lookByReceives(max);
    for await (const page of look(this.#endpoint, this.arn, 0)) {
      if (page === undefined) return this.#lookByReceives(max);
      for (const shown of page.messages) {
        this.#lastSequence = shown.sequence;
        if (shown.state === 'visible' && seen.length < max) seen.push(messageOf(shown));
      }
    }
    return seen;
  }

  /**
   * All messages of an engine's queue after a place in the order of arrival, whatever their state, without any trace. They
   * come in pieces: between two of them everybody else of the process has a turn.
   */
  async *lookThrough(
    after: number,
  ): AsyncGenerator<readonly { readonly message: LookedAt; readonly sequence: number }[]> {
    if (this.#endpoint === undefined) return;
    for await (const page of look(this.#endpoint, this.arn, after)) {
      yield (page?.messages ?? []).map((shown) => ({ message: messageOf(shown), sequence: shown.sequence }));
    }
  }

  /** ISO 8601: when the last message that is in flight becomes visible again, as an engine tells it. */
  async visibleAgainBy(): Promise<string | undefined> {
    let last: string | undefined;
    for await (const { visibleAgainBy } of this.#facts('in-flight')) {
      if (last === undefined || (visibleAgainBy !== undefined && visibleAgainBy > last)) last = visibleAgainBy;
    }
    return last;
  }

  /** The oldest message of an engine's queue. */
  async oldest(): Promise<{ readonly id: string; readonly sequence: number } | undefined> {
    if (this.#endpoint === undefined) return undefined;
    const answer = await fetch(lookUrl(this.#endpoint, this.arn, 'limit=1'));
    const { messages = [] } = (await answer.json()) as { readonly messages?: readonly Shown[] };
    const [first] = messages;
    return first === undefined ? undefined : { id: first.messageId, sequence: first.sequence };
  }

  /** Places of all messages of an engine's queue, as runs without a gap, in order: who knows them knows what is gone. */
  async *ranges(): AsyncGenerator<readonly [first: number, last: number]> {
    for await (const { ranges = [] } of this.#facts('ranges')) yield* ranges;
  }

  async *#facts(only: 'ranges' | 'in-flight'): AsyncGenerator<QueueFacts> {
    let after: number | undefined = 0;
    while (this.#endpoint !== undefined && after !== undefined) {
      const answer: Response = await fetch(
        lookUrl(this.#endpoint, this.arn, `only=${only}&limit=${FACTS_PAGE}&after=${after}`),
      );
      // It was deleted meanwhile: nothing of it is there.
      if (!answer.ok) return;
      const page = (await answer.json()) as QueueFacts & { readonly next?: number };
      yield page;
      after = page.next;
    }
  }

  async #lookByReceives(max: number): Promise<readonly LookedAt[]> {
    const seen = new Map<string, Message>();
    try {
      for (let empty = 0; seen.size < max && empty < 2; ) {
        const before = seen.size;
        for (const message of await this.receive(60, max - seen.size)) seen.set(message.MessageId ?? '', message);
        empty = seen.size === before ? empty + 1 : 0;
      }
    } finally {
      const messages = [...seen.values()];
      for (let start = 0; start < messages.length; start += 10) await this.release(messages.slice(start, start + 10));
    }
    return [...seen.values()];
  }

  async receive(visibilitySeconds: number, max = 10): Promise<readonly Message[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.url,
        MaxNumberOfMessages: Math.min(10, max),
        WaitTimeSeconds: this.isEngine ? 0 : WAIT_SECONDS_AT_AWS,
        VisibilityTimeout: visibilitySeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    return Messages;
  }

  async delete({ ReceiptHandle }: Message): Promise<void> {
    await this.#sqs.send(new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle }));
  }

  async release(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    await this.#sqs.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl: this.url,
        Entries: messages.map(({ ReceiptHandle }, index) => ({
          Id: String(index),
          ReceiptHandle,
          VisibilityTimeout: 0,
        })),
      }),
    );
  }

  async countVisible(): Promise<number> {
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.url, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    return Number(Attributes['ApproximateNumberOfMessages'] ?? 0);
  }

  /** Messages that came since {@link look}; absent where they can only be received. */
  get arrivals(): (() => Promise<readonly Message[]>) | undefined {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return undefined;
    return async () => {
      const seen: Message[] = [];
      for await (const page of look(endpoint, this.arn, this.#lastSequence)) {
        seen.push(...(page?.messages ?? []).map(messageOf));
      }
      return seen;
    };
  }
}
