import { memberOf } from '@holdfast/kernel';
import type { Item } from './attribute-value.ts';
import { SortedMap } from './sorted-map.ts';
import type { Row } from './table.ts';

/** Items that expired longer ago are left alone: most likely the attribute is no expiry time at all. */
const EXPIRED_SECONDS_MAX = 5 * 365 * 24 * 60 * 60;
/** Beyond this a number is no time in seconds (milliseconds, mostly): the item never expires. */
const EPOCH_SECONDS_MAX = 99_999_999_999;
const DIGITS = 11;

/**
 * The items of one table that have an expiry time, earliest first, so that a sweep touches only what has expired.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
export class ExpiryIndex {
  readonly attribute: string;
  readonly #rows = new SortedMap<Row>();

  constructor(attribute: string, rows: Iterable<Row>) {
    this.attribute = attribute;
    for (const row of rows) this.replace(row, undefined, row.item);
  }

  /** Expiry time in whole seconds; only a top-level number counts. */
  #secondsOf(item: Item | undefined): number | undefined {
    const number = item === undefined ? undefined : memberOf(item, this.attribute)?.N;
    if (number === undefined) return undefined;
    const seconds = Math.floor(Number(number));
    return seconds > 0 && seconds <= EPOCH_SECONDS_MAX ? seconds : undefined;
  }

  #keyOf(seconds: number, row: Row): string {
    return String(seconds).padStart(DIGITS, '0') + row.rowKey;
  }

  /** To be called for every change of an item. */
  replace(row: Row, before: Item | undefined, after: Item | undefined): void {
    const from = this.#secondsOf(before);
    const to = this.#secondsOf(after);
    if (from === to) return;
    if (from !== undefined) this.#rows.delete(this.#keyOf(from, row));
    if (to !== undefined) this.#rows.set(this.#keyOf(to, row), row);
  }

  #oldest(nowSeconds: number): string {
    return String(Math.max(0, nowSeconds - EXPIRED_SECONDS_MAX)).padStart(DIGITS, '0');
  }

  /** When the next item expires, or has expired; in seconds. */
  next(nowSeconds: number): number | undefined {
    let seconds: number | undefined;
    this.#rows.walk(this.#oldest(nowSeconds), undefined, true, (_row, key) => {
      seconds = Number(key.slice(0, DIGITS));
      return false;
    });
    return seconds;
  }

  /** Up to `limit` items whose time is before now. */
  expired(nowSeconds: number, limit: number): Row[] {
    const rows: Row[] = [];
    const end = String(nowSeconds).padStart(DIGITS, '0');
    this.#rows.walk(this.#oldest(nowSeconds), end, true, (row) => rows.push(row) < limit);
    return rows;
  }
}
