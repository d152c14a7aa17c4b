import { strToU8, type Zippable, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { utf8Text } from './bytes.ts';
import { unzippedBytesOf, zipEntries } from './zip-directory.ts';

const entriesOf = (archive: Uint8Array) =>
  [...zipEntries(archive)].map(({ name, ...others }) => ({ name: utf8Text(name), ...others }));

const files: Zippable = {
  'index.mjs': strToU8('x'.repeat(1_000)),
  bin: [strToU8('#!'), { os: 3, attrs: 0o100755 << 16 }],
  'ü/😀': [strToU8('abc'), { level: 0, extra: { 21589: new Uint8Array(9) }, comment: 'of this file' }],
};

describe("an archive's directory", () => {
  it('says names, sizes and permissions, also behind something and in front of a comment', () => {
    const zip = zipSync(files, { comment: 'c'.repeat(700) });
    const shifted = new Uint8Array(zip.length + 9);
    shifted.set(zip, 9);
    for (const archive of [zip, shifted.subarray(9)]) {
      expect(entriesOf(archive)).toEqual([
        { name: 'index.mjs', unpackedBytes: 1_000, mode: 0 },
        { name: 'bin', unpackedBytes: 2, mode: 0o755 },
        { name: 'ü/😀', unpackedBytes: 3, mode: 0 },
      ]);
      expect(unzippedBytesOf(archive)).toBe(1_005);
    }
  });

  it('is none in bytes that are no archive, and ends where it is cut off, wherever that is', () => {
    const zip = zipSync(files);
    for (let length = 0; length < zip.length; length++) expect(unzippedBytesOf(zip.subarray(0, length))).toBe(0);
    for (let at = 0; at < zip.length; at++) {
      const damaged = zip.slice();
      damaged[at] = (damaged[at] as number) ^ 0xff;
      expect(() => [...zipEntries(damaged)]).not.toThrow();
    }
  });

  it('tells sizes and numbers of entries that are too large for the old form', () => {
    const part = new Uint8Array(20);
    const large = new DataView(part.buffer);
    large.setUint16(0, 1, true);
    large.setUint16(2, 16, true);
    large.setBigUint64(4, 5_000_000_000n, true);
    const entry = new Uint8Array(46 + 1 + 20);
    const view = new DataView(entry.buffer);
    view.setUint32(0, 0x02014b50, true);
    view.setUint32(24, 0xffff_ffff, true);
    view.setUint16(28, 1, true);
    view.setUint16(30, 20, true);
    entry[46] = 0x61;
    entry.set(part, 47);
    const end = new Uint8Array(56 + 20 + 22);
    const tail = new DataView(end.buffer);
    tail.setUint32(0, 0x06064b50, true);
    tail.setBigUint64(32, 1n, true);
    tail.setUint32(56, 0x07064b50, true);
    tail.setBigUint64(64, BigInt(entry.length), true);
    tail.setUint32(76, 0x06054b50, true);
    tail.setUint16(86, 0xffff, true);
    tail.setUint32(92, 0xffff_ffff, true);
    expect(entriesOf(new Uint8Array([...entry, ...end]))).toEqual([{ name: 'a', unpackedBytes: 5e9, mode: 0 }]);
  });
});
