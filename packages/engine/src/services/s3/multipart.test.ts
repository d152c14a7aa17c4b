import type { GetObjectCommandOutput, ListPartsCommandOutput } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const MIB = 2 ** 20;
const HEAD = new Uint8Array(5 * MIB).fill(97);
const TAIL = new TextEncoder().encode('the end');

const fresh = (store = new MapStore()) => {
  const bench = new TestBench((environment) => new S3Service(environment), store);
  bench.call('CreateBucket', { Bucket: 'data' });
  return bench;
};
const announcing = () => {
  const bench = fresh();
  bench.call('PutBucketNotificationConfiguration', {
    Bucket: 'data',
    NotificationConfiguration: { EventBridgeConfiguration: {} },
  });
  return bench;
};
const begin = (bench: TestBench<S3Service>, more: object = {}) =>
  bench.call<{ UploadId: string }>('CreateMultipartUpload', { Bucket: 'data', Key: 'big', ...more }).UploadId;
const part = (bench: TestBench<S3Service>, UploadId: string, PartNumber: number, Body: Uint8Array, more: object = {}) =>
  bench.call<{ ETag: string }>('UploadPart', { Bucket: 'data', Key: 'big', UploadId, PartNumber, Body, ...more });
const named = (UploadId: string, ...Parts: object[]) => ({
  Bucket: 'data',
  Key: 'big',
  UploadId,
  MultipartUpload: { Parts },
});

describe('a multipart upload', () => {
  it('becomes one object whose ETag counts its parts', () => {
    const bench = fresh();
    const id = begin(bench, { ContentType: 'text/plain', Metadata: { a: '1' } });
    const one = part(bench, id, 1, HEAD);
    part(bench, id, 2, new Uint8Array(3));
    const two = part(bench, id, 2, TAIL);

    const done = bench.call(
      'CompleteMultipartUpload',
      named(id, { PartNumber: 1, ETag: one.ETag }, { PartNumber: 2, ETag: two.ETag }),
    );

    expect(done).toMatchObject({
      ETag: expect.stringMatching(/^"[0-9a-f]{32}-2"$/),
      ChecksumType: 'FULL_OBJECT',
      ChecksumCRC64NVME: expect.any(String),
    });
    const whole = bench.call<GetObjectCommandOutput>('GetObject', { Bucket: 'data', Key: 'big' });
    expect(whole).toMatchObject({ ContentLength: HEAD.length + 7, ContentType: 'text/plain', Metadata: { a: '1' } });
    const second = bench.call<GetObjectCommandOutput>('GetObject', { Bucket: 'data', Key: 'big', PartNumber: 2 });
    expect(second).toMatchObject({
      PartsCount: 2,
      ContentRange: `bytes ${HEAD.length}-${HEAD.length + 6}/${HEAD.length + 7}`,
    });
    expect(Buffer.from(second.Body as never).toString()).toBe('the end');
    const across = bench.call<GetObjectCommandOutput>('GetObject', {
      Bucket: 'data',
      Key: 'big',
      Range: `bytes=${HEAD.length - 2}-${HEAD.length + 2}`,
    });
    expect(Buffer.from(across.Body as never).toString()).toBe('aathe');
    expect(bench.refusal('ListParts', { Bucket: 'data', Key: 'big', UploadId: id }).code).toBe('NoSuchUpload');
  });

  it('is announced once, when it is complete', () => {
    const bench = announcing();
    const id = begin(bench);
    const { ETag } = part(bench, id, 1, TAIL);

    bench.call('CompleteMultipartUpload', named(id, { PartNumber: 1, ETag }));

    expect(bench.arrivals.map((arrival) => arrival.message.event.detail)).toMatchObject([
      { reason: 'CompleteMultipartUpload', object: { key: 'big', size: 7 } },
    ]);
  });

  it('is completed once, and tells so again to who asks with the same parts', () => {
    const bench = announcing();
    const id = begin(bench);
    const { ETag } = part(bench, id, 1, TAIL);
    const asked = named(id, { PartNumber: 1, ETag });
    const first = bench.call('CompleteMultipartUpload', asked);

    expect(bench.call('CompleteMultipartUpload', { ...asked, IfNoneMatch: '*' })).toEqual(first);

    expect(bench.arrivals).toHaveLength(1);
    const other = named(id, { PartNumber: 1, ETag: `"${'0'.repeat(32)}"` });
    expect(bench.refusal('CompleteMultipartUpload', other).code).toBe('NoSuchUpload');
    bench.call('DeleteObject', { Bucket: 'data', Key: 'big' });
    expect(bench.refusal('CompleteMultipartUpload', asked).code).toBe('NoSuchUpload');
  });

  it('refuses parts that are too small, unknown, changed or out of order', () => {
    const bench = fresh();
    const id = begin(bench);
    const one = { PartNumber: 1, ETag: part(bench, id, 1, TAIL).ETag };
    const two = { PartNumber: 2, ETag: part(bench, id, 2, TAIL).ETag };
    const refusal = (...parts: object[]) => bench.refusal('CompleteMultipartUpload', named(id, ...parts));

    expect(refusal()).toMatchObject({ code: 'InvalidRequest', message: 'You must specify at least one part' });
    expect(refusal(one, two)).toEqual({
      code: 'EntityTooSmall',
      message: 'Your proposed upload is smaller than the minimum allowed size',
      status: 400,
      members: {
        ETag: one.ETag.replaceAll('"', ''),
        MinSizeAllowed: '5242880',
        PartNumber: '1',
        ProposedSize: '7',
      },
    });
    expect(refusal({ PartNumber: 3, ETag: one.ETag })).toMatchObject({
      code: 'InvalidPart',
      members: { PartNumber: '3' },
    });
    expect(refusal({ PartNumber: 1, ETag: 'other' }).code).toBe('InvalidPart');
    expect(refusal(two, one).code).toBe('InvalidPartOrder');
    expect(
      bench.refusal('UploadPart', { Bucket: 'data', Key: 'big', UploadId: id, PartNumber: 10_001, Body: TAIL }).message,
    ).toBe('Part number must be an integer between 1 and 10000, inclusive');
    expect(bench.refusal('UploadPart', { Bucket: 'data', Key: 'big', UploadId: 'no', PartNumber: 1 }).code).toBe(
      'NoSuchUpload',
    );
  });

  it('composes its checksum from those of the parts', () => {
    const bench = fresh();
    const id = begin(bench, { ChecksumAlgorithm: 'CRC32' });
    const one = part(bench, id, 1, TAIL) as { ETag: string; ChecksumCRC32?: string };

    expect(bench.refusal('CompleteMultipartUpload', named(id, { PartNumber: 1, ETag: one.ETag })).message).toBe(
      'The upload was created using a crc32 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.',
    );
    const done = bench.call(
      'CompleteMultipartUpload',
      named(id, { PartNumber: 1, ETag: one.ETag, ChecksumCRC32: one.ChecksumCRC32 }),
    );
    expect(done).toMatchObject({ ChecksumType: 'COMPOSITE', ChecksumCRC32: expect.stringMatching(/^.{8}-1$/) });
    const attributes = bench.call('GetObjectAttributes', {
      Bucket: 'data',
      Key: 'big',
      ObjectAttributes: ['ETag', 'ObjectParts', 'ObjectSize'],
    });
    expect(attributes).toMatchObject({
      ETag: expect.stringMatching(/-1$/),
      ObjectSize: 7,
      ObjectParts: { TotalPartsCount: 1, Parts: [{ PartNumber: 1, Size: 7, ChecksumCRC32: one.ChecksumCRC32 }] },
    });
  });

  it('takes parts from other objects', () => {
    const bench = fresh();
    bench.call('PutObject', { Bucket: 'data', Key: 'source', Body: '0123456789' });
    const id = begin(bench);
    const copy = { Bucket: 'data', Key: 'big', UploadId: id, PartNumber: 1, CopySource: 'data/source' };

    const copied = bench.call<{ CopyPartResult: { ETag: string } }>('UploadPartCopy', {
      ...copy,
      CopySourceRange: 'bytes=2-4',
    });
    bench.call('CompleteMultipartUpload', named(id, { PartNumber: 1, ETag: copied.CopyPartResult.ETag }));

    expect(Buffer.from(bench.service.read('data', 'big') ?? []).toString()).toBe('234');
    const again = { ...copy, UploadId: begin(bench) };
    expect(bench.refusal('UploadPartCopy', { ...again, CopySourceRange: 'bytes=0-100' }).message).toBe(
      'Range specified is not valid for source object of size: 10',
    );
    expect(bench.refusal('UploadPartCopy', { ...again, CopySourceRange: '0-8' }).code).toBe('InvalidArgument');
  });

  it('leaves nothing behind when it is aborted', () => {
    const store = new MapStore();
    const bench = fresh(store);
    const id = begin(bench);
    part(bench, id, 1, TAIL);

    bench.call('AbortMultipartUpload', { Bucket: 'data', Key: 'big', UploadId: id });

    expect([store.keysOf('s3.uploads').length, store.keysOf('s3.parts').length]).toEqual([0, 0]);
    expect(bench.call('ListMultipartUploads', { Bucket: 'data' })['Uploads']).toBeUndefined();
  });

  it('goes on after a restart', () => {
    const store = new MapStore();
    const before = fresh(store);
    const id = begin(before);
    const { ETag } = part(before, id, 1, TAIL);

    const after = new TestBench((environment) => new S3Service(environment), store);
    const listed = after.call<ListPartsCommandOutput>('ListParts', { Bucket: 'data', Key: 'big', UploadId: id });
    after.call('CompleteMultipartUpload', named(id, { PartNumber: 1, ETag }));

    expect(listed.Parts).toMatchObject([{ PartNumber: 1, Size: 7, ETag }]);
    expect(Buffer.from(after.service.read('data', 'big') ?? []).toString()).toBe('the end');
  });

  it('is listed with others by key and age, page by page', () => {
    const bench = fresh();
    const ids = ['b', 'a', 'a'].map((Key) => {
      bench.advance(1_000);
      return bench.call<{ UploadId: string }>('CreateMultipartUpload', { Bucket: 'data', Key }).UploadId;
    });
    const seen: unknown[] = [];
    let markers: object = {};

    for (let isTruncated = true; isTruncated; ) {
      const page = bench.call<{
        Uploads: { UploadId: string }[];
        IsTruncated: boolean;
        NextKeyMarker: string;
        NextUploadIdMarker: string;
      }>('ListMultipartUploads', { Bucket: 'data', MaxUploads: 1, ...markers });
      seen.push(...page.Uploads.map((upload) => upload.UploadId));
      markers = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
      isTruncated = page.IsTruncated;
    }

    expect(seen).toEqual([ids[1], ids[2], ids[0]]);
  });
});
