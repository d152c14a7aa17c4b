import type { PageCache } from './page-cache.ts';
import { PAGE_BYTES } from './page-cache.ts';
import type { Segment } from './segment.ts';

/**
 * Reads the beginnings of values, one after the other: what is in one page is cut out of one text, as a million calls
 * for a buffer's bytes would take longer than what is done with them.
 *
 * Not checked by themselves: the whole record was, when the log was opened, and the whole value will be.
 */
export class HeadReader {
  readonly #pages: PageCache;
  /** In bytes, one character for each. */
  readonly #marker: string;
  #segment: Segment | undefined;
  #page = -1;
  #text = '';
  #isAscii = true;

  /** Wanted is what stands before the text member `upTo`. */
  constructor(pages: PageCache, upTo: string) {
    this.#pages = pages;
    // Within a text of JSON no quotation mark stands without a backslash, so that this is found nowhere else.
    this.#marker = Buffer.from(`,"${upTo}":"`).toString('latin1');
  }

  /**
   * The members of the object that begins at `offset` which are wanted, as JSON without the brace that closes it; all of them
   * where that cannot be told.
   */
  read(segment: Segment, offset: number): string {
    const page = Math.floor(offset / PAGE_BYTES);
    if (page !== this.#page || segment !== this.#segment) this.#turnTo(segment, page);
    const start = offset % PAGE_BYTES;
    const end = this.#text.indexOf(this.#marker, start);
    const head = end === -1 ? '\n' : this.#text.slice(start, end);
    // Then it was found in another line.
    if (head.includes('\n')) return this.#pages.readValue(segment, offset).slice(0, -1);
    return this.#isAscii ? head : Buffer.from(head, 'latin1').toString('utf8');
  }

  #turnTo(segment: Segment, page: number): void {
    this.#segment = segment;
    this.#page = page;
    const { text, isAscii } = this.#pages.textOfPage(segment, page);
    this.#text = text;
    this.#isAscii = isAscii;
  }
}
