const rotateLeft = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/**
 * SHA-1 (RFC 3174), for `x-amz-checksum-sha1` only: the kernel's digest offers what the engine needs elsewhere, and
 * nothing here relies on SHA-1 for security.
 */
export const sha1 = (data: Uint8Array): Uint8Array => {
  const paddedLength = ((data.length + 8) >> 6) * 64 + 64;
  const padded = new Uint8Array(paddedLength);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(paddedLength - 8, Math.floor(data.length / 0x20000000));
  view.setUint32(paddedLength - 4, (data.length * 8) >>> 0);

  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const words = new Int32Array(80);
  for (let block = 0; block < paddedLength; block += 64) {
    for (let index = 0; index < 16; index++) words[index] = view.getInt32(block + index * 4);
    for (let index = 16; index < 80; index++) {
      words[index] = rotateLeft(
        (words[index - 3] as number) ^
          (words[index - 8] as number) ^
          (words[index - 14] as number) ^
          (words[index - 16] as number),
        1,
      );
    }
    let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
    for (let round = 0; round < 80; round++) {
      const mixed =
        round < 20
          ? ((b & c) | (~b & d)) + 0x5a827999
          : round < 40
            ? (b ^ c ^ d) + 0x6ed9eba1
            : round < 60
              ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
              : (b ^ c ^ d) + 0xca62c1d6;
      const next = (rotateLeft(a, 5) + mixed + e + (words[round] as number)) | 0;
      e = d;
      d = c;
      c = rotateLeft(b, 30);
      b = a;
      a = next;
    }
    for (const [index, value] of [a, b, c, d, e].entries()) state[index] = ((state[index] as number) + value) | 0;
  }
  const bytes = new Uint8Array(20);
  const out = new DataView(bytes.buffer);
  for (let index = 0; index < 5; index++) out.setInt32(index * 4, state[index] as number);
  return bytes;
};
