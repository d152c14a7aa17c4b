import type { ListObjectsCommandOutput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const withKeys = (...keys: string[]) => {
  const bench = new TestBench((environment) => new S3Service(environment));
  bench.call('CreateBucket', { Bucket: 'data' });
  for (const Key of keys) bench.call('PutObject', { Bucket: 'data', Key, Body: 'x' });
  return bench;
};
const list = (bench: TestBench<S3Service>, input: object = {}) =>
  bench.call<ListObjectsV2CommandOutput>('ListObjectsV2', { Bucket: 'data', ...input });
const keys = (answer: Pick<ListObjectsV2CommandOutput, 'Contents'>) =>
  answer.Contents?.map((object) => object.Key) ?? [];
const prefixes = (answer: Pick<ListObjectsV2CommandOutput, 'CommonPrefixes'>) =>
  answer.CommonPrefixes?.map((prefix) => prefix.Prefix) ?? [];

describe('ListObjectsV2', () => {
  it('lists keys in order with what is known of each', () => {
    const answer = list(withKeys('b', 'a', 'C'));

    expect(keys(answer)).toEqual(['C', 'a', 'b']);
    expect(answer).toMatchObject({ Name: 'data', Prefix: '', MaxKeys: 1000, KeyCount: 3, IsTruncated: false });
    expect(answer.Contents?.[0]).toEqual({
      Key: 'C',
      LastModified: new Date(Date.UTC(2025, 0, 1)),
      ETag: '"9dd4e461268c8034f5c8564e155c67a6"',
      ChecksumAlgorithm: ['CRC64NVME'],
      ChecksumType: 'FULL_OBJECT',
      Size: 1,
      StorageClass: 'STANDARD',
    });
    expect(list(withKeys('a'), { FetchOwner: true }).Contents?.[0]?.Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
  });

  it('rolls keys up at the delimiter', () => {
    const bench = withKeys('test/bar/foo/123', 'test/foo/bar/123', 'test/foo/bar/456', 'test/top', 'test/foo');

    const answer = list(bench, { Prefix: 'test/', Delimiter: '/' });

    expect(prefixes(answer)).toEqual(['test/bar/', 'test/foo/']);
    expect(keys(answer)).toEqual(['test/foo', 'test/top']);
    expect(answer.KeyCount).toBe(4);
    expect(prefixes(list(bench, { Prefix: 'test/foo/b', Delimiter: '/' }))).toEqual(['test/foo/bar/']);
  });

  it('goes on where the last page ended, also behind a common prefix', () => {
    const bench = withKeys('a/1', 'a/2', 'b', 'c/1', 'd');
    const seen: string[] = [];
    let token: string | undefined;

    do {
      const page = list(bench, { Delimiter: '/', MaxKeys: 1, ContinuationToken: token });
      expect(page.KeyCount).toBe(1);
      seen.push(...prefixes(page).map(String), ...keys(page).map(String));
      token = page.NextContinuationToken;
      // What is written behind the page's end does not disturb the next one.
      bench.call('PutObject', { Bucket: 'data', Key: 'a/0', Body: '' });
    } while (token !== undefined);

    expect(seen).toEqual(['a/', 'b', 'c/', 'd']);
  });

  it('starts after a key, and refuses a token that is not its own', () => {
    const bench = withKeys('a', 'b', 'c');

    expect(keys(list(bench, { StartAfter: 'a' }))).toEqual(['b', 'c']);
    expect(keys(list(bench, { StartAfter: 'aa', MaxKeys: 1 }))).toEqual(['b']);
    expect(list(bench, { MaxKeys: 0 })).toMatchObject({ KeyCount: 0, IsTruncated: false });
    expect(bench.refusal('ListObjectsV2', { Bucket: 'data', ContinuationToken: 'bad' }).message).toBe(
      'The continuation token provided is incorrect',
    );
  });

  it('encodes keys when asked', () => {
    const bench = withKeys('a b/ü(1).csv');

    expect(keys(list(bench, { EncodingType: 'url' }))).toEqual(['a+b/%C3%BC%281%29.csv']);
    expect(bench.refusal('ListObjectsV2', { Bucket: 'data', EncodingType: 'value' }).message).toBe(
      'Invalid Encoding Method specified in Request',
    );
  });

  it('forgets deleted keys', () => {
    const bench = withKeys('a', 'b');

    bench.call('DeleteObject', { Bucket: 'data', Key: 'a' });

    expect(keys(list(bench))).toEqual(['b']);
  });
});

describe('ListObjects', () => {
  it('names the next marker only with a delimiter', () => {
    const bench = withKeys('a/1', 'a/2', 'b');
    const first = bench.call<ListObjectsCommandOutput>('ListObjects', { Bucket: 'data', MaxKeys: 1, Delimiter: '/' });

    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'a/', CommonPrefixes: [{ Prefix: 'a/' }] });
    const next = bench.call<ListObjectsCommandOutput>('ListObjects', { Bucket: 'data', Delimiter: '/', Marker: 'a/' });
    expect(next).toMatchObject({ IsTruncated: false, Contents: [{ Key: 'b' }] });
    expect(next.CommonPrefixes).toBeUndefined();
    const plain = bench.call<ListObjectsCommandOutput>('ListObjects', { Bucket: 'data', MaxKeys: 1 });
    expect(plain.IsTruncated).toBe(true);
    expect(plain.NextMarker).toBeUndefined();
  });
});

describe('ListObjectVersions', () => {
  it('pages through versions and delete markers, newest first, in key order', () => {
    const bench = withKeys();
    bench.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } });
    for (const Key of ['b', 'a', 'b', 'dir/x', 'c']) bench.call('PutObject', { Bucket: 'data', Key, Body: Key });
    bench.call('DeleteObject', { Bucket: 'data', Key: 'a' });
    const seen: string[] = [];
    let markers: object = {};

    for (let isTruncated = true; isTruncated; ) {
      const page = bench.call<{
        Versions?: { Key: string; IsLatest: boolean }[];
        DeleteMarkers?: { Key: string; IsLatest: boolean }[];
        CommonPrefixes?: { Prefix: string }[];
        IsTruncated: boolean;
        NextKeyMarker?: string;
        NextVersionIdMarker?: string;
      }>('ListObjectVersions', { Bucket: 'data', Delimiter: '/', MaxKeys: 1, ...markers });
      for (const version of page.Versions ?? []) seen.push(`${version.Key}${version.IsLatest ? '*' : ''}`);
      for (const marker of page.DeleteMarkers ?? []) seen.push(`${marker.Key} deleted${marker.IsLatest ? '*' : ''}`);
      for (const { Prefix } of page.CommonPrefixes ?? []) seen.push(Prefix);
      isTruncated = page.IsTruncated;
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }

    expect(seen).toEqual(['a deleted*', 'a', 'b*', 'b', 'c*', 'dir/']);
    expect(keys(list(bench))).toEqual(['b', 'c', 'dir/x']);
  });
});
