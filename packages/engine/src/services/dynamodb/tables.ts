import { makeArn } from '@holdfast/aws-model';
import { type EpochMs, setMember, type Timer } from '@holdfast/kernel';
import { type Collection, Constraints, type RequestContext, type ServiceEnvironment } from '../../core/index.ts';
import { type Item, itemFromJson, itemsEqual, itemToJson, measure, type Taken } from './attribute-value.ts';
import { namedTableNotFound, tableNotFound } from './errors.ts';
import { ExpiryIndex } from './expiry-index.ts';
import type { ItemChange } from './item-change.ts';
import { keyNames } from './key-schema.ts';
import { replicate } from './kinesis-replication.ts';
import { type Row, type StoredTable, Table } from './table.ts';
import { TableEncryption } from './table-encryption.ts';

/** Finds the table of a request, once everything that can be judged without it is. */
export type OpenTable = () => Table;

type ChangeListener = (change: ItemChange) => void;

/** An expired item goes at the next of these; at most one sweep per table and interval. */
export const SWEEP_INTERVAL_MS = 60_000;
const SWEPT_ITEMS_MAX = 5_000;
/** Between two parts of a sweep that has more to delete than fits one turn. */
const SWEEP_PAUSE_MS = 50;

export const tableArn = (name: string, { account, region }: Pick<RequestContext, 'account' | 'region'>): string =>
  makeArn('dynamodb', region, account, `table/${name}`);

/** Checks a name or ARN that no table was found for. */
export const checkTableName = (name: string | undefined): void => {
  const constraints = new Constraints().required('tableName', name);
  if (name !== undefined && !name.startsWith('arn:')) {
    constraints.length('tableName', name, 3, 255).pattern('tableName', name, /^[a-zA-Z0-9_.-]*$/, '[a-zA-Z0-9_.-]+');
  }
  constraints.check();
};

/** All tables with their items: memory, store, indexes, expiry and listeners stay in step here and nowhere else. */
export class Tables {
  readonly #environment: ServiceEnvironment;
  readonly #encryption: TableEncryption;
  readonly #byArn = new Map<string, Table>();
  readonly #storedTables: Collection<StoredTable>;
  readonly #storedItems: Collection<Record<string, unknown>>;
  readonly #expiries = new Map<Table, ExpiryIndex>();
  readonly #sweeps = new Map<Table, Timer>();
  readonly #listeners = new Map<string, Set<ChangeListener>>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#encryption = new TableEncryption(environment);
    this.#storedTables = environment.store.collection('dynamodb.tables');
    this.#storedItems = environment.store.collection('dynamodb.items');
    this.#load();
  }

  #load(): void {
    const byId = new Map<string, Table>();
    for (const [tableArn, stored] of this.#storedTables.entries()) {
      const table = new Table(stored);
      this.#byArn.set(tableArn, table);
      byId.set(stored.id, table);
    }
    for (const [key, json] of this.#storedItems.entries()) {
      const item = itemFromJson(json);
      byId.get(key.slice(0, key.indexOf('/')))?.put({ item, ...measure(item) });
    }
    for (const table of this.#byArn.values()) {
      const attribute = table.stored.timeToLive?.attribute;
      if (attribute !== undefined) this.#expiries.set(table, new ExpiryIndex(attribute, table.rows.values()));
    }
  }

  /** Resumes the sweeps for expired items. */
  start(): void {
    for (const table of this.#expiries.keys()) this.#scheduleSweep(table);
  }

  /** By name or ARN. */
  find(nameOrArn: string | undefined, context: RequestContext): Table | undefined {
    if (nameOrArn === undefined) return undefined;
    return this.#byArn.get(nameOrArn.startsWith('arn:') ? nameOrArn : tableArn(nameOrArn, context));
  }

  /** For reads and writes. */
  require(nameOrArn: string | undefined, context: RequestContext): Table {
    const table = this.find(nameOrArn, context);
    if (table !== undefined) {
      this.#encryption.check(table.stored, context);
      return table;
    }
    checkTableName(nameOrArn);
    throw tableNotFound();
  }

  /** The table of a request, found when it is first asked for, and only then. */
  opening(nameOrArn: string | undefined, context: RequestContext): OpenTable {
    let table: Table | undefined;
    return () => {
      table ??= this.require(nameOrArn, context);
      return table;
    };
  }

  /** For calls about the table itself. */
  requireNamed(nameOrArn: string | undefined, context: RequestContext): Table {
    const table = this.find(nameOrArn, context);
    if (table !== undefined) return table;
    checkTableName(nameOrArn);
    const name = (nameOrArn as string).split('/')[1] ?? (nameOrArn as string);
    throw namedTableNotFound(name);
  }

  /** Names of the tables of an account and region, in order. */
  names({ account, region }: RequestContext): string[] {
    const names: string[] = [];
    for (const { stored } of this.#byArn.values()) {
      if (stored.account === account && stored.region === region) names.push(stored.name);
    }
    return names.sort();
  }

  create(declared: StoredTable): Table {
    const stored = this.#withKeyArn(declared);
    const table = new Table(stored);
    this.#byArn.set(stored.arn, table);
    this.#storedTables.put(stored.arn, stored);
    return table;
  }

  /** However the key was named, the table keeps it by its ARN, also when an alias comes to mean another one. */
  #withKeyArn<Part extends Pick<StoredTable, 'account' | 'region' | 'encryption'>>(table: Part): Part {
    const { account, region, encryption } = table;
    if (encryption === undefined) return table;
    const keyId = this.#environment.keys.arnOf({ account, region, keyId: encryption.keyId }) ?? encryption.keyId;
    return { ...table, encryption: { ...encryption, keyId } };
  }

  /** Replaces what is stored about the table itself. */
  change(table: Table, change: Partial<StoredTable>): void {
    table.stored = { ...table.stored, ...change };
    if (change.encryption !== undefined) table.stored = this.#withKeyArn(table.stored);
    this.#storedTables.put(table.stored.arn, table.stored);
  }

  /** From now on every change goes into a new stream. */
  startStream(table: Table, viewType: string, now: EpochMs): void {
    const { arn, name, account, region, keySchema } = table.stored;
    const streamArn = this.#environment.tableStreams.open({ arn, name, account, region, keySchema }, viewType, now);
    this.change(table, { stream: { arn: streamArn, viewType, isEnabled: true } });
  }

  /** Ends the table's stream; what it holds stays readable for a day. */
  stopStream(table: Table, now: EpochMs): void {
    const { stream } = table.stored;
    if (stream === undefined) return;
    this.#environment.tableStreams.close(stream.arn, now);
    this.change(table, { stream: { ...stream, isEnabled: false } });
  }

  drop(table: Table, now: EpochMs): void {
    if (table.stored.stream?.isEnabled) this.stopStream(table, now);
    this.#sweeps.get(table)?.cancel();
    this.#sweeps.delete(table);
    this.#expiries.delete(table);
    this.#byArn.delete(table.stored.arn);
    this.#listeners.delete(table.stored.arn);
    this.#storedTables.delete(table.stored.arn);
    for (const rowKey of table.rows.keys()) this.#storedItems.delete(this.#storeKey(table, rowKey));
  }

  #storeKey(table: Table, rowKey: string): string {
    return `${table.stored.id}/${rowKey}`;
  }

  put(table: Table, taken: Taken, now: EpochMs): void {
    const { row, old } = table.put(taken);
    this.#storedItems.put(
      this.#storeKey(table, row.rowKey),
      taken.hasBinary ? itemToJson(taken.item) : (taken.item as unknown as Record<string, unknown>),
    );
    this.#changed(table, row, old, taken.item, now);
  }

  remove(table: Table, row: Row, now: EpochMs, userIdentity?: ItemChange['userIdentity']): void {
    table.remove(row);
    this.#storedItems.delete(this.#storeKey(table, row.rowKey));
    this.#changed(table, row, row.item, undefined, now, userIdentity);
  }

  #changed(
    table: Table,
    row: Row,
    before: Item | undefined,
    after: Item | undefined,
    now: EpochMs,
    userIdentity?: ItemChange['userIdentity'],
  ): void {
    const expiry = this.#expiries.get(table);
    if (expiry !== undefined) {
      expiry.replace(row, before, after);
      this.#scheduleSweep(table);
    }
    const listeners = this.#listeners.get(table.stored.arn);
    const { stream, destinations } = table.stored;
    const destination = destinations?.find(({ status }) => status === 'ACTIVE');
    const isHeard = stream?.isEnabled || destination !== undefined || (listeners !== undefined && listeners.size > 0);
    if (!isHeard) return;
    if (before !== undefined && after !== undefined && itemsEqual(before, after)) return;
    const image = (after ?? before) as Item;
    const keys: Item = {};
    for (const name of keyNames(table.schema)) setMember(keys, name, image[name] as Item[string]);
    const change = { tableArn: table.stored.arn, at: now, keys, oldImage: before, newImage: after, userIdentity };
    if (stream?.isEnabled) this.#environment.tableStreams.append(stream.arn, change);
    if (destination !== undefined) replicate(change, table.stored, destination, this.#environment);
    for (const listener of listeners ?? []) listener(change);
  }

  /**
   * Calls `listener` with every change of the table's items, in order, within the turn of the write. A write that
   * changes nothing is no change. Ends when the table is dropped or the function returned is called.
   */
  onChange(tableArn: string, listener: ChangeListener): () => void {
    const listeners = this.#listeners.get(tableArn) ?? new Set();
    this.#listeners.set(tableArn, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Turns expiry on (by that attribute) or off. */
  expireBy(table: Table, attribute: string | undefined): void {
    this.#sweeps.get(table)?.cancel();
    this.#sweeps.delete(table);
    if (attribute === undefined) {
      this.#expiries.delete(table);
      return;
    }
    this.#expiries.set(table, new ExpiryIndex(attribute, table.rows.values()));
    this.#scheduleSweep(table);
  }

  /** One timer per table: at the first full interval after the earliest expiry. */
  #scheduleSweep(table: Table, notBefore = 0): void {
    const expiry = this.#expiries.get(table);
    if (expiry === undefined) return;
    const now = this.#environment.clock.now();
    const seconds = expiry.next(Math.floor(now / 1000));
    const scheduled = this.#sweeps.get(table);
    if (seconds === undefined) {
      scheduled?.cancel();
      this.#sweeps.delete(table);
      return;
    }
    const due = Math.max(seconds * 1000, now);
    const at = notBefore > 0 ? notBefore : (Math.floor(due / SWEEP_INTERVAL_MS) + 1) * SWEEP_INTERVAL_MS;
    if (scheduled !== undefined && scheduled.at <= at) return;
    scheduled?.cancel();
    this.#sweeps.set(
      table,
      this.#environment.timers.schedule(at, (sweptAt) => this.#sweep(table, sweptAt)),
    );
  }

  #sweep(table: Table, now: EpochMs): void {
    this.#sweeps.delete(table);
    const expiry = this.#expiries.get(table);
    if (expiry === undefined) return;
    const rows = expiry.expired(Math.floor(now / 1000), SWEPT_ITEMS_MAX);
    for (const row of rows) {
      this.remove(table, row, now, { type: 'Service', principalId: 'dynamodb.amazonaws.com' });
    }
    if (rows.length > 0) this.#countExpired(table, rows.length, now);
    this.#sweeps.get(table)?.cancel();
    this.#sweeps.delete(table);
    this.#scheduleSweep(table, rows.length < SWEPT_ITEMS_MAX ? 0 : now + SWEEP_PAUSE_MS);
  }

  #countExpired(table: Table, count: number, now: EpochMs): void {
    const { account, region, name } = table.stored;
    this.#environment.metrics.record({
      account,
      region,
      namespace: 'AWS/DynamoDB',
      name: 'TimeToLiveDeletedItemCount',
      dimensions: { TableName: name },
      value: count,
      unit: 'Count',
      at: now,
    });
  }
}
