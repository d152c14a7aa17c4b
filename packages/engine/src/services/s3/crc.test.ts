import { crc32 as platformCrc32 } from 'node:zlib';
import { seededRandom } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { crc32, crc32c, crc64nvme } from './crc.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const random = seededRandom(3);
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.nextInt(256));

describe('checksums over pieces', () => {
  it('have the check values of their catalogue entries', () => {
    const digits = [new TextEncoder().encode('123456789')];

    expect(hex(crc32(digits))).toBe('cbf43926');
    expect(hex(crc32c(digits))).toBe('e3069283');
    expect(hex(crc64nvme(digits))).toBe('ae8b14860a799888');
  });

  it('agree with the platform for every length', () => {
    for (let length = 0; length < 70; length++) {
      const data = bytes(length);
      expect(hex(crc32([data]))).toBe(platformCrc32(data).toString(16).padStart(8, '0'));
    }
  });

  it('do not depend on where the pieces end', () => {
    const data = bytes(1_000);
    for (const check of [crc32, crc32c, crc64nvme]) {
      const whole = hex(check([data]));
      for (const cut of [0, 1, 7, 8, 9, 500, 999]) {
        expect(hex(check([data.subarray(0, cut), data.subarray(cut)]))).toBe(whole);
      }
    }
  });
});
