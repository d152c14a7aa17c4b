import { seededRandom } from '@holdfast/kernel';

/** One and the same work for every pattern. */
export interface WorkloadOptions {
  /** Events in all. */
  readonly events: number;
  /** Over how long they arrive, evenly, in milliseconds. */
  readonly burstMs: number;
  /** The share of attempts that fail by chance. */
  readonly failureRate: number;
  /** The share of events that can never succeed. */
  readonly poisonShare: number;
  /** How long everything fails, from the middle of the burst on, in milliseconds. */
  readonly outageMs: number;
  readonly seed: number;
}

/** What has become of an event so far. */
interface Fate {
  attempts: number;
  successes: number;
  readonly firstAttemptAt: number;
  succeededAt: number | undefined;
}

/** An event that was tried failed. */
export class AttemptFailed extends Error {
  override readonly name: string;

  constructor(name: 'TransientError' | 'PermanentError', message: string) {
    super(message);
    this.name = name;
  }
}

/**
 * Decides how each attempt of each event ends, the same for every pattern with the same seed, and remembers it: the ledger
 * of effects that a pattern is judged by.
 */
export class Workload {
  readonly options: WorkloadOptions;
  readonly startedAt: number;
  readonly fates = new Map<number, Fate>();
  /** How often functions were invoked. */
  invocations = 0;

  constructor(options: WorkloadOptions, startedAt: number) {
    this.options = options;
    this.startedAt = startedAt;
  }

  isPoison(id: number): boolean {
    return seededRandom(this.options.seed).stream(`poison ${id}`).nextUnit() < this.options.poisonShare;
  }

  /** @throws AttemptFailed when this attempt fails */
  attempt(id: number, now: number): void {
    const { seed, burstMs, outageMs, failureRate } = this.options;
    const fate = this.fates.get(id) ?? { attempts: 0, successes: 0, firstAttemptAt: now, succeededAt: undefined };
    this.fates.set(id, fate);
    fate.attempts++;
    if (this.isPoison(id)) throw new AttemptFailed('PermanentError', `event ${id} can never be processed`);
    const outageAt = this.startedAt + burstMs / 2;
    if (now >= outageAt && now < outageAt + outageMs) throw new AttemptFailed('TransientError', 'the outage');
    const chance = seededRandom(seed).stream(`attempt ${fate.attempts} of ${id}`).nextUnit();
    if (chance < failureRate) throw new AttemptFailed('TransientError', 'bad luck');
    fate.successes++;
    fate.succeededAt ??= now;
  }
}

/** Of how a pattern did with a workload; times in seconds. */
export interface Score {
  /** Events that were neither processed nor kept where somebody finds them. */
  readonly lost: number;
  /** Events whose effect happened more than once. */
  readonly doubled: number;
  /** Events that were kept for somebody to look at, although they were processed or could have been. */
  readonly goodKept: number;
  readonly kept: number;
  readonly attemptsPerEvent: number;
  readonly invocations: number;
  /** From the first failure of an event that succeeded later to its success. */
  readonly recovery: { readonly p50: number; readonly p99: number; readonly max: number };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;

/** Judges what became of a workload; `kept` are the events that lie where failures are kept. */
export const scoreOf = (workload: Workload, kept: ReadonlySet<number>): Score => {
  const { events } = workload.options;
  const fates = [...workload.fates.values()];
  const recovered = fates
    .filter(({ attempts, succeededAt }) => attempts > 1 && succeededAt !== undefined)
    .map(({ firstAttemptAt, succeededAt = 0 }) => (succeededAt - firstAttemptAt) / 1_000)
    .filter((seconds) => seconds > 0)
    .sort((a, b) => a - b);
  let lost = 0;
  for (let id = 0; id < events; id++) {
    if ((workload.fates.get(id)?.successes ?? 0) === 0 && !kept.has(id)) lost++;
  }
  return {
    lost,
    doubled: fates.filter(({ successes }) => successes > 1).length,
    kept: kept.size,
    goodKept: [...kept].filter((id) => !workload.isPoison(id)).length,
    attemptsPerEvent: fates.reduce((sum, { attempts }) => sum + attempts, 0) / events,
    invocations: workload.invocations,
    recovery: { p50: quantile(recovered, 0.5), p99: quantile(recovered, 0.99), max: recovered.at(-1) ?? 0 },
  };
};
