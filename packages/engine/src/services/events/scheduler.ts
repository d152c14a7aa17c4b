import type { EpochMs, Timer } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import type { Rule } from './bus-registry.ts';
import { nextRunAfter } from './schedule.ts';

interface StoredRun {
  readonly nextRunAt: EpochMs;
}

/**
 * Fires scheduled rules: one timer per enabled rule.
 *
 * The next run is stored, so that a run that fell into a downtime is made up for once at the start; the runs after
 * it follow the schedule as if nothing had happened.
 */
export class Scheduler {
  readonly #environment: ServiceEnvironment;
  readonly #fire: (rule: Rule, now: EpochMs) => void;
  readonly #runs: Collection<StoredRun>;
  readonly #timers = new Map<string, Timer>();

  constructor(environment: ServiceEnvironment, fire: (rule: Rule, now: EpochMs) => void) {
    this.#environment = environment;
    this.#fire = fire;
    this.#runs = environment.store.collection('events.runs');
  }

  start(rules: Iterable<Rule>): void {
    const stored = new Map(this.#runs.entries());
    for (const rule of rules) {
      if (!rule.stored.isEnabled || rule.schedule === undefined) continue;
      this.#arm(rule, stored.get(rule.stored.arn)?.nextRunAt);
    }
  }

  /** To be called when a rule was made or changed. */
  update(rule: Rule): void {
    this.remove(rule.stored.arn);
    if (rule.stored.isEnabled && rule.schedule !== undefined) this.#arm(rule, undefined);
  }

  remove(ruleArn: string): void {
    this.#timers.get(ruleArn)?.cancel();
    if (this.#timers.delete(ruleArn)) this.#runs.delete(ruleArn);
  }

  #arm(rule: Rule, storedNextRunAt: EpochMs | undefined): void {
    const { schedule, stored } = rule;
    if (schedule === undefined) return;
    const now = this.#environment.clock.now();
    const nextRunAt = storedNextRunAt ?? nextRunAfter(schedule, stored.scheduledSince, now);
    if (nextRunAt === undefined) {
      this.#runs.delete(stored.arn);
      return;
    }
    if (storedNextRunAt === undefined) this.#runs.put(stored.arn, { nextRunAt });
    const timer = this.#environment.timers.schedule(nextRunAt, (at) => {
      this.#arm(rule, undefined);
      this.#fire(rule, at);
    });
    this.#timers.set(stored.arn, timer);
  }
}
