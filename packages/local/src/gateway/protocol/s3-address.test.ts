import { expect, it } from 'vitest';
import { bucketInHost, s3AddressOf } from './s3-address.ts';

it.each([
  ['bucket.s3.localhost:4566', 'bucket'],
  ['bucket.s3.eu-west-1.localhost', 'bucket'],
  ['my.bucket.s3.amazonaws.com', 'my.bucket'],
  ['bucket.s3-eu-west-1.amazonaws.com', 'bucket'],
  ['bucket.localhost:4566', 'bucket'],
  ['localhost:4566', undefined],
  ['127.0.0.1:4566', undefined],
  ['[::1]:4566', undefined],
  ['s3.localhost', undefined],
  ['s3.eu-west-1.amazonaws.com', undefined],
  ['holdfast:4566', undefined],
  [undefined, undefined],
])('host %s names bucket %s', (host, bucket) => {
  expect(bucketInHost(host)).toBe(bucket);
});

it.each([
  ['/', undefined, undefined],
  ['/b', 'b', undefined],
  ['/b/', 'b', undefined],
  ['/b/k', 'b', 'k'],
  ['/b//k', 'b', '/k'],
  ['/b/a%2Fb+c%20d', 'b', 'a/b+c d'],
  ['/b/100%', 'b', '100%'],
])('path %s names bucket %s and key %s', (path, bucket, key) => {
  const request = {
    method: 'GET',
    path,
    query: '',
    headers: {},
    body: Buffer.alloc(0),
    host: 'localhost',
    sourceIp: undefined,
  };
  expect(s3AddressOf(request)).toEqual({ bucket, key });
});
