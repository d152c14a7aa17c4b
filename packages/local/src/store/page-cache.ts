import { isAscii } from 'node:buffer';
import { VALUE_CHECKSUM_BYTES } from './change-lines.ts';
import { checksumOf, readHex } from './record.ts';
import { damage, type Segment } from './segment.ts';

export const PAGE_BYTES = 64 * 1024;
const PAGES_MAX = 64;
const LINE_END = 0x0a;

interface Page {
  readonly bytes: Buffer;
  /** How many bytes of it were in the file when it was read. */
  filled: number;
}

/**
 * Reads values back from segments, by pages: what was written together is mostly wanted together. Keeps the pages used
 * last, four megabytes at most.
 */
export class PageCache {
  /** By segment and place in it; least recently used first. */
  readonly #pages = new Map<number, Page>();
  #usedLast = -1;

  /**
   * The value that begins at `offset` and goes up to its checksum and the end of the line.
   *
   * @throws StoreError when it is not what was written there
   */
  readValue(segment: Segment, offset: number): string {
    const start = offset % PAGE_BYTES;
    const { bytes, filled } = this.#page(segment, Math.floor(offset / PAGE_BYTES), start + 1);
    const end = bytes.indexOf(LINE_END, start);
    if (end !== -1 && end < filled) return this.#checked(bytes, start, end, segment, offset);
    const line = this.#readLong(segment, offset);
    return this.#checked(line, 0, line.length, segment, offset);
  }

  /** A page up to where the file ends, as text with one character for each byte. */
  textOfPage(segment: Segment, index: number): { readonly text: string; readonly isAscii: boolean } {
    const { bytes, filled } = this.#page(segment, index, 1);
    return { text: bytes.toString('latin1', 0, filled), isAscii: isAscii(bytes.subarray(0, filled)) };
  }

  #checked(bytes: Buffer, start: number, lineEnd: number, segment: Segment, offset: number): string {
    const end = lineEnd - VALUE_CHECKSUM_BYTES;
    if (end < start || checksumOf(bytes, start, end) !== readHex(bytes, end)) {
      this.forget(segment);
      throw damage(segment.file, offset, 'the value there is not what was written');
    }
    return bytes.toString('utf8', start, end);
  }

  /** A line over several pages. */
  #readLong(segment: Segment, offset: number): Buffer {
    const parts: Buffer[] = [];
    let start = offset % PAGE_BYTES;
    for (let index = Math.floor(offset / PAGE_BYTES); ; index++, start = 0) {
      const page = this.#page(segment, index, start + 1);
      const end = page.bytes.indexOf(LINE_END, start);
      const isWhole = end !== -1 && end < page.filled;
      parts.push(Buffer.from(page.bytes.subarray(start, isWhole ? end : page.filled)));
      if (isWhole) return Buffer.concat(parts);
      if (page.filled < PAGE_BYTES) throw damage(segment.file, offset, 'the value there has no end');
    }
  }

  /** Forgets the pages of a segment that is gone. */
  forget(segment: Segment): void {
    for (const key of this.#pages.keys()) {
      if (Math.floor(key / PAGES_PER_SEGMENT_MAX) === segment.number) this.#pages.delete(key);
    }
  }

  #page(segment: Segment, index: number, wantedBytes: number): Page {
    const key = segment.number * PAGES_PER_SEGMENT_MAX + index;
    let page = this.#pages.get(key);
    if (page !== undefined) {
      if (key !== this.#usedLast) {
        this.#pages.delete(key);
        this.#pages.set(key, page);
        this.#usedLast = key;
      }
      // Of a page at the end of a growing segment what has come to it is read.
      const inFile = Math.min(PAGE_BYTES, segment.bytes - index * PAGE_BYTES);
      if (page.filled >= inFile) return page;
    } else {
      page = { bytes: this.#takePage(), filled: 0 };
      this.#pages.set(key, page);
      this.#usedLast = key;
    }
    page.filled += segment.readAt(page.bytes, page.filled, index * PAGE_BYTES + page.filled);
    if (page.filled < wantedBytes) {
      this.#pages.delete(key);
      throw damage(segment.file, index * PAGE_BYTES, 'the file ends before that');
    }
    return page;
  }

  #takePage(): Buffer {
    if (this.#pages.size < PAGES_MAX) return Buffer.allocUnsafeSlow(PAGE_BYTES);
    const [oldestKey, oldest] = this.#pages.entries().next().value as [number, Page];
    this.#pages.delete(oldestKey);
    return oldest.bytes;
  }
}

/** A segment can become larger than it should by one record, which may be very large. */
const PAGES_PER_SEGMENT_MAX = 2 ** 20;
