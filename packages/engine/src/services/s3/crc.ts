/**
 * Cyclic redundancy checks over consecutive pieces, big-endian bytes as S3's checksum headers carry them.
 *
 * Eight bytes are taken at a time, with a table for each ("slicing by eight"): every upload of the SDK carries a CRC-32.
 */

const SLICES = 8;

/** Table k tells what a byte does to the check k bytes later; 256 entries each, one after the other. */
const tables32 = (polynomial: number): Uint32Array => {
  const tables = new Uint32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    tables[byte] = value;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256] as number;
    tables[index] = (before >>> 8) ^ (tables[before & 255] as number);
  }
  return tables;
};

const update32 = (t: Uint32Array, start: number, p: Uint8Array): number => {
  const sliced = p.length - (p.length % SLICES);
  let crc = start;
  let index = 0;
  for (; index < sliced; index += SLICES) {
    const b0 = (p[index] as number) ^ (crc & 255);
    const b1 = (p[index + 1] as number) ^ ((crc >>> 8) & 255);
    const b2 = (p[index + 2] as number) ^ ((crc >>> 16) & 255);
    const b3 = (p[index + 3] as number) ^ (crc >>> 24);
    crc =
      (t[1792 + b0] as number) ^
      (t[1536 + b1] as number) ^
      (t[1280 + b2] as number) ^
      (t[1024 + b3] as number) ^
      (t[768 + (p[index + 4] as number)] as number) ^
      (t[512 + (p[index + 5] as number)] as number) ^
      (t[256 + (p[index + 6] as number)] as number) ^
      (t[p[index + 7] as number] as number);
  }
  for (; index < p.length; index++) crc = (crc >>> 8) ^ (t[(crc ^ (p[index] as number)) & 255] as number);
  return crc;
};

const over32 = (polynomial: number) => {
  const tables = tables32(polynomial);
  return (pieces: readonly Uint8Array[]): Uint8Array => {
    const crc = pieces.reduce((sum, piece) => update32(tables, sum, piece), 0xffffffff);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, ~crc >>> 0);
    return bytes;
  };
};

/** CRC-32 as in zip and Ethernet. */
export const crc32 = over32(0xedb88320);

/** CRC-32C (Castagnoli). */
export const crc32c = over32(0x82f63b78);

/** The reflected polynomial of CRC-64/NVME, in halves: 64-bit arithmetic on two 32-bit numbers is faster than BigInt. */
const NVME_HIGH = 0x9a6c9329;
const NVME_LOW = 0xac4bc9b5;

const HIGH = new Uint32Array(SLICES * 256);
const LOW = new Uint32Array(SLICES * 256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      low ^= NVME_LOW;
      high ^= NVME_HIGH;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}
for (let index = 256; index < HIGH.length; index++) {
  const high = HIGH[index - 256] as number;
  const low = LOW[index - 256] as number;
  HIGH[index] = (high >>> 8) ^ (HIGH[low & 255] as number);
  LOW[index] = ((low >>> 8) | (high << 24)) ^ (LOW[low & 255] as number);
}

/** CRC-64/NVME, S3's own default. */
export const crc64nvme = (pieces: readonly Uint8Array[]): Uint8Array => {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const piece of pieces) {
    const sliced = piece.length - (piece.length % SLICES);
    let index = 0;
    for (; index < sliced; index += SLICES) {
      const s0 = 1792 + ((piece[index] as number) ^ (low & 255));
      const s1 = 1536 + ((piece[index + 1] as number) ^ ((low >>> 8) & 255));
      const s2 = 1280 + ((piece[index + 2] as number) ^ ((low >>> 16) & 255));
      const s3 = 1024 + ((piece[index + 3] as number) ^ (low >>> 24));
      const s4 = 768 + ((piece[index + 4] as number) ^ (high & 255));
      const s5 = 512 + ((piece[index + 5] as number) ^ ((high >>> 8) & 255));
      const s6 = 256 + ((piece[index + 6] as number) ^ ((high >>> 16) & 255));
      const s7 = (piece[index + 7] as number) ^ (high >>> 24);
      low = xorOfEight(LOW, s0, s1, s2, s3, s4, s5, s6, s7);
      high = xorOfEight(HIGH, s0, s1, s2, s3, s4, s5, s6, s7);
    }
    for (; index < piece.length; index++) {
      const slot = (low ^ (piece[index] as number)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ (LOW[slot] as number);
      high = (high >>> 8) ^ (HIGH[slot] as number);
    }
  }
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ~high >>> 0);
  view.setUint32(4, ~low >>> 0);
  return bytes;
};

const xorOfEight = (
  table: Uint32Array,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  s4: number,
  s5: number,
  s6: number,
  s7: number,
): number =>
  (table[s0] as number) ^
  (table[s1] as number) ^
  (table[s2] as number) ^
  (table[s3] as number) ^
  (table[s4] as number) ^
  (table[s5] as number) ^
  (table[s6] as number) ^
  (table[s7] as number);
