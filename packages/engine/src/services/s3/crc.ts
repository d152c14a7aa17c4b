/** Cyclic redundancy checks over consecutive pieces, big-endian bytes as S3's checksum headers carry them. */

const table32 = (polynomial: number): Uint32Array => {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    table[byte] = value >>> 0;
  }
  return table;
};

const over32 =
  (table: Uint32Array) =>
  (pieces: readonly Uint8Array[]): Uint8Array => {
    let crc = 0xffffffff;
    for (const piece of pieces) {
      const length = piece.length;
      for (let index = 0; index < length; index++) {
        crc = (crc >>> 8) ^ (table[(crc ^ (piece[index] as number)) & 255] as number);
      }
    }
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, ~crc >>> 0);
    return bytes;
  };

/** CRC-32 as in zip and Ethernet. */
export const crc32 = over32(table32(0xedb88320));

/** CRC-32C (Castagnoli). */
export const crc32c = over32(table32(0x82f63b78));

/** The reflected polynomial of CRC-64/NVME, in halves: 64-bit arithmetic on two 32-bit numbers is faster than BigInt. */
const NVME_HIGH = 0x9a6c9329;
const NVME_LOW = 0xac4bc9b5;

const NVME_TABLE_HIGH = new Uint32Array(256);
const NVME_TABLE_LOW = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = low & 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (isOdd) {
      low = (low ^ NVME_LOW) >>> 0;
      high = (high ^ NVME_HIGH) >>> 0;
    }
  }
  NVME_TABLE_HIGH[byte] = high;
  NVME_TABLE_LOW[byte] = low;
}

/** CRC-64/NVME, S3's own default. */
export const crc64nvme = (pieces: readonly Uint8Array[]): Uint8Array => {
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (const piece of pieces) {
    const length = piece.length;
    for (let index = 0; index < length; index++) {
      const slot = (low ^ (piece[index] as number)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ (NVME_TABLE_LOW[slot] as number);
      high = (high >>> 8) ^ (NVME_TABLE_HIGH[slot] as number);
    }
  }
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ~high >>> 0);
  view.setUint32(4, ~low >>> 0);
  return bytes;
};
