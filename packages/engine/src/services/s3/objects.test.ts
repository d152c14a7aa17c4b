import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const fresh = (store = new MapStore()) => {
  const bench = new TestBench((environment) => new S3Service(environment), store);
  bench.call('CreateBucket', { Bucket: 'data' });
  return bench;
};
const text = (answer: unknown): string => Buffer.from((answer as { Body: Uint8Array }).Body).toString();
const get = (bench: TestBench<S3Service>, input: object) =>
  bench.call<GetObjectCommandOutput>('GetObject', { Bucket: 'data', Key: 'k', ...input });

describe('an object', () => {
  it('comes back with its bytes, headers and metadata', () => {
    const bench = fresh();

    const put = bench.call('PutObject', {
      Bucket: 'data',
      Key: 'k',
      Body: 'hello',
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentEncoding: 'aws-chunked,gzip',
      Expires: new Date(Date.UTC(2030, 0, 1)),
      Metadata: { Vendor: 'VEND001' },
      Tagging: 'a=1&b=two%20words',
    });

    expect(put).toEqual({
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      ChecksumCRC64NVME: expect.any(String),
      ChecksumType: 'FULL_OBJECT',
      ServerSideEncryption: 'AES256',
    });
    const answer = get(bench, {});
    expect(text(answer)).toBe('hello');
    expect(answer).toMatchObject({
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'no-cache',
      ContentEncoding: 'gzip',
      Expires: new Date(Date.UTC(2030, 0, 1)),
      Metadata: { vendor: 'VEND001' },
      TagCount: 2,
      AcceptRanges: 'bytes',
      LastModified: new Date(Date.UTC(2025, 0, 1)),
    });
    expect(answer.VersionId).toBeUndefined();
    expect(bench.call('HeadObject', { Bucket: 'data', Key: 'k' })).not.toHaveProperty('Body');
  });

  it.each([
    ['bytes=0-8', '012345678', 'bytes 0-8/10'],
    ['bytes=1-', '123456789', 'bytes 1-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-15', '0123456789', 'bytes 0-9/10'],
    ['bytes=0-100', '0123456789', 'bytes 0-9/10'],
    ['bytes=1-0', '0123456789', undefined],
    ['bytes=0-1,3-4', '0123456789', undefined],
    ['lines=0-1', '0123456789', undefined],
  ])('answers Range %s as S3 does', (range, body, contentRange) => {
    const bench = fresh();
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '0123456789' });

    const answer = get(bench, { Range: range });

    expect(text(answer)).toBe(body);
    expect(answer.ContentRange).toBe(contentRange);
    expect(answer.ContentLength).toBe(body.length);
  });

  it('refuses a range behind its end', () => {
    const bench = fresh();
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '0123456789' });

    expect(bench.refusal('GetObject', { Bucket: 'data', Key: 'k', Range: 'bytes=100-200' })).toEqual({
      code: 'InvalidRange',
      message: 'The requested range is not satisfiable',
      status: 416,
      members: { RangeRequested: 'bytes=100-200', ActualObjectSize: '10' },
    });
  });

  it('honours conditional reads, ETag before date', () => {
    const bench = fresh();
    const etag = bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'x' })['ETag'] as string;
    const input = { Bucket: 'data', Key: 'k' };
    const past = new Date(0);

    expect(bench.refusal('GetObject', { ...input, IfMatch: '"other"' })).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
      members: { Condition: 'If-Match' },
    });
    expect(bench.refusal('GetObject', { ...input, IfNoneMatch: etag }).status).toBe(304);
    expect(bench.refusal('GetObject', { ...input, IfUnmodifiedSince: past }).status).toBe(412);
    expect(bench.refusal('GetObject', { ...input, IfModifiedSince: new Date(bench.clock.now()) }).status).toBe(304);
    expect(text(get(bench, { IfMatch: etag, IfUnmodifiedSince: past }))).toBe('x');
    expect(text(get(bench, { IfNoneMatch: '"other"', IfModifiedSince: new Date(bench.clock.now()) }))).toBe('x');
  });

  it('is created or replaced only under the conditions of the write', () => {
    const bench = fresh();
    const put = { Bucket: 'data', Key: 'k', Body: 'x' };

    expect(bench.refusal('PutObject', { ...put, IfMatch: '"any"' }).code).toBe('NoSuchKey');
    const etag = bench.call('PutObject', { ...put, IfNoneMatch: '*' })['ETag'];

    expect(bench.refusal('PutObject', { ...put, IfNoneMatch: '*' }).members).toEqual({ Condition: 'If-None-Match' });
    expect(bench.refusal('PutObject', { ...put, IfNoneMatch: etag }).code).toBe('NotImplemented');
    expect(bench.refusal('PutObject', { ...put, IfMatch: '"other"' }).status).toBe(412);
    bench.call('PutObject', { ...put, Body: 'y', IfMatch: etag });
    expect(text(get(bench, {}))).toBe('y');
  });

  it('says what is missing', () => {
    const bench = fresh();

    expect(bench.refusal('GetObject', { Bucket: 'data', Key: 'k' })).toEqual({
      code: 'NoSuchKey',
      message: 'The specified key does not exist.',
      status: 404,
      members: { Key: 'k' },
    });
    expect(bench.refusal('GetObject', { Bucket: 'nowhere', Key: 'k' })).toEqual({
      code: 'NoSuchBucket',
      message: 'The specified bucket does not exist',
      status: 404,
      members: { BucketName: 'nowhere' },
    });
    expect(bench.refusal('HeadObject', { Bucket: 'data', Key: 'k' })).toMatchObject({ code: 'NotFound', status: 404 });
  });

  it('has no ACL but those that grant nobody anything, in a bucket without ACLs', () => {
    const bench = fresh();
    const object = { Bucket: 'data', Key: 'k' };
    const write = (ACL: string) => [
      ['PutObject', { ...object, Body: 'x', ACL }] as const,
      ['CopyObject', { ...object, CopySource: 'data/k', MetadataDirective: 'REPLACE', ACL }] as const,
      ['CreateMultipartUpload', { ...object, ACL }] as const,
    ];
    const none = { code: 'AccessControlListNotSupported', status: 400, message: 'The bucket does not allow ACLs' };

    for (const ACL of ['private', 'bucket-owner-full-control']) {
      for (const [action, input] of write(ACL)) expect(() => bench.call(action, input)).not.toThrow();
      expect(bench.refusal('PutObjectAcl', { ...object, ACL })).toMatchObject(none);
    }
    for (const ACL of [
      'public-read',
      'public-read-write',
      'authenticated-read',
      'aws-exec-read',
      'bucket-owner-read',
      'log-delivery-write',
    ]) {
      for (const [action, input] of write(ACL)) expect(bench.refusal(action, input)).toMatchObject(none);
    }
    expect(bench.refusal('GetObject', { ...object, Key: 'other' }).code).toBe('NoSuchKey');

    bench.call('DeleteBucketOwnershipControls', { Bucket: 'data' });
    for (const [action, input] of write('public-read')) {
      expect(bench.refusal(action, input).message).toContain(`${action} with ACL public-read`);
    }
    expect(() => bench.call('PutObjectAcl', { ...object, ACL: 'private' })).not.toThrow();
  });

  it('refuses by name what is not modelled', () => {
    const bench = fresh();
    const put = { Bucket: 'data', Key: 'k', Body: 'x' };

    expect(bench.refusal('PutObject', { ...put, SSECustomerKey: 'k' }).code).toBe('NotSupportedByHoldfast');
    expect(bench.refusal('PutObject', { ...put, ACL: 'everybody' }).message).toContain('PutObject with ACL everybody');
    expect(bench.refusal('PutObject', { ...put, ChecksumSHA512: 'x' }).message).toContain('ChecksumSHA512');
    expect(bench.refusal('PutObject', { ...put, StorageClass: 'OUTPOSTS' }).code).toBe('InvalidStorageClass');
  });

  it('drops the bytes that it replaces', () => {
    const store = new MapStore();
    const deleted: string[] = [];
    const { blobs } = store;
    const original = blobs.delete.bind(blobs);
    blobs.delete = (id) => {
      deleted.push(id);
      original(id);
    };
    const bench = fresh(store);

    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'one' });
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'two' });
    bench.call('DeleteObject', { Bucket: 'data', Key: 'k' });

    expect(deleted).toHaveLength(2);
    expect(store.keysOf('s3.objects').length).toBe(0);
  });
});

describe('checksums', () => {
  // Values of `hello world` as recorded from S3.
  it.each([
    ['CRC32', 'DUoRhQ=='],
    ['CRC32C', 'yZRlqg=='],
    ['SHA1', 'Kq5sNclPz7QV2+lfQIuc6R7oRu0='],
    ['SHA256', 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek='],
  ])('verifies %s', (algorithm, value) => {
    const bench = fresh();
    const put = { Bucket: 'data', Key: 'k', Body: 'hello world' };

    const answer = bench.call('PutObject', { ...put, [`Checksum${algorithm}`]: value });

    expect(answer).toMatchObject({ [`Checksum${algorithm}`]: value, ChecksumType: 'FULL_OBJECT' });
    expect(get(bench, { ChecksumMode: 'ENABLED' })).toMatchObject({ [`Checksum${algorithm}`]: value });
    expect(bench.refusal('PutObject', { ...put, Body: 'other', [`Checksum${algorithm}`]: value })).toMatchObject({
      code: 'BadDigest',
      message: `The ${algorithm} you specified did not match the calculated checksum.`,
    });
    expect(bench.refusal('PutObject', { ...put, [`Checksum${algorithm}`]: 'nonsense' })).toMatchObject({
      code: 'InvalidRequest',
      message: `Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`,
    });
  });

  it('computes the check value of CRC-64/NVME', () => {
    const bench = fresh();

    const answer = bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '123456789' });

    expect(Buffer.from(answer['ChecksumCRC64NVME'] as string, 'base64').toString('hex')).toBe('ae8b14860a799888');
  });

  it('verifies Content-MD5', () => {
    const bench = fresh();
    const put = { Bucket: 'data', Key: 'k', Body: 'hello' };

    bench.call('PutObject', { ...put, ContentMD5: 'XUFAKrxLKna5cZ2REBfFkg==' });

    expect(bench.refusal('PutObject', { ...put, Body: 'other', ContentMD5: 'XUFAKrxLKna5cZ2REBfFkg==' })).toMatchObject(
      {
        code: 'BadDigest',
        members: { ExpectedDigest: '5d41402abc4b2a76b9719d911017c592' },
      },
    );
    expect(bench.refusal('PutObject', { ...put, ContentMD5: '000' }).code).toBe('InvalidDigest');
  });
});

describe('a copy', () => {
  it('keeps headers, metadata and tags unless told to replace them', () => {
    const bench = fresh();
    bench.call('PutObject', {
      Bucket: 'data',
      Key: 'k',
      Body: 'x',
      ContentType: 'text/csv',
      Metadata: { a: '1' },
      Tagging: 't=1',
    });
    const source = { Bucket: 'data', CopySource: '/data/k' };

    bench.call('CopyObject', { ...source, Key: 'same' });
    bench.call('CopyObject', {
      ...source,
      Key: 'new',
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      Metadata: { b: '2' },
    });

    expect(get(bench, { Key: 'same' })).toMatchObject({ ContentType: 'text/csv', Metadata: { a: '1' }, TagCount: 1 });
    const replaced = get(bench, { Key: 'new' });
    expect(replaced).toMatchObject({ ContentType: 'binary/octet-stream', Metadata: { b: '2' } });
    expect(replaced.TagCount).toBeUndefined();
  });

  it('onto itself must change something', () => {
    const bench = fresh();
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'x' });
    const copy = { Bucket: 'data', Key: 'k', CopySource: 'data/k' };

    expect(bench.refusal('CopyObject', copy).message).toMatch(/^This copy request is illegal/);
    bench.call('CopyObject', { ...copy, MetadataDirective: 'REPLACE', Metadata: { n: '1' } });
    expect(get(bench, {}).Metadata).toEqual({ n: '1' });
    expect(text(get(bench, {}))).toBe('x');
  });

  it('decodes its source and honours conditions on it', () => {
    const bench = fresh();
    bench.call('PutObject', { Bucket: 'data', Key: 'a b+c', Body: 'x' });
    const copy = { Bucket: 'data', Key: 'k', CopySource: 'data/a%20b%2Bc' };

    bench.call('CopyObject', copy);

    expect(bench.refusal('CopyObject', { ...copy, CopySourceIfMatch: '"no"' }).members).toEqual({
      Condition: 'x-amz-copy-source-If-Match',
    });
    expect(bench.refusal('CopyObject', { ...copy, CopySource: 'data/none' }).code).toBe('NoSuchKey');
  });
});

describe('versions', () => {
  const versioned = () => {
    const bench = fresh();
    bench.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } });
    return bench;
  };

  it('stay readable behind a delete marker', () => {
    const bench = versioned();
    const one = bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'one' })['VersionId'];
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'two' });

    const marker = bench.call('DeleteObject', { Bucket: 'data', Key: 'k' });

    expect(marker).toEqual({ DeleteMarker: true, VersionId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(bench.refusal('GetObject', { Bucket: 'data', Key: 'k' }).code).toBe('NoSuchKey');
    expect(text(get(bench, { VersionId: one }))).toBe('one');
    expect(bench.refusal('GetObject', { Bucket: 'data', Key: 'k', VersionId: marker['VersionId'] })).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
      members: { Method: 'GET', ResourceType: 'DeleteMarker', 'x-amz-version-id': marker['VersionId'] },
    });
  });

  it('come back when the delete marker goes', () => {
    const bench = versioned();
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'one' });
    const { VersionId } = bench.call('DeleteObject', { Bucket: 'data', Key: 'k' });

    const gone = bench.call('DeleteObject', { Bucket: 'data', Key: 'k', VersionId });

    expect(gone).toEqual({ DeleteMarker: true, VersionId });
    expect(text(get(bench, {}))).toBe('one');
  });

  it('go one by one when named', () => {
    const bench = versioned();
    const { VersionId } = bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'one' });

    expect(bench.call('DeleteObject', { Bucket: 'data', Key: 'k', VersionId })).toEqual({ VersionId });
    expect(bench.refusal('GetObject', { Bucket: 'data', Key: 'k', VersionId }).code).toBe('NoSuchVersion');
    expect(bench.refusal('DeleteObject', { Bucket: 'data', Key: 'k', VersionId: 'bad' }).message).toBe(
      'Invalid version id specified',
    );
    bench.call('DeleteBucket', { Bucket: 'data' });
  });

  it('are replaced under the id null once versioning is suspended', () => {
    const bench = versioned();
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'one' });
    bench.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Suspended' } });

    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'two' });
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'three' });

    const listed = bench.call<{ Versions: { VersionId: string; IsLatest: boolean }[] }>('ListObjectVersions', {
      Bucket: 'data',
    });
    expect(listed.Versions.map((version) => [version.VersionId === 'null', version.IsLatest])).toEqual([
      [true, true],
      [false, false],
    ]);
    expect(get(bench, {}).VersionId).toBe('null');
    expect(bench.call('DeleteObject', { Bucket: 'data', Key: 'k' })).toEqual({ DeleteMarker: true, VersionId: 'null' });
  });
});

describe('DeleteObjects', () => {
  it('deletes what is there, passes over what is not, and reports failures per key', () => {
    const bench = fresh();
    bench.call('PutObject', { Bucket: 'data', Key: 'a', Body: '' });

    const answer = bench.call('DeleteObjects', {
      Bucket: 'data',
      Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }, { Key: 'c', VersionId: 'bad' }] },
    });

    expect(answer).toEqual({
      Deleted: [{ Key: 'a' }, { Key: 'b' }],
      Errors: [{ Key: 'c', VersionId: 'bad', Code: 'NoSuchVersion', Message: 'The specified version does not exist.' }],
    });
    expect(bench.refusal('DeleteObjects', { Bucket: 'data', Delete: { Objects: [] } }).code).toBe('MalformedXML');
  });
});

describe('other services', () => {
  it('read and write objects by bucket and key', () => {
    const bench = fresh();

    const written = bench.service.deliver(
      'arn:aws:s3:::data',
      { key: 'aws/lambda/async/f', body: new TextEncoder().encode('{}') },
      {},
    );

    expect(written).toEqual({ ok: true });
    expect(Buffer.from(bench.service.read('data', 'aws/lambda/async/f') ?? []).toString()).toBe('{}');
    expect(bench.service.read('data', 'none')).toBeUndefined();
    expect(bench.service.deliver('arn:aws:s3:::none', { key: 'k', body: new Uint8Array() }, {}).ok).toBe(false);
    expect(bench.service.exists('arn:aws:s3:::data')).toBe(true);
  });
});

describe('a restart', () => {
  it('loses no bucket, object, version or setting', () => {
    const store = new MapStore();
    const before = fresh(store);
    before.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } });
    const first = before.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'one', Metadata: { a: '1' } });
    before.call('PutObject', { Bucket: 'data', Key: 'k', Body: 'two' });
    before.call('PutObject', { Bucket: 'data', Key: 'gone', Body: 'x' });
    before.call('DeleteObject', { Bucket: 'data', Key: 'gone' });
    const listed = before.call('ListObjectVersions', { Bucket: 'data' });

    const after = new TestBench((environment) => new S3Service(environment), store);

    expect(after.call('ListObjectVersions', { Bucket: 'data' })).toEqual(listed);
    expect(text(get(after, {}))).toBe('two');
    expect(get(after, { VersionId: first['VersionId'] })).toMatchObject({ Metadata: { a: '1' }, ContentLength: 3 });
    expect(after.call('GetBucketVersioning', { Bucket: 'data' })).toEqual({ Status: 'Enabled' });
  });
});
