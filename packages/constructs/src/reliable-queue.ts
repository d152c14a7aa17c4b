import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DEAD_LETTER_REPLAY_DEFAULTS, DeadLetterReplay, type DeadLetterReplayProps } from './dead-letter-replay.ts';
import { type MadeFunction, madeFunction } from './made-function.ts';
import { pipelineQueue, retentionOf } from './pipeline-queue.ts';
import { InvalidPropError, warn } from './prop-rules.ts';
import { type ChainedQueue, checkChain } from './reliable-queue-rules.ts';

/** Who works through a queue. */
export interface ReliableQueueConsumer {
  /** Any function, of whatever origin. */
  readonly function: lambda.IFunction;
  /** @default 10 */
  readonly batchSize?: number;
  /** @default - none */
  readonly batchingWindow?: Duration;
  /**
   * Batches at a time, 2 to 1,000. With it pollers never run into throttles, which would cost receives.
   * @default - unbounded
   */
  readonly maxConcurrency?: number;
  /**
   * Whether the function answers with `batchItemFailures`, so that only failed messages come back.
   * @default true
   */
  readonly reportItemFailures?: boolean;
}

/** The values of one queue that gives messages up. */
export interface ReliableQueueSettings {
  /** How long a new message is hidden, up to 15 minutes. @default - not at all */
  readonly deliveryDelay?: Duration;
  /** How long a receive waits for messages, up to 20 s. @default Duration.seconds(20) */
  readonly receiveWait?: Duration;
  /** How long a received message is hidden. @default - six timeouts of the consumer, or 30 s */
  readonly visibilityTimeout?: Duration;
  /** Receives before a message goes on to the next queue. @default 5 */
  readonly maxReceiveCount?: number;
  /** @default - 4 days for the source, 14 days for tiers */
  readonly retention?: Duration;
  /** @default - nobody, until a mapping is made elsewhere */
  readonly consumer?: ReliableQueueConsumer;
}

/** A queue for what the one before gave up: with a consumer of its own, or a replay into the source. */
export interface RetryTier extends ReliableQueueSettings {
  /** @default '<source>-retry-<number from 1>' */
  readonly queueName?: string;
  /** Sends its messages into the source again; instead of a consumer. */
  readonly replay?: Omit<DeadLetterReplayProps, 'queue'>;
}

/** What a {@link ReliableQueue} is made from. */
export interface ReliableQueueProps extends ReliableQueueSettings {
  /** Name of the source; one that ends with `.fifo` makes all queues FIFO queues. */
  readonly queueName: string;
  /** In the order in which a message comes through them. @default - none */
  readonly tiers?: readonly RetryTier[];
  /** A queue of one's own at the end; it must let the last of the chain redrive into it. @default - a queue is made */
  readonly deadLetterQueue?: sqs.IQueue;
  /** Name of the dead-letter queue that is made. @default '<source>-dlq' */
  readonly deadLetterQueueName?: string;
  /** @default Duration.days(14) */
  readonly deadLetterRetention?: Duration;
  /** Encrypts all queues that are made here. @default - a key of SQS's own */
  readonly encryptionKey?: kms.IKey;
}

/** What a {@link ReliableQueue} gets when its props leave it out. */
export const RELIABLE_QUEUE_DEFAULTS = {
  deliveryDelay: Duration.seconds(0),
  receiveWait: Duration.seconds(20),
  visibilityTimeout: Duration.seconds(30),
  visibilityPerTimeout: 6,
  maxReceiveCount: 5,
  batchSize: 10,
  sourceRetention: Duration.days(4),
  tierRetention: Duration.days(14),
  deadLetterRetention: Duration.days(14),
} as const;

interface Resolved extends ChainedQueue {
  readonly id: string;
  readonly name: string;
  readonly tier?: RetryTier | undefined;
  readonly consumes?: ReliableQueueConsumer | undefined;
  /** A queue that is there already. */
  readonly own?: sqs.IQueue | undefined;
  readonly isFifo: boolean;
}

/** `orders.fifo` and `-dlq` make `orders-dlq.fifo`. */
const nameBeside = (source: string, suffix: string): string =>
  source.endsWith('.fifo') ? `${source.slice(0, -'.fifo'.length)}${suffix}.fifo` : `${source}${suffix}`;

const functionOf = ({ replay, consumer }: ReliableQueueSettings & RetryTier): MadeFunction =>
  replay === undefined
    ? madeFunction(consumer?.function)
    : { timeout: replay.timeout ?? DEAD_LETTER_REPLAY_DEFAULTS.timeout, reservedConcurrency: undefined };

const resolveQueue = (
  settings: ReliableQueueSettings & RetryTier,
  retention: Duration,
): Omit<ChainedQueue, 'field'> => {
  const { consumer, replay } = settings;
  const known = functionOf(settings);
  const { timeout } = known;
  const visibilityTimeout =
    timeout === undefined
      ? RELIABLE_QUEUE_DEFAULTS.visibilityTimeout
      : Duration.seconds(timeout.toSeconds() * RELIABLE_QUEUE_DEFAULTS.visibilityPerTimeout);
  return {
    deliveryDelay: settings.deliveryDelay ?? RELIABLE_QUEUE_DEFAULTS.deliveryDelay,
    receiveWait: settings.receiveWait ?? RELIABLE_QUEUE_DEFAULTS.receiveWait,
    visibilityTimeout: settings.visibilityTimeout ?? visibilityTimeout,
    retention: settings.retention ?? retention,
    maxReceiveCount: settings.maxReceiveCount ?? RELIABLE_QUEUE_DEFAULTS.maxReceiveCount,
    consumer:
      consumer === undefined && replay === undefined
        ? undefined
        : {
            ...known,
            batchSize: consumer?.batchSize ?? RELIABLE_QUEUE_DEFAULTS.batchSize,
            batchingWindow: consumer?.batchingWindow,
            maxConcurrency: consumer?.maxConcurrency,
            reportsItemFailures: consumer?.reportItemFailures ?? true,
          },
  };
};

const resolveChain = (props: ReliableQueueProps): readonly Resolved[] => {
  const { queueName, tiers = [] } = props;
  const source: Resolved = {
    ...resolveQueue(props, RELIABLE_QUEUE_DEFAULTS.sourceRetention),
    field: 'source',
    id: 'Source',
    name: queueName,
    isFifo: queueName.endsWith('.fifo'),
    consumes: props.consumer,
  };
  const middle = tiers.map((tier, index): Resolved => {
    if (tier.consumer !== undefined && tier.replay !== undefined) {
      throw new InvalidPropError(`tiers[${index}].replay`, tier.replay.functionName, 'must not stand beside consumer');
    }
    const name = tier.queueName ?? nameBeside(queueName, `-retry-${index + 1}`);
    return {
      ...resolveQueue(tier, RELIABLE_QUEUE_DEFAULTS.tierRetention),
      field: `tiers[${index}]`,
      id: `Retry${index + 1}`,
      name,
      isFifo: name.endsWith('.fifo'),
      tier,
      consumes: tier.consumer,
    };
  });
  const own = props.deadLetterQueue;
  const name = own?.queueName ?? props.deadLetterQueueName ?? nameBeside(queueName, '-dlq');
  const last: Resolved = {
    field: 'deadLetters',
    id: 'DeadLetters',
    name,
    isFifo: own?.fifo ?? name.endsWith('.fifo'),
    own,
    deliveryDelay: RELIABLE_QUEUE_DEFAULTS.deliveryDelay,
    receiveWait: RELIABLE_QUEUE_DEFAULTS.receiveWait,
    visibilityTimeout: RELIABLE_QUEUE_DEFAULTS.visibilityTimeout,
    retention: (own && retentionOf(own)) ?? props.deadLetterRetention ?? RELIABLE_QUEUE_DEFAULTS.deadLetterRetention,
  };
  return [source, ...middle, last];
};

/** AWS wants the queues of a redrive policy to be of one type; names say it too late. */
const checkNames = (chain: readonly Resolved[]): void => {
  const isFifo = chain[0]?.isFifo === true;
  for (const { field, name, isFifo: isOneToo } of chain) {
    if (isOneToo !== isFifo) {
      throw new InvalidPropError(`${field}.queueName`, `"${name}"`, 'must be of the same type as the source (.fifo)');
    }
  }
  const names = chain.map(({ name }) => name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new InvalidPropError('queueName', `"${double}"`, 'must be given to one queue only');
};

/**
 * A queue from which no message gets lost: what its consumer fails with goes through any number of retry tiers, each
 * with its own delay, receives and consumer or replay, and at last into a dead-letter queue.
 *
 * Delays, visibility timeouts, receives and retentions are held against each other when it is made: what AWS would
 * refuse, or what would delete messages on their way, is an error; what loses or doubles messages under load a warning.
 *
 * @example
 * ```ts
 * new ReliableQueue(stack, 'Orders', {
 *   queueName: 'orders',
 *   consumer: { function: booking, batchSize: 5 },
 *   tiers: [{ deliveryDelay: Duration.seconds(10), replay: { functionName: 'orders-replay' } }],
 * });
 * ```
 */
export class ReliableQueue extends Construct {
  readonly source: sqs.Queue;
  /** In the order in which a message comes through them. */
  readonly tiers: readonly sqs.Queue[];
  readonly deadLetterQueue: sqs.IQueue;
  /** The replays of the tiers that have one. */
  readonly replays: readonly DeadLetterReplay[];

  constructor(scope: Construct, id: string, props: ReliableQueueProps) {
    super(scope, id);
    const chain = resolveChain(props);
    checkNames(chain);
    warn(this, checkChain(chain));
    const queues = this.#makeQueues(chain, props.encryptionKey);
    this.source = queues[0] as sqs.Queue;
    this.tiers = queues.slice(1, -1) as sqs.Queue[];
    this.deadLetterQueue = queues.at(-1) as sqs.IQueue;
    this.replays = this.#consume(chain, queues);
  }

  /** From the end: each names the next one in its redrive policy, and is named by its ARN in the next one's policy. */
  #makeQueues(chain: readonly Resolved[], encryptionKey: kms.IKey | undefined): sqs.IQueue[] {
    const queues: sqs.IQueue[] = [];
    chain.toReversed().forEach((resolved, place) => {
      const index = chain.length - 1 - place;
      const before = chain[index - 1];
      const next = queues[0];
      if (resolved.own !== undefined) {
        queues.unshift(resolved.own);
        return;
      }
      const queue = pipelineQueue(this, resolved.id, {
        queueName: resolved.name,
        ...(resolved.isFifo ? { fifo: true } : {}),
        deliveryDelay: resolved.deliveryDelay,
        receiveMessageWaitTime: resolved.receiveWait,
        visibilityTimeout: resolved.visibilityTimeout,
        retentionPeriod: resolved.retention,
        encryptionKey,
        ...(next === undefined || resolved.maxReceiveCount === undefined
          ? {}
          : { deadLetterQueue: { queue: next, maxReceiveCount: resolved.maxReceiveCount } }),
        ...(before === undefined ? {} : { redriveAllowPolicy: this.#onlyFrom(before) }),
      });
      queues.unshift(queue);
    });
    return queues;
  }

  /** By name: a reference would be a cycle. */
  #onlyFrom({ id, name }: Resolved): sqs.RedriveAllowPolicy {
    const arn = Stack.of(this).formatArn({ service: 'sqs', resource: name, arnFormat: ArnFormat.NO_RESOURCE_NAME });
    return {
      redrivePermission: sqs.RedrivePermission.BY_QUEUE,
      sourceQueues: [sqs.Queue.fromQueueArn(this, `From${id}`, arn)],
    };
  }

  #consume(chain: readonly Resolved[], queues: readonly sqs.IQueue[]): readonly DeadLetterReplay[] {
    const replays: DeadLetterReplay[] = [];
    chain.forEach(({ id, consumer, consumes, tier }, index) => {
      const queue = queues[index];
      if (queue === undefined || consumer === undefined) return;
      let target = consumes?.function;
      if (tier?.replay !== undefined) {
        const replay = new DeadLetterReplay(this, `${id}Replay`, { ...tier.replay, queue: this.source });
        replays.push(replay);
        target = replay.function.function;
      }
      target?.addEventSource(
        new SqsEventSource(queue, {
          batchSize: consumer.batchSize,
          reportBatchItemFailures: consumer.reportsItemFailures,
          ...(consumer.batchingWindow === undefined ? {} : { maxBatchingWindow: consumer.batchingWindow }),
          ...(consumer.maxConcurrency === undefined ? {} : { maxConcurrency: consumer.maxConcurrency }),
        }),
      );
    });
    return replays;
  }
}
