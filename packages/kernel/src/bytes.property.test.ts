import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  base64OfBytes,
  base64OfText,
  bytesOfBase64,
  bytesOfHex,
  compareBytes,
  hexOfBytes,
  includesBytes,
  joinBytes,
  textOfBase64,
  utf8Bytes,
  utf8Length,
  utf8Text,
} from './bytes.ts';

/** Node's own encodings judge ours. */
const bytes = fc.uint8Array({ maxLength: 200 });
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), maxLength: 200 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
);

describe('bytes and text', () => {
  it('counts and writes UTF-8 as Node does, lone surrogates included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
        expect(hexOfBytes(utf8Bytes(text))).toBe(Buffer.from(text).toString('hex'));
      }),
    );
  });

  it('counts texts that are longer than what is counted at once, wherever a character is cut', () => {
    for (const unit of ['a', 'ü', '€', '😀', '\ud800']) {
      for (const before of ['', 'x', 'xx', 'xxx']) {
        const text = before + unit.repeat(20_000);
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }
    }
  });

  it('reads UTF-8 as Node does: a byte order mark stays, what is none is replaced', () => {
    expect(utf8Text(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
    fc.assert(
      fc.property(bytes, (given) => {
        expect(utf8Text(given)).toBe(Buffer.from(given).toString());
      }),
    );
  });

  it('writes base64 as Node does, short and long, and reads its own', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ minLength: 12_280, maxLength: 12_300 })), (given) => {
        const base64 = base64OfBytes(given);
        expect(base64).toBe(Buffer.from(given).toString('base64'));
        expect(bytesOfBase64(base64)).toEqual(given);
      }),
    );
  });

  it('reads the text behind base64, or says that there is none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(textOfBase64(base64OfText(text))).toBe(text);
      }),
    );
    expect(textOfBase64('%')).toBeUndefined();
    expect(textOfBase64(base64OfBytes(Uint8Array.of(0xff)))).toBeUndefined();
  });

  it('reads the alphabet of URLs and base64 without padding, and passes over what is no digit', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(bytesOfBase64(Buffer.from(given).toString('base64url'))).toEqual(given);
      }),
    );
    const digits = fc.string({ unit: fc.constantFrom(...'ABCyz019+/-_= \n!é'), maxLength: 60 });
    fc.assert(
      fc.property(digits, (text) => {
        expect(Array.from(bytesOfBase64(text))).toEqual(Array.from(Buffer.from(text, 'base64')));
      }),
    );
  });

  it('reads back hexadecimal digits', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(bytesOfHex(hexOfBytes(given))).toEqual(given);
      }),
    );
  });

  it('joins, compares and finds as Node does', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 4 }), (pieces) => {
        expect(Array.from(joinBytes(pieces))).toEqual(Array.from(Buffer.concat(pieces)));
      }),
    );
    const alike = fc.uint8Array({ maxLength: 4, max: 2 });
    fc.assert(
      fc.property(alike, alike, (left, right) => {
        expect(Math.sign(compareBytes(left, right))).toBe(Buffer.compare(left, right));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20, max: 2 }), alike, (whole, part) => {
        expect(includesBytes(whole, part)).toBe(Buffer.from(whole).includes(Buffer.from(part)));
      }),
    );
  });
});
