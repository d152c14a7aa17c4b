import { PatternEngine } from './pattern-engine.ts';
import { invocationCost } from './prices.ts';
import type { Way } from './ways.ts';
import { AttemptFailed, type Score, scoreOf, Workload, type WorkloadOptions } from './workload.ts';

/** How a pattern did, and what it costs in US dollars. */
export interface WayResult extends Score {
  readonly name: string;
  readonly cost: number;
}

interface AnyRecord {
  readonly messageId?: string;
  readonly body?: string;
  readonly kinesis?: { readonly data: string; readonly sequenceNumber: string };
  readonly dynamodb?: { readonly SequenceNumber: string; readonly Keys: { readonly id: { readonly S: string } } };
}

interface AnyEvent {
  readonly id?: number | string;
  readonly detail?: { readonly id: number };
  readonly Records?: readonly AnyRecord[];
}

/** How an answer names a record, and which event of the workload it is. */
const identify = ({
  messageId,
  body,
  kinesis,
  dynamodb,
}: AnyRecord): { readonly item: string; readonly id: number } => {
  if (kinesis !== undefined) {
    const { id } = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8')) as { id: number };
    return { item: kinesis.sequenceNumber, id };
  }
  if (dynamodb !== undefined) return { item: dynamodb.SequenceNumber, id: Number(dynamodb.Keys.id.S) };
  return { item: messageId ?? '', id: (JSON.parse(body ?? '{}') as { id: number }).id };
};

/** Events by their number in a stream: what is told of a failed batch names the first and last only. */
class Handler {
  readonly bySequence = new Map<string, number>();
  readonly #workload: Workload;
  readonly #failsWholeBatch: boolean;
  readonly #now: () => number;

  constructor(workload: Workload, failsWholeBatch: boolean, now: () => number) {
    this.#workload = workload;
    this.#failsWholeBatch = failsWholeBatch;
    this.#now = now;
  }

  handle(event: AnyEvent): object {
    this.#workload.invocations++;
    const { Records, detail } = event;
    // Uploads have records too, of an object each; the event is one all the same.
    if (Records === undefined || event.id !== undefined) {
      this.#workload.attempt(Number(detail?.id ?? event.id), this.#now());
      return {};
    }
    const failed: string[] = [];
    for (const record of Records) {
      const { item, id } = identify(record);
      const isInOrder = record.messageId === undefined;
      if (isInOrder) this.bySequence.set(item, id);
      try {
        this.#workload.attempt(id, this.#now());
      } catch (error) {
        if (!(error instanceof AttemptFailed)) throw error;
        if (this.#failsWholeBatch) throw error;
        failed.push(item);
        if (isInOrder) break;
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }
}

interface KeptRecord {
  /** An archived dead letter: as a message, or as the text that was in it. */
  readonly message?: string | { readonly Body: string };
  readonly id?: number;
  readonly input?: { readonly id: number };
  readonly requestPayload?: { readonly id?: number; readonly detail?: { readonly id: number } };
  readonly KinesisBatchInfo?: { readonly startSequenceNumber: string };
  readonly DDBStreamBatchInfo?: { readonly startSequenceNumber: string };
}

const keptEvent = (body: string, bySequence: ReadonlyMap<string, number>): number | undefined => {
  const read = JSON.parse(body) as KeptRecord;
  const { message } = read;
  const letter = typeof message === 'object' ? message.Body : message;
  const kept = letter === undefined ? read : (JSON.parse(letter) as KeptRecord);
  const batch = kept.KinesisBatchInfo ?? kept.DDBStreamBatchInfo;
  if (batch !== undefined) return bySequence.get(batch.startSequenceNumber);
  const { requestPayload: payload } = kept;
  const id = payload === undefined ? (kept.input?.id ?? kept.id) : (payload.detail?.id ?? payload.id);
  return id === undefined ? undefined : Number(id);
};

/** Waves of a burst: virtual time stands still while one is sent. */
const WAVES = 60;
/** Longer than any wait between two attempts: when it brings none, retries are over. */
const QUIET_MS = 2 * 3_600_000;
/** Retries with a budget take long when there is much to retry. */
const PATIENCE_MS = 7 * 24 * 3_600_000;

/** Runs a workload through one pattern on an engine of its own, in virtual time. */
export const runWay = async (way: Way, options: WorkloadOptions): Promise<WayResult> => {
  await using engine = await PatternEngine.start(way.stack, options.seed, way.recovery);
  const now = (): number => engine.now();
  const workload = new Workload(options, now());
  const handler = new Handler(workload, way.failsWholeBatch === true, now);
  engine.local.bind(way.function, (event: AnyEvent) => handler.handle(event));
  const send = way.sender(engine.settings);
  const perWave = Math.ceil(options.events / WAVES);
  for (let first = 0; first < options.events; first += perWave) {
    const ids = Array.from({ length: Math.min(perWave, options.events - first) }, (_, index) => first + index);
    await send(ids);
    await engine.local.advance(Math.round(options.burstMs / WAVES));
  }
  await engine.local.advance(options.outageMs);
  for (let waitedMs = 0, before = -1; before !== workload.invocations && waitedMs < PATIENCE_MS; waitedMs += QUIET_MS) {
    before = workload.invocations;
    await engine.local.advance(QUIET_MS);
  }
  const bodies: string[] = [];
  for (const queue of way.keptIn) {
    for (const { Body = '' } of await engine.messagesIn(queue)) bodies.push(Body);
  }
  if (way.archivedIn !== undefined) bodies.push(...(await engine.archived(...way.archivedIn)));
  const kept = new Set<number>();
  for (const body of bodies) {
    const id = keptEvent(body, handler.bySequence);
    if (id !== undefined) kept.add(id);
  }
  const score = scoreOf(workload, kept);
  const attempts = score.attemptsPerEvent * options.events;
  const hours = (options.burstMs + options.outageMs) / 3_600_000;
  const cost = score.invocations * invocationCost + way.transport(options.events, attempts, hours);
  return { name: way.name, ...score, cost };
};
