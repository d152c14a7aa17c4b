import type { EpochMs, Timer, TimerQueue } from '@holdfast/kernel';
import type { StoredAlarm } from './alarm.ts';
import { type AlarmTerms, judge, type MissingData } from './alarm-judgement.ts';
import { AlarmRange } from './alarm-range.ts';
import { reasonData, reasonText } from './alarm-reason.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import type { AlarmTransitions } from './alarm-transitions.ts';
import { isComposite } from './composite-alarm.ts';
import type { MetricStore } from './metric-store.ts';

interface Watch {
  readonly range: AlarmRange;
  readonly terms: AlarmTerms;
  readonly unwatch: () => void;
  timer: Timer | undefined;
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Alarms on metrics of AWS/DynamoDB ignore missing data whatever they say. */
const missingDataOf = ({ configuration }: StoredAlarm): MissingData =>
  configuration.namespace === 'AWS/DynamoDB'
    ? 'ignore'
    : ((configuration.treatMissingData ?? 'missing') as MissingData);

const termsOf = (alarm: StoredAlarm): AlarmTerms => {
  const { evaluationPeriods, datapointsToAlarm, comparisonOperator, threshold } = alarm.configuration;
  const compare = COMPARISONS[comparisonOperator] as (value: number, threshold: number) => boolean;
  return {
    evaluationPeriods,
    datapointsToAlarm: datapointsToAlarm ?? evaluationPeriods,
    missingData: missingDataOf(alarm),
    isBreaching: (value) => compare(value, threshold),
  };
};

/**
 * Evaluates metric alarms: at every full minute, every ten seconds for periods below a minute, every hour for windows
 * over more than a day.
 *
 * One timer per alarm that may change; an alarm without any data in sight has none until its metric is recorded.
 * AWS evaluates somewhere within the minute; here it is at its beginning, when the minute before is complete.
 */
export class AlarmEvaluator {
  readonly #store: MetricStore;
  readonly #registry: AlarmRegistry;
  readonly #transitions: AlarmTransitions;
  readonly #timers: TimerQueue;
  readonly #now: () => EpochMs;
  readonly #watches = new Map<string, Watch>();

  constructor(
    store: MetricStore,
    registry: AlarmRegistry,
    transitions: AlarmTransitions,
    timers: TimerQueue,
    now: () => EpochMs,
  ) {
    this.#store = store;
    this.#registry = registry;
    this.#transitions = transitions;
    this.#timers = timers;
    this.#now = now;
  }

  /** Takes up all alarms that are stored. */
  start(): void {
    for (const alarm of this.#registry.all()) if (!isComposite(alarm)) this.follow(alarm);
  }

  /** Evaluates an alarm from now on, under its present configuration. */
  follow(alarm: StoredAlarm): void {
    this.forget(alarm.arn);
    const range = new AlarmRange(this.#store, alarm);
    const watch: Watch = {
      range,
      terms: termsOf(alarm),
      unwatch: range.watch(() => this.#schedule(alarm.arn, watch)),
      timer: undefined,
    };
    this.#watches.set(alarm.arn, watch);
    this.#schedule(alarm.arn, watch);
  }

  /** Has an alarm looked at again that was set by hand. */
  wake(arn: string): void {
    const watch = this.#watches.get(arn);
    if (watch !== undefined) this.#schedule(arn, watch);
  }

  forget(arn: string): void {
    const watch = this.#watches.get(arn);
    watch?.unwatch();
    watch?.timer?.cancel();
    this.#watches.delete(arn);
  }

  #schedule(arn: string, watch: Watch): void {
    if (watch.timer !== undefined) return;
    const { stepMs } = watch.range;
    const at = (Math.floor(this.#now() / stepMs) + 1) * stepMs;
    watch.timer = this.#timers.schedule(at, (now) => {
      watch.timer = undefined;
      this.#evaluate(arn, watch, now);
    });
  }

  #evaluate(arn: string, watch: Watch, now: EpochMs): void {
    const alarm = this.#registry.get(arn);
    if (alarm === undefined || isComposite(alarm)) return;
    const { terms, range } = watch;
    const { points, isStill } = range.look(now);
    const judgement = judge(points, terms);
    const state = judgement.state ?? alarm.state;
    if (state !== alarm.state) {
      const text = reasonText(state, judgement, alarm.configuration, terms.missingData, terms.isBreaching);
      this.#transitions.change(alarm, state, text, reasonData(judgement, alarm.configuration, now), now);
    }
    if (!isStill) this.#schedule(arn, watch);
  }
}
