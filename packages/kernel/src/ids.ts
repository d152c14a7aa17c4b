import type { Random } from './random.ts';

/** Gives out identifiers. */
export interface IdSource {
  /** A version 4 UUID, lower case. */
  uuid(): string;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
}

const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const hexOfUint32 = (value: number): string =>
  (HEX_OF_BYTE[value >>> 24] as string) +
  (HEX_OF_BYTE[(value >>> 16) & 255] as string) +
  (HEX_OF_BYTE[(value >>> 8) & 255] as string) +
  (HEX_OF_BYTE[value & 255] as string);

/** Ids drawn from a {@link Random}: repeatable when that is seeded. */
export const idsFrom = (random: Random): IdSource => ({
  uuid() {
    const a = hexOfUint32(random.nextUint32());
    const b = hexOfUint32(((random.nextUint32() & 0xffff0fff) | 0x4000) >>> 0);
    const c = hexOfUint32(((random.nextUint32() & 0x3fffffff) | 0x80000000) >>> 0);
    const d = hexOfUint32(random.nextUint32());
    return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
  },
  hex(length) {
    let digits = '';
    while (digits.length < length) digits += hexOfUint32(random.nextUint32());
    return digits.slice(0, length);
  },
});
