import { makeArn } from '@holdfast/aws-model';
import type { Collection, RequestContext, Store } from '../../core/index.ts';
import { conflict, notFound } from './errors.ts';
import { DEFAULT_GROUP, type StoredGroup, type StoredSchedule } from './stored.ts';

type Place = Pick<RequestContext, 'account' | 'region'>;

export const groupArnOf = ({ account, region, name }: Place & { readonly name: string }): string =>
  makeArn('scheduler', region, account, `schedule-group/${name}`);

export const scheduleArnOf = ({ account, region, groupName, name }: StoredSchedule): string =>
  makeArn('scheduler', region, account, `schedule/${groupName}/${name}`);

const keyOf = (place: Place, ...names: string[]): string => [place.account, place.region, ...names].join('/');

/** Groups and their schedules. Every account and region has a group `default` that nobody made. */
export class Registry {
  readonly #storedGroups: Collection<StoredGroup>;
  readonly #storedSchedules: Collection<StoredSchedule>;
  readonly #groups = new Map<string, StoredGroup>();
  /** By group, then by name. */
  readonly #schedules = new Map<string, Map<string, StoredSchedule>>();

  constructor(store: Store) {
    this.#storedGroups = store.collection('scheduler.groups');
    this.#storedSchedules = store.collection('scheduler.schedules');
    for (const [key, group] of this.#storedGroups.entries()) this.#groups.set(key, group);
    for (const [, schedule] of this.#storedSchedules.entries()) this.#remember(schedule);
  }

  group(place: Place, name = DEFAULT_GROUP): StoredGroup {
    const known = this.#groups.get(keyOf(place, name));
    if (known !== undefined) return known;
    if (name !== DEFAULT_GROUP) throw notFound(`Schedule group ${name} does not exist.`);
    return { account: place.account, region: place.region, name, createdAt: 0, modifiedAt: 0, tags: {} };
  }

  groups(place: Place): readonly StoredGroup[] {
    const own = [...this.#groups.values()].filter(
      ({ account, region, name }) => account === place.account && region === place.region && name !== DEFAULT_GROUP,
    );
    return [this.group(place), ...own];
  }

  addGroup(group: StoredGroup): void {
    if (group.name === DEFAULT_GROUP || this.#groups.has(keyOf(group, group.name))) {
      throw conflict(`Schedule group ${group.name} already exists.`);
    }
    this.putGroup(group);
  }

  putGroup(group: StoredGroup): void {
    const key = keyOf(group, group.name);
    this.#groups.set(key, group);
    this.#storedGroups.put(key, group);
  }

  /** Removes a group and answers with the schedules that went with it. */
  deleteGroup(group: StoredGroup): readonly StoredSchedule[] {
    const key = keyOf(group, group.name);
    const gone = [...(this.#schedules.get(key)?.values() ?? [])];
    for (const schedule of gone) this.delete(schedule);
    this.#groups.delete(key);
    this.#storedGroups.delete(key);
    return gone;
  }

  find(place: Place, groupName: string, name: string): StoredSchedule | undefined {
    return this.#schedules.get(keyOf(place, groupName))?.get(name);
  }

  schedule(place: Place, groupName: string, name: string): StoredSchedule {
    const found = this.find(place, groupName, name);
    if (found === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return found;
  }

  /** Of one group, or of all of an account and region. */
  schedules(place: Place, groupName: string | undefined): readonly StoredSchedule[] {
    if (groupName !== undefined) return [...(this.#schedules.get(keyOf(place, groupName))?.values() ?? [])];
    return this.groups(place).flatMap(({ name }) => this.schedules(place, name));
  }

  *all(): IterableIterator<StoredSchedule> {
    for (const group of this.#schedules.values()) yield* group.values();
  }

  put(schedule: StoredSchedule): void {
    this.#remember(schedule);
    this.#storedSchedules.put(keyOf(schedule, schedule.groupName, schedule.name), schedule);
  }

  delete(schedule: StoredSchedule): void {
    this.#schedules.get(keyOf(schedule, schedule.groupName))?.delete(schedule.name);
    this.#storedSchedules.delete(keyOf(schedule, schedule.groupName, schedule.name));
  }

  #remember(schedule: StoredSchedule): void {
    const key = keyOf(schedule, schedule.groupName);
    let group = this.#schedules.get(key);
    if (group === undefined) {
      group = new Map();
      this.#schedules.set(key, group);
    }
    group.set(schedule.name, schedule);
  }
}
