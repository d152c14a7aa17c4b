import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { sha1 } from './sha1.ts';

it('sha1 agrees with the platform around every block boundary', () => {
  for (const length of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1_000]) {
    const data = new Uint8Array(length).fill(length);
    expect(Buffer.from(sha1(data)).toString('hex')).toBe(hash('sha1', data, 'hex'));
  }
});
