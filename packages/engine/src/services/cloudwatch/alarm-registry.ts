import { DAY_MS, type EpochMs } from '@holdfast/kernel';
import type { Collection, Store } from '../../core/index.ts';
import { type AlarmState, alarmArnOf, type StoredAlarm } from './alarm.ts';
import { type CompositeAlarm, isComposite } from './composite-alarm.ts';
import { JsonText, javaJson } from './java-json.ts';

/** An alarm of either kind. */
export type AnyAlarm = StoredAlarm | CompositeAlarm;

export type HistoryKind = 'ConfigurationUpdate' | 'StateUpdate' | 'Action';

/** One line of an alarm's history. */
export interface HistoryItem {
  readonly account: string;
  readonly region: string;
  readonly alarmName: string;
  readonly isComposite?: boolean | undefined;
  readonly at: EpochMs;
  readonly kind: HistoryKind;
  readonly summary: string;
  /** JSON text. */
  readonly data: string;
}

/** History is kept so long, and so many lines per account and region. */
export const HISTORY_RETENTION_MS = 30 * DAY_MS;
export const HISTORY_ITEMS_MAX = 5_000;

/** All alarms and their history; every change is durable when it returns. */
export class AlarmRegistry {
  readonly #alarms = new Map<string, AnyAlarm>();
  readonly #history = new Map<string, HistoryItem[]>();
  readonly #storedAlarms: Collection<AnyAlarm>;
  readonly #storedHistory: Collection<HistoryItem>;
  readonly #keys = new WeakMap<HistoryItem, string>();
  #nextKey = 1;

  constructor(store: Store) {
    this.#storedAlarms = store.collection('cloudwatch.alarms');
    this.#storedHistory = store.collection('cloudwatch.alarmHistory');
    for (const [arn, alarm] of this.#storedAlarms.entries()) this.#alarms.set(arn, alarm);
    const items = [...this.#storedHistory.entries()].sort((a, b) => Number(a[0]) - Number(b[0]));
    for (const [key, item] of items) {
      this.#remember(item, key);
      this.#nextKey = Math.max(this.#nextKey, Number(key) + 1);
    }
  }

  find(account: string, region: string, name: string): AnyAlarm | undefined {
    return this.#alarms.get(alarmArnOf(account, region, name));
  }

  get(arn: string): AnyAlarm | undefined {
    return this.#alarms.get(arn);
  }

  /** Of all accounts and regions, in no particular order. */
  all(): IterableIterator<AnyAlarm> {
    return this.#alarms.values();
  }

  /** Alarms of an account and region, by name. */
  list(account: string, region: string): AnyAlarm[] {
    return [...this.#alarms.values()]
      .filter((alarm) => alarm.account === account && alarm.region === region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  put(alarm: AnyAlarm): void {
    this.#alarms.set(alarm.arn, alarm);
    this.#storedAlarms.put(alarm.arn, alarm);
  }

  delete(alarm: AnyAlarm): void {
    this.#alarms.delete(alarm.arn);
    this.#storedAlarms.delete(alarm.arn);
  }

  /** Keeps what an alarm is configured as, and writes the history of it; `description` is as DescribeAlarms has it. */
  configure(alarm: AnyAlarm, known: AnyAlarm | undefined, description: object, now: EpochMs): void {
    this.put(alarm);
    const [verb, type] = known === undefined ? ['created', 'Create'] : ['updated', 'Update'];
    this.record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${verb}`, now, {
      version: '1.0',
      type,
      [`${verb}Alarm`]: description,
    });
  }

  /** Gives an alarm a state and writes the history of it. Returns the alarm as it is now. */
  setState<Alarm extends AnyAlarm>(
    alarm: Alarm,
    state: AlarmState,
    reason: string,
    data: string | undefined,
    now: EpochMs,
  ): Alarm {
    const changed: Alarm = {
      ...alarm,
      state,
      stateReason: reason,
      stateReasonData: data,
      stateUpdatedAt: now,
      stateTransitionedAt: state === alarm.state ? alarm.stateTransitionedAt : now,
    };
    this.put(changed);
    if (state !== alarm.state) {
      const shape = (of: AnyAlarm) => ({
        stateValue: of.state,
        stateReason: of.stateReason,
        ...(of.stateReasonData === undefined ? {} : { stateReasonData: new JsonText(of.stateReasonData) }),
      });
      this.record(alarm, 'StateUpdate', `Alarm updated from ${alarm.state} to ${state}`, now, {
        version: '1.0',
        oldState: shape(alarm),
        newState: shape(changed),
      });
    }
    return changed;
  }

  record(alarm: AnyAlarm, kind: HistoryKind, summary: string, at: EpochMs, data: object): void {
    const { account, region, name: alarmName } = alarm;
    const item: HistoryItem = {
      account,
      region,
      alarmName,
      ...(isComposite(alarm) ? { isComposite: true } : {}),
      at,
      kind,
      summary,
      data: javaJson(data),
    };
    const key = String(this.#nextKey++);
    this.#storedHistory.put(key, item);
    const items = this.#remember(item, key);
    while (items.length > HISTORY_ITEMS_MAX || (items[0] as HistoryItem).at < at - HISTORY_RETENTION_MS) {
      this.#storedHistory.delete(this.#keys.get(items.shift() as HistoryItem) as string);
    }
  }

  #remember(item: HistoryItem, key: string): HistoryItem[] {
    const owner = `${item.account}/${item.region}`;
    const items = this.#history.get(owner) ?? [];
    this.#history.set(owner, items);
    items.push(item);
    this.#keys.set(item, key);
    return items;
  }

  /** Oldest first. */
  history(account: string, region: string): readonly HistoryItem[] {
    return this.#history.get(`${account}/${region}`) ?? [];
  }
}
