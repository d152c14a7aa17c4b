import type { EpochMs } from '@holdfast/kernel';
import { type Collection, compileEventPattern, type EventPattern, PatternIndex, type Store } from '../../core/index.ts';
import type { EventEnvelope } from './envelope.ts';
import { busMissing, ruleMissing } from './errors.ts';
import { busArnOf, DEFAULT_BUS, type StoredRule } from './rule.ts';
import type { RuleRef } from './rule-metrics.ts';
import { parseSchedule, type Schedule } from './schedule.ts';

/** A bus as stored. */
export interface StoredBus {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly description?: string | undefined;
  readonly kmsKeyIdentifier?: string | undefined;
  readonly deadLetterArn?: string | undefined;
  readonly policy?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** A rule with what is compiled from it. */
export interface Rule {
  readonly stored: StoredRule;
  readonly pattern: EventPattern | undefined;
  readonly schedule: Schedule | undefined;
  readonly ref: RuleRef;
}

/** A bus with its rules. */
export class Bus {
  stored: StoredBus;
  readonly rules = new Map<string, Rule>();
  /** Enabled rules with a pattern. */
  #index: PatternIndex<Rule> | undefined;

  constructor(stored: StoredBus) {
    this.stored = stored;
  }

  rulesChanged(): void {
    this.#index = undefined;
  }

  /** Enabled rules whose pattern matches, in the order in which they were made. */
  matching(event: EventEnvelope): readonly Rule[] {
    this.#index ??= new PatternIndex(
      [...this.rules.values()].flatMap((rule) =>
        rule.pattern !== undefined && rule.stored.isEnabled ? [{ item: rule, pattern: rule.pattern }] : [],
      ),
    );
    return this.#index.matching(event as unknown as Readonly<Record<string, unknown>>);
  }
}

const ruleOf = (stored: StoredRule): Rule => ({
  stored,
  pattern: stored.eventPattern === undefined ? undefined : compileEventPattern(stored.eventPattern),
  schedule: stored.scheduleExpression === undefined ? undefined : parseSchedule(stored.scheduleExpression),
  ref: {
    account: stored.account,
    region: stored.region,
    busName: stored.busName,
    ruleName: stored.name,
    ruleArn: stored.arn,
  },
});

/** A bus is named by name or ARN. */
export const busNameOf = (nameOrArn: string | undefined): string =>
  nameOrArn === undefined
    ? DEFAULT_BUS
    : (/^arn:[^:]+:events:[^:]*:[^:]*:event-bus\/(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn);

/** All buses and rules; every change is durable when it returns. The default bus is always there. */
export class BusRegistry {
  readonly #buses = new Map<string, Bus>();
  readonly #storedBuses: Collection<StoredBus>;
  readonly #storedRules: Collection<StoredRule>;

  constructor(store: Store) {
    this.#storedBuses = store.collection('events.buses');
    this.#storedRules = store.collection('events.rules');
    for (const [arn, stored] of this.#storedBuses.entries()) this.#buses.set(arn, new Bus(stored));
    for (const [arn, stored] of this.#storedRules.entries()) {
      const bus = this.find(stored.account, stored.region, stored.busName);
      bus?.rules.set(stored.name, ruleOf(stored));
      if (bus === undefined) this.#storedRules.delete(arn);
    }
  }

  *allRules(): Generator<Rule> {
    for (const bus of this.#buses.values()) yield* bus.rules.values();
  }

  buses(account: string, region: string): Bus[] {
    this.find(account, region, DEFAULT_BUS);
    return [...this.#buses.values()]
      .filter(({ stored }) => stored.account === account && stored.region === region)
      .sort((a, b) => (a.stored.name < b.stored.name ? -1 : 1));
  }

  find(account: string, region: string, name: string): Bus | undefined {
    const arn = busArnOf(account, region, name);
    const known = this.#buses.get(arn);
    if (known !== undefined || name !== DEFAULT_BUS) return known;
    const bus = new Bus({ arn, name, account, region, createdAt: 0, modifiedAt: 0, tags: {} });
    this.#buses.set(arn, bus);
    return bus;
  }

  /** @throws ServiceError when there is no such bus */
  get(account: string, region: string, nameOrArn: string | undefined): Bus {
    const name = busNameOf(nameOrArn);
    const bus = this.find(account, region, name);
    if (bus === undefined) throw busMissing(name);
    return bus;
  }

  /** @throws ServiceError when there is no such rule */
  getRule(bus: Bus, name: string | undefined): Rule {
    const rule = bus.rules.get(name ?? '');
    if (rule === undefined) throw ruleMissing(name ?? '', bus.stored.name);
    return rule;
  }

  putBus(stored: StoredBus): void {
    const known = this.#buses.get(stored.arn);
    if (known === undefined) this.#buses.set(stored.arn, new Bus(stored));
    else known.stored = stored;
    this.#storedBuses.put(stored.arn, stored);
  }

  deleteBus(bus: Bus): void {
    this.#buses.delete(bus.stored.arn);
    this.#storedBuses.delete(bus.stored.arn);
  }

  putRule(bus: Bus, stored: StoredRule): Rule {
    const rule = ruleOf(stored);
    bus.rules.set(stored.name, rule);
    bus.rulesChanged();
    this.#storedRules.put(stored.arn, stored);
    return rule;
  }

  deleteRule(bus: Bus, rule: Rule): void {
    bus.rules.delete(rule.stored.name);
    bus.rulesChanged();
    this.#storedRules.delete(rule.stored.arn);
  }
}
