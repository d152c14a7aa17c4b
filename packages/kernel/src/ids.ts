import type { Random } from './random.ts';

/** Gives out identifiers. */
export interface IdSource {
  /** A version 4 UUID, lower case. */
  uuid(): string;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
}

/** The characters' codes. */
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const DASH = 0x2d;

/** The digit that stands for four bits of a number, from `shift` on. */
const digit = (value: number, shift: number): number => DIGITS[(value >>> shift) & 15] as number;

const hexOfUint32 = (value: number): string => value.toString(16).padStart(8, '0');

/** Ids drawn from a {@link Random}: repeatable when that is seeded. */
export const idsFrom = (random: Random): IdSource => ({
  uuid() {
    const a = random.nextUint32();
    const b = (random.nextUint32() & 0xffff0fff) | 0x4000;
    const c = (random.nextUint32() & 0x3fffffff) | 0x80000000;
    const d = random.nextUint32();
    // Of its characters: put together from parts, each id would keep hundreds of bytes and be copied when it is looked into.
    // biome-ignore format: as the id is laid out
    return String.fromCharCode(
      digit(a, 28), digit(a, 24), digit(a, 20), digit(a, 16), digit(a, 12), digit(a, 8), digit(a, 4), digit(a, 0), DASH,
      digit(b, 28), digit(b, 24), digit(b, 20), digit(b, 16), DASH,
      digit(b, 12), digit(b, 8), digit(b, 4), digit(b, 0), DASH,
      digit(c, 28), digit(c, 24), digit(c, 20), digit(c, 16), DASH,
      digit(c, 12), digit(c, 8), digit(c, 4), digit(c, 0),
      digit(d, 28), digit(d, 24), digit(d, 20), digit(d, 16), digit(d, 12), digit(d, 8), digit(d, 4), digit(d, 0),
    );
  },
  hex(length) {
    let digits = '';
    while (digits.length < length) digits += hexOfUint32(random.nextUint32());
    return digits.slice(0, length);
  },
});
