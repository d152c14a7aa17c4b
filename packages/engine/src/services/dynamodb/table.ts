import type {
  ApproximateCreationDateTimePrecision,
  AttributeDefinition,
  BillingMode,
  KeySchemaElement,
  OnDemandThroughput,
  Projection,
  Tag,
} from '@aws-sdk/client-dynamodb';
import { memberOf, setMember } from '@holdfast/kernel';
import type { Item, Taken } from './attribute-value.ts';
import { type KeySchema, keyNames, orderKeyOf, readKeySchema, rowKeyOf } from './key-schema.ts';
import { SortedMap } from './sorted-map.ts';

export interface StoredThroughput {
  readonly ReadCapacityUnits: number;
  readonly WriteCapacityUnits: number;
}

/** An index as it was declared. */
export interface StoredIndex {
  readonly name: string;
  readonly isGlobal: boolean;
  readonly keySchema: readonly KeySchemaElement[];
  readonly projection: Projection;
  readonly throughput?: StoredThroughput | undefined;
  readonly onDemand?: OnDemandThroughput | undefined;
}

/** A Kinesis stream that a table's changes go to, or went to. */
export interface StoredDestination {
  readonly streamArn: string;
  readonly status: 'ACTIVE' | 'DISABLED' | 'ENABLE_FAILED';
  /** Why it failed. */
  readonly description?: string | undefined;
  /** Milliseconds when nothing is said. */
  readonly precision?: ApproximateCreationDateTimePrecision | undefined;
}

/** All that is kept of a table besides its items. */
export interface StoredTable {
  /** Also leads the keys of the items in the store: a table deleted and made again is another table. */
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly createdAt: number;
  readonly attributes: readonly AttributeDefinition[];
  readonly keySchema: readonly KeySchemaElement[];
  readonly indexes: readonly StoredIndex[];
  readonly billingMode: BillingMode;
  readonly billingModeSetAt?: number | undefined;
  readonly throughput: StoredThroughput;
  readonly onDemand?: OnDemandThroughput | undefined;
  readonly isDeletionProtected: boolean;
  readonly tableClass?: string | undefined;
  readonly encryption?: { readonly keyId: string } | undefined;
  readonly tags: readonly Tag[];
  readonly timeToLive?: { readonly attribute: string } | undefined;
  readonly timeToLiveChangedAt?: number | undefined;
  /** The latest stream; `isEnabled` tells whether changes still go there. */
  readonly stream?: { readonly arn: string; readonly viewType: string; readonly isEnabled: boolean } | undefined;
  /** Kinesis streams that changes go to, or went to; at most one is active. */
  readonly destinations?: readonly StoredDestination[] | undefined;
  readonly recovery?: { readonly enabledAt: number; readonly days: number } | undefined;
}

/** An item in its table. The object stays while the item is replaced, so that indexes point at it. */
export interface Row {
  item: Item;
  bytes: number;
  hasBinary: boolean;
  /** Identity within the table. */
  readonly rowKey: string;
  /** Place in the table's order. */
  readonly orderKey: string;
}

/** An item with its size. */
type Measured = Pick<Taken, 'item' | 'bytes'>;

/** A secondary index: the rows that have its key attributes, in its order. */
export class SecondaryIndex {
  stored: StoredIndex;
  readonly schema: KeySchema;
  readonly rows = new SortedMap<Row>();
  /** Sum over the items in the index, as they are in the table. */
  bytes = 0;
  /** Names of the attributes it carries; `undefined` when it carries all. */
  readonly projected: ReadonlySet<string> | undefined;

  constructor(stored: StoredIndex, definitions: readonly AttributeDefinition[], table: KeySchema) {
    this.stored = stored;
    this.schema = readKeySchema(stored.keySchema, definitions);
    this.projected =
      stored.projection.ProjectionType === 'ALL'
        ? undefined
        : new Set([...keyNames(this.schema), ...keyNames(table), ...(stored.projection.NonKeyAttributes ?? [])]);
  }

  orderKey(item: Item, rowKey: string): string | undefined {
    return orderKeyOf(item, this.schema, rowKey);
  }

  /** The item as the index carries it. */
  project(item: Item): Item {
    if (this.projected === undefined) return item;
    const part: Item = {};
    for (const name of this.projected) {
      const value = memberOf(item, name);
      if (value !== undefined) setMember(part, name, value);
    }
    return part;
  }
}

/** A table's items in memory: found by key in O(1), walked in order, in its indexes likewise. */
export class Table {
  stored: StoredTable;
  readonly schema: KeySchema;
  readonly rows = new Map<string, Row>();
  readonly order = new SortedMap<Row>();
  readonly indexes = new Map<string, SecondaryIndex>();
  /** Sum over all items. */
  bytes = 0;

  constructor(stored: StoredTable) {
    this.stored = stored;
    this.schema = readKeySchema(stored.keySchema, stored.attributes);
    for (const index of stored.indexes) this.addIndex(index);
  }

  /** Takes over what was declared of an index: a new one is filled, one that is there keeps its rows. */
  declareIndex(stored: StoredIndex): void {
    const existing = this.indexes.get(stored.name);
    if (existing === undefined) this.addIndex(stored);
    else existing.stored = stored;
  }

  /** Adds an index and fills it from the items there are. */
  addIndex(stored: StoredIndex): void {
    const index = new SecondaryIndex(stored, this.stored.attributes, this.schema);
    this.indexes.set(stored.name, index);
    for (const row of this.rows.values()) {
      const orderKey = index.orderKey(row.item, row.rowKey);
      if (orderKey === undefined) continue;
      index.rows.set(orderKey, row);
      index.bytes += row.bytes;
    }
  }

  find(key: Item): Row | undefined {
    return this.rows.get(rowKeyOf(key, this.schema));
  }

  /** Puts an item in place of the one with its key. Returns the row and the item that was there. */
  put(taken: Taken): { readonly row: Row; readonly old: Item | undefined } {
    const rowKey = rowKeyOf(taken.item, this.schema);
    const existing = this.rows.get(rowKey);
    if (existing === undefined) {
      const orderKey = orderKeyOf(taken.item, this.schema) as string;
      const row: Row = { ...taken, rowKey, orderKey };
      this.rows.set(rowKey, row);
      this.order.set(orderKey, row);
      this.bytes += taken.bytes;
      this.#reindex(row, undefined, taken);
      return { row, old: undefined };
    }
    const old = { item: existing.item, bytes: existing.bytes };
    this.bytes += taken.bytes - old.bytes;
    existing.item = taken.item;
    existing.bytes = taken.bytes;
    existing.hasBinary = taken.hasBinary;
    this.#reindex(existing, old, taken);
    return { row: existing, old: old.item };
  }

  remove(row: Row): void {
    this.rows.delete(row.rowKey);
    this.order.delete(row.orderKey);
    this.bytes -= row.bytes;
    this.#reindex(row, row, undefined);
  }

  #reindex(row: Row, before: Measured | undefined, after: Measured | undefined): void {
    for (const index of this.indexes.values()) {
      const from = before === undefined ? undefined : index.orderKey(before.item, row.rowKey);
      const to = after === undefined ? undefined : index.orderKey(after.item, row.rowKey);
      if (from !== undefined) index.bytes -= before?.bytes ?? 0;
      if (to !== undefined) index.bytes += after?.bytes ?? 0;
      if (from === to) continue;
      if (from !== undefined) index.rows.delete(from);
      if (to !== undefined) index.rows.set(to, row);
    }
  }
}
