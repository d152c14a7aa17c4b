import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fingerprintOf, readReceiptHandle, writeReceiptHandle } from './receipt-handle.ts';

it('what is written is read, and looks like base64', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.nat(),
      fc.integer({ min: 1 }),
      fc.integer({ min: 1 }),
      (id, key, sequence, receiveCount) => {
        const queueKey = key.toString(36);
        const handle = writeReceiptHandle(queueKey, sequence, receiveCount, id);
        expect(handle).toMatch(/^[A-Za-z0-9+/]+==$/);
        expect(readReceiptHandle(handle)).toEqual({ queueKey, sequence, receiveCount, fingerprint: fingerprintOf(id) });
      },
    ),
  );
});

it('any other text is none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `AQEB${text}==`),
      ),
      (text) => {
        const read = readReceiptHandle(text);
        if (read !== undefined) expect(text).toMatch(/^AQEB[^+]*\+\d+\+\d+\+.*==$/s);
      },
    ),
  );
});
