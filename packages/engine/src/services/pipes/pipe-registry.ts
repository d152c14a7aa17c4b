import type { PipeState } from '@aws-sdk/client-pipes';
import {
  type Collection,
  logGroupOf,
  type Poller,
  type RequestContext,
  type ServiceEnvironment,
  SqsPoller,
  StreamCheckpoints,
  StreamPoller,
  type StreamStart,
} from '../../core/index.ts';
import { notFound } from './errors.ts';
import { PipeConsumer } from './pipe-consumer.ts';
import { filtersOf, sourceKindOf } from './pipe-settings.ts';
import { pipeArnOf, type StoredPipe } from './stored-pipe.ts';
import { workflowProblem } from './workflow-problem.ts';

/** How long a pipe stays in a passing state. Differs: AWS takes a minute or so. */
const SETTLE_MS = 200;

const PASSING: ReadonlySet<PipeState> = new Set(['CREATING', 'UPDATING', 'DELETING', 'STARTING', 'STOPPING']);

export const isPassing = ({ state }: StoredPipe): boolean => PASSING.has(state);

/** Where a pipe goes when it cannot go where it was meant to. */
const FAILED: Readonly<Partial<Record<PipeState, PipeState>>> = {
  CREATING: 'CREATE_FAILED',
  UPDATING: 'UPDATE_FAILED',
  STARTING: 'START_FAILED',
};

type Place = Pick<RequestContext, 'account' | 'region'>;

/** All pipes, with a poller for each that runs; every change is written through. */
export class PipeRegistry {
  readonly #environment: ServiceEnvironment;
  readonly #stored: Collection<StoredPipe>;
  readonly #checkpoints: StreamCheckpoints;
  /** By ARN. */
  readonly #pipes = new Map<string, StoredPipe>();
  readonly #pollers = new Map<string, Poller>();
  /** Stopped, with batches still under way. */
  readonly #draining = new Map<string, Poller>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#stored = environment.store.collection('pipes.pipes');
    this.#checkpoints = new StreamCheckpoints(environment.store, 'pipes.stream-checkpoints');
    for (const [arn, pipe] of this.#stored.entries()) this.#pipes.set(arn, pipe);
  }

  start(): void {
    for (const pipe of this.#pipes.values()) this.#follow(pipe);
  }

  find(place: Place, name: string): StoredPipe | undefined {
    return this.#pipes.get(pipeArnOf({ ...place, name }));
  }

  get(place: Place, name: string): StoredPipe {
    const pipe = this.find(place, name);
    if (pipe === undefined) throw notFound(name);
    return pipe;
  }

  of(place: Place): StoredPipe[] {
    return [...this.#pipes.values()].filter(
      ({ account, region }) => account === place.account && region === place.region,
    );
  }

  /** Keeps a pipe and does what its state says. */
  save(pipe: StoredPipe): void {
    this.keep(pipe);
    this.#follow(pipe);
  }

  /** Keeps a change that does not touch the polling. */
  keep(pipe: StoredPipe): void {
    const arn = pipeArnOf(pipe);
    this.#pipes.set(arn, pipe);
    this.#stored.put(arn, pipe);
  }

  #follow(pipe: StoredPipe): void {
    const arn = pipeArnOf(pipe);
    if (pipe.state === 'RUNNING') this.#poll(pipe);
    else this.#stop(arn);
    if (!isPassing(pipe)) return;
    this.#environment.timers.schedule(this.#environment.clock.now() + SETTLE_MS, () => this.#settle(arn, pipe));
  }

  #settle(arn: string, meant: StoredPipe): void {
    const pipe = this.#pipes.get(arn);
    // Another change may have come meanwhile.
    if (pipe === undefined || pipe.state !== meant.state || pipe.modifiedAt !== meant.modifiedAt) return;
    if (pipe.state === 'DELETING') {
      this.#pipes.delete(arn);
      this.#stored.delete(arn);
      this.#checkpoints.forget(pipe.id);
      return;
    }
    const problem = pipe.isWanted ? this.#problemOf(pipe) : undefined;
    const failed = problem === undefined ? undefined : FAILED[pipe.state];
    const { stateReason: _before, ...rest } = pipe;
    if (failed !== undefined) this.save({ ...rest, state: failed, stateReason: problem });
    else {
      if (pipe.isWanted) this.#begin(pipe);
      this.save({ ...rest, state: pipe.isWanted ? 'RUNNING' : 'STOPPED' });
    }
  }

  /** What is missing for a pipe to run. */
  #problemOf(pipe: StoredPipe): string | undefined {
    const { source, target, enrichment, log } = pipe;
    const { queues, streams, deliver, logs } = this.#environment;
    const group = logGroupOf(log?.groupArn ?? '');
    if (group !== undefined && !logs.hasGroup(group)) return `The log group ${log?.groupArn} does not exist.`;
    const isThere = sourceKindOf(source) === 'sqs' ? queues.facts(source) : streams.facts(source);
    if (isThere === undefined) return `The source ${source} does not exist.`;
    const isFunction = (arn: string): boolean => /:(lambda|sqs|sns):/.test(arn);
    const missing = [target, enrichment].find((arn) => arn !== undefined && isFunction(arn) && !deliver.exists(arn));
    if (missing !== undefined) return `The resource ${missing} does not exist.`;
    return workflowProblem(this.#environment, pipe);
  }

  /** In a stream a pipe begins at the place where the stream is when it first runs. */
  #begin(pipe: StoredPipe): void {
    if (sourceKindOf(pipe.source) === 'sqs') return;
    const { streams } = this.#environment;
    for (const { shardId } of streams.shards(pipe.source)) {
      if (this.#checkpoints.get(pipe.id, shardId) !== undefined) continue;
      this.#checkpoints.save(pipe.id, shardId, { lanes: [streams.positionOf(pipe.source, shardId, startOf(pipe))] });
    }
  }

  #poll(pipe: StoredPipe): void {
    const arn = pipeArnOf(pipe);
    if (this.#pollers.has(arn)) return;
    const poller = this.#pollerOf(pipe);
    this.#pollers.set(arn, poller);
    // What was under way before a change ends first, so that nothing is worked on twice at a time.
    const begin = (): void => {
      if (this.#pollers.get(arn) === poller) poller.start();
    };
    const draining = this.#draining.get(arn);
    if (draining === undefined) begin();
    else draining.whenIdle(begin);
  }

  #pollerOf(pipe: StoredPipe): Poller {
    const { source, region, sourceParameters } = pipe;
    const consumer = new PipeConsumer(this.#environment, pipe);
    const kind = sourceKindOf(source);
    const filters = filtersOf(sourceParameters);
    if (kind === 'sqs') {
      const { BatchSize: batchSize = 10, MaximumBatchingWindowInSeconds: windowSeconds = 0 } =
        sourceParameters.SqsQueueParameters ?? {};
      const reading = { queueArn: source, region, batchSize, windowSeconds, filters, maximumConcurrency: undefined };
      return new SqsPoller(this.#environment, { ...reading, reportsBatchItemFailures: true }, consumer);
    }
    const stream = sourceParameters.KinesisStreamParameters ?? sourceParameters.DynamoDBStreamParameters;
    return new StreamPoller(
      this.#environment,
      this.#checkpoints,
      {
        readerId: pipe.id,
        streamArn: source,
        kind: kind === 'dynamodb' ? 'dynamodb' : 'kinesis',
        batchSize: stream?.BatchSize ?? 100,
        windowSeconds: stream?.MaximumBatchingWindowInSeconds ?? 0,
        filters,
        reportsBatchItemFailures: true,
        parallelizationFactor: stream?.ParallelizationFactor ?? 1,
        bisects: stream?.OnPartialBatchItemFailure === 'AUTOMATIC_BISECT',
        maximumRetryAttempts: stream?.MaximumRetryAttempts ?? -1,
        maximumRecordAgeSeconds: stream?.MaximumRecordAgeInSeconds ?? -1,
      },
      consumer,
    );
  }

  #stop(arn: string): void {
    const poller = this.#pollers.get(arn);
    if (poller === undefined) return;
    this.#pollers.delete(arn);
    poller.stop();
    if (this.#draining.has(arn)) return;
    this.#draining.set(arn, poller);
    poller.whenIdle(() => {
      if (this.#draining.get(arn) === poller) this.#draining.delete(arn);
    });
  }
}

const startOf = ({ sourceParameters }: StoredPipe): StreamStart => {
  const { KinesisStreamParameters, DynamoDBStreamParameters } = sourceParameters;
  const at = (KinesisStreamParameters ?? DynamoDBStreamParameters)?.StartingPosition ?? 'TRIM_HORIZON';
  return at === 'AT_TIMESTAMP' ? { at, timestamp: KinesisStreamParameters?.startsAt ?? 0 } : { at };
};
