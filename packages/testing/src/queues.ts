import { readFailure } from '@holdfast/aws-model';
import { InvalidInputError, type LocalEngine } from '@holdfast/local';
import { type EventRecord, recordsOf } from './event-records.ts';

/** A message as it lies in its queue; looking at it changes nothing. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
  readonly state: 'visible' | 'in flight' | 'delayed';
  /** System attributes, all of them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<
    Record<string, { readonly dataType: string; readonly stringValue?: string; readonly binaryValue?: string }>
  >;
  /** ISO 8601: when it came into this queue, when its retention ends, and, unless it is visible, when it becomes so. */
  readonly arrivedAt: string;
  readonly expiresAt: string;
  readonly visibleAt?: string;
}

/** A message that somebody gave up. */
export interface FailedMessage {
  /** Name of the queue in which it lies. */
  readonly queue: string;
  /** Name of the queue whose redrive policy gave it up; not there when a function, a rule or a topic did. */
  readonly source?: string;
  readonly messageId: string;
  readonly body: string;
  readonly receiveCount: number;
  /** Why it was given up, in the words of who did: `MaxReceiveCount`, `RetriesExhausted`, `EventAgeExceeded`. */
  readonly reason: string;
  /** What is known of the last error. */
  readonly error: string;
  /** ISO 8601: when it was put there. */
  readonly arrivedAt: string;
  /** The message itself, and the records of the event that it is about. */
  readonly records: readonly EventRecord[];
}

interface MessagePage {
  readonly messages: readonly QueueMessage[];
  readonly next?: number;
}

interface Place {
  readonly account: string;
  readonly region: string;
}

const PAGE = 10_000;

const placeAndName = (queue: string, place: Place): [Place, string] => {
  const [, arnRegion, arnAccount, arnName] = /^arn:aws:sqs:([\w-]+):(\d{12}):(.+)$/.exec(queue) ?? [];
  if (arnRegion !== undefined && arnAccount !== undefined && arnName !== undefined) {
    return [{ account: arnAccount, region: arnRegion }, arnName];
  }
  const [, urlAccount, urlName] = /^https?:\/\/[^/]+\/(\d{12})\/([^/]+)$/.exec(queue) ?? [];
  if (urlAccount !== undefined && urlName !== undefined) return [{ ...place, account: urlAccount }, urlName];
  return [place, queue];
};

/** Looks into the queues of one engine, without a receive. */
export class Queues {
  readonly #engine: LocalEngine;
  readonly #place: Place;

  constructor(engine: LocalEngine, place: Place) {
    this.#engine = engine;
    this.#place = place;
  }

  /** @throws InvalidInputError when there is no such queue */
  messages(queue: string): readonly QueueMessage[] {
    const [{ account, region }, name] = placeAndName(queue, this.#place);
    const all: QueueMessage[] = [];
    let after: number | undefined = 0;
    while (after !== undefined) {
      const path = `/${account}/${region}/${encodeURIComponent(name)}/messages`;
      const page: MessagePage | undefined = this.#look(path, `limit=${PAGE}&after=${after}`);
      if (page === undefined) throw new InvalidInputError('queue', queue, `does not exist in ${region} of ${account}`);
      all.push(...page.messages);
      after = page.next;
    }
    return all;
  }

  /** How many messages are in each queue, whatever their state, as one text: the same as long as nothing moves. */
  counts(): string {
    return this.names()
      .map((queue) => {
        const { Attributes = {} } = this.#call('GetQueueAttributes', {
          QueueUrl: `${this.#engine.endpoint}/${this.#place.account}/${queue}`,
          AttributeNames: ['All'],
        }) as { Attributes?: Readonly<Record<string, string>> };
        const counts = Object.keys(Attributes).filter((name) => name.startsWith('ApproximateNumberOfMessages'));
        return `${queue} ${counts.reduce((sum, name) => sum + Number(Attributes[name]), 0)}`;
      })
      .join('\n');
  }

  /** Every message that a redrive policy, a destination, a dead-letter config, a rule or a subscription has put aside. */
  failures(): readonly FailedMessage[] {
    const failed: FailedMessage[] = [];
    for (const queue of this.names()) {
      // What lies in a queue that itself gives messages up is still on its way.
      const isOnItsWay = this.#hasRedrivePolicy(queue);
      for (const message of this.messages(queue)) {
        const failure = failureOf(queue, message);
        const isRedriven = message.attributes['DeadLetterQueueSourceArn'] !== undefined;
        if (failure !== undefined && !(isRedriven && isOnItsWay)) failed.push(failure);
      }
    }
    return failed;
  }

  /** Of the engine's own account and region. */
  names(): readonly string[] {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = this.#call('ListQueues', { MaxResults: 1_000, NextToken }) as {
        QueueUrls?: readonly string[];
        NextToken?: string;
      };
      names.push(...(page.QueueUrls ?? []).map((url) => url.split('/').at(-1) ?? url));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return names;
  }

  #hasRedrivePolicy(name: string): boolean {
    const { account } = this.#place;
    const QueueUrl = `${this.#engine.endpoint}/${account}/${name}`;
    const answer = this.#call('GetQueueAttributes', { QueueUrl, AttributeNames: ['RedrivePolicy'] });
    return (answer as { Attributes?: { RedrivePolicy?: string } }).Attributes?.RedrivePolicy !== undefined;
  }

  /** What the queues' own route shows, without a socket: looking is part of failing tests' messages, which wait for nothing. */
  #look<Answer>(path: string, query: string): Answer | undefined {
    const { engine, endpoint } = this.#engine;
    const found = engine.routeOf(undefined, `/_holdfast/queues${path}`);
    const answer = found?.route.answer({
      ...this.#place,
      method: 'GET',
      path: found.path,
      query,
      headers: {},
      body: new Uint8Array(0),
      sourceIp: '127.0.0.1',
      host: new URL(endpoint).host,
      accessKeyId: undefined,
    }) as { readonly status: number; readonly body: string | Uint8Array } | undefined;
    return answer?.status === 200 ? (JSON.parse(String(answer.body)) as Answer) : undefined;
  }

  #call(action: string, input: object): unknown {
    const { engine } = this.#engine;
    return engine.call('sqs', action, input, this.#engine.context(this.#place));
  }
}

const requestOf = (body: string): unknown => {
  try {
    const value = JSON.parse(body) as { requestPayload?: unknown } | null;
    return value?.requestPayload ?? value;
  } catch {
    return undefined;
  }
};

/** The message itself, and the records of the event that it is about. */
export const recordsOfMessage = ({ messageId, body }: QueueMessage): readonly EventRecord[] => {
  const request = requestOf(body);
  return [{ id: messageId, text: body }, ...(request === undefined ? [] : recordsOf(request, messageId))];
};

const failureOf = (queue: string, message: QueueMessage): FailedMessage | undefined => {
  const { messageId, body, attributes, messageAttributes } = message;
  const { condition, error, receiveCount } = readFailure({
    MessageId: messageId,
    Body: body,
    Attributes: attributes,
    MessageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, { stringValue }]) => [name, { StringValue: stringValue }]),
    ),
  });
  // A destination for successes writes the same record.
  if (condition === '' || condition === 'Success') return undefined;
  const source = attributes['DeadLetterQueueSourceArn']?.split(':').at(-1);
  return {
    queue,
    ...(source === undefined ? {} : { source }),
    messageId,
    body,
    receiveCount,
    arrivedAt: message.arrivedAt,
    reason: condition,
    error,
    records: recordsOfMessage(message),
  };
};
