import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

const taken = (bucket: TokenBucket, now: number, times: number): number => {
  let count = 0;
  for (let index = 0; index < times; index++) if (bucket.take(now, 100, 1_000)) count += 1;
  return count;
};

describe('a token bucket', () => {
  it('begins full, refills continuously and never beyond its burst', () => {
    const bucket = new TokenBucket();

    expect(taken(bucket, 5_000, 1_500)).toBe(1_000);
    expect(taken(bucket, 5_010, 5)).toBe(1);
    expect(taken(bucket, 7_000, 500)).toBe(199);
    expect(taken(bucket, 1e9, 5_000)).toBe(1_000);
  });
});
