import { DAY_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const OBJECT = { Bucket: 'data', Key: 'in/k' };

let bench: TestBench<S3Service>;
beforeEach(() => {
  bench = new TestBench((environment) => new S3Service(environment));
  bench.call('CreateBucket', { Bucket: 'data' });
});

const put = (input: object = {}) => bench.call('PutObject', { ...OBJECT, Body: 'hello', ...input });
const rule = (more: object) => ({ ID: 'r', Status: 'Enabled', Filter: {}, Expiration: { Days: 3 }, ...more });
const keepFor = (...Rules: object[]) =>
  bench.call('PutBucketLifecycleConfiguration', { Bucket: 'data', LifecycleConfiguration: { Rules } });

describe('the day that an object expires', () => {
  // The bench's clock stands at midnight, and days count to the midnight after them.
  it.each([
    ['its age', [rule({})], 'expiry-date="Sat, 04 Jan 2025 00:00:00 GMT", rule-id="r"'],
    [
      'a date',
      [rule({ ID: 'by date', Expiration: { Date: new Date(Date.UTC(2026, 0, 1)) } })],
      'expiry-date="Thu, 01 Jan 2026 00:00:00 GMT", rule-id="by%20date"',
    ],
    [
      'the soonest rule',
      [rule({ ID: 'late', Expiration: { Days: 9 } }), rule({})],
      expect.stringContaining('rule-id="r"'),
    ],
    [
      'prefix and tag',
      [rule({ Filter: { And: { Prefix: 'in/', Tags: [{ Key: 'a', Value: '1' }] } } })],
      expect.any(String),
    ],
    ['another prefix', [rule({ Filter: { Prefix: 'out/' } })], undefined],
    ['another tag', [rule({ Filter: { Tag: { Key: 'a', Value: '2' } } })], undefined],
    ['its size', [rule({ Filter: { ObjectSizeGreaterThan: 5 } })], undefined],
    ['a rule that is off', [rule({ Status: 'Disabled' })], undefined],
    ['markers only', [rule({ Expiration: { ExpiredObjectDeleteMarker: true } })], undefined],
  ])('follows from %s', (_, rules, expected) => {
    keepFor(...rules);

    expect(put({ Tagging: 'a=1' })['Expiration']).toEqual(expected);
    expect(bench.call('HeadObject', OBJECT)['Expiration']).toEqual(expected);
  });

  it('is not said of a version that was asked for by its id', () => {
    keepFor(rule({}));
    bench.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } });
    const { VersionId } = put();

    expect(bench.call('HeadObject', { ...OBJECT, VersionId })).not.toHaveProperty('Expiration');
    expect(bench.call('GetObject', OBJECT)).toHaveProperty('Expiration');
  });
});

it('a date of a condition that is still to come is none', () => {
  put();
  const later = new Date(bench.clock.now() + DAY_MS);

  expect(bench.call('GetObject', { ...OBJECT, IfModifiedSince: later })).toHaveProperty('Body');
  expect(bench.refusal('GetObject', { ...OBJECT, IfModifiedSince: new Date(bench.clock.now()) }).status).toBe(304);
});

describe('a copy in place', () => {
  const copy = () => bench.call('CopyObject', { ...OBJECT, CopySource: 'data/in/k' });

  it('may change nothing but the encryption: from a key to none', () => {
    put({ ServerSideEncryption: 'aws:kms' });

    expect(copy()).toMatchObject({ ServerSideEncryption: 'AES256' });
    expect(bench.refusal('CopyObject', { ...OBJECT, CopySource: 'data/in/k' }).code).toBe('InvalidRequest');
  });

  it('is a change where the bucket was told how to encrypt', () => {
    put();
    bench.call('PutBucketEncryption', {
      Bucket: 'data',
      ServerSideEncryptionConfiguration: bench.call('GetBucketEncryption', { Bucket: 'data' })[
        'ServerSideEncryptionConfiguration'
      ],
    });

    expect(copy()).toHaveProperty('CopyObjectResult');
  });

  it('names the version null while versioning is suspended', () => {
    put();
    bench.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Suspended' } });

    expect(bench.call('CopyObject', { Bucket: 'data', Key: 'copy', CopySource: 'data/in/k' })['VersionId']).toBe(
      'null',
    );
  });
});

it('a bucket whose tags are none has no set of tags', () => {
  bench.call('PutBucketTagging', { Bucket: 'data', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } });
  bench.call('PutBucketTagging', { Bucket: 'data', Tagging: { TagSet: [] } });

  expect(bench.refusal('GetBucketTagging', { Bucket: 'data' }).code).toBe('NoSuchTagSet');
});

it('tags and access of a delete marker are refused as such, also where it is the newest version', () => {
  bench.call('PutBucketVersioning', { Bucket: 'data', VersioningConfiguration: { Status: 'Enabled' } });
  put();
  bench.call('DeleteObject', OBJECT);

  for (const [action, Method] of [
    ['GetObjectTagging', 'GET'],
    ['DeleteObjectTagging', 'DELETE'],
    ['PutObjectAcl', 'PUT'],
  ] as const) {
    expect(bench.refusal(action, OBJECT)).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
      members: { Method, ResourceType: 'DeleteMarker' },
    });
  }
});

describe('a checksum composed of parts', () => {
  beforeEach(() => {
    const { UploadId } = bench.call('CreateMultipartUpload', { ...OBJECT, ChecksumAlgorithm: 'CRC32' });
    const { ETag, ChecksumCRC32 } = bench.call('UploadPart', { ...OBJECT, UploadId, PartNumber: 1, Body: 'hello' });
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag, ChecksumCRC32 }] };
    expect(
      bench.refusal('CompleteMultipartUpload', {
        ...OBJECT,
        UploadId,
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
        ChecksumType: 'FULL_OBJECT',
      }).message,
    ).toContain('The upload was created using the COMPOSITE checksum mode.');
    bench.call('CompleteMultipartUpload', { ...OBJECT, UploadId, MultipartUpload });
  });

  it('is that of a part where a part is asked for, and has no count among the attributes', () => {
    const whole = bench.call<{ ChecksumCRC32: string }>('HeadObject', { ...OBJECT, ChecksumMode: 'enabled' });
    const part = bench.call('GetObject', { ...OBJECT, PartNumber: 1, ChecksumMode: 'ENABLED' });
    const { Checksum } = bench.call('GetObjectAttributes', { ...OBJECT, ObjectAttributes: ['Checksum'] });

    expect(whole.ChecksumCRC32).toMatch(/-1$/);
    expect(part).toMatchObject({ ChecksumCRC32: 'NhCmhg==', ChecksumType: 'COMPOSITE' });
    expect(Checksum).toEqual({ ChecksumCRC32: whole.ChecksumCRC32.replace('-1', ''), ChecksumType: 'COMPOSITE' });
  });
});

it.each([
  [{ IfMatchSize: 5 }, { code: 'NotImplemented', status: 501, members: { Header: 'x-amz-if-match-size' } }],
  [
    { IfMatchLastModifiedTime: new Date(0), IfMatchSize: 5 },
    { code: 'NotImplemented', status: 501, members: { Header: 'x-amz-if-match-last-modified-time' } },
  ],
  [{ BypassGovernanceRetention: false }, { code: 'InvalidArgument', status: 400 }],
])('a deletion with %j is refused as S3 does for buckets of this kind', (input, refusal) => {
  put();
  expect(bench.refusal('DeleteObject', { ...OBJECT, ...input })).toMatchObject(refusal);
});

describe('an upload that completes only under a condition', () => {
  const begin = (): object => {
    const { UploadId } = bench.call<{ UploadId: string }>('CreateMultipartUpload', OBJECT);
    const { ETag } = bench.call<{ ETag: string }>('UploadPart', { ...OBJECT, UploadId, PartNumber: 1, Body: 'part' });
    return { ...OBJECT, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
  };
  const complete = (upload: object, condition: object) => () =>
    bench.call('CompleteMultipartUpload', { ...upload, ...condition });
  const etagOf = () => ({ IfMatch: bench.call<{ ETag: string }>('HeadObject', OBJECT).ETag });
  const conflict = expect.objectContaining({ code: 'ConditionalRequestConflict', status: 409 });

  it.each([
    ['another was put', () => put({ Body: 'other' })],
    ['the same was put again', () => put()],
    ['it was deleted and put again', () => [bench.call('DeleteObject', OBJECT), put()]],
  ])('does not when since its beginning %s', (_, change) => {
    put();
    const upload = begin();
    change();
    expect(complete(upload, etagOf())).toThrow(conflict);
    expect(complete(begin(), etagOf())()).toMatchObject({ Key: OBJECT.Key });
  });

  it('nor when what stood in its way was deleted since', () => {
    put();
    const upload = begin();
    expect(complete(upload, { IfNoneMatch: '*' })).toThrow(expect.objectContaining({ code: 'PreconditionFailed' }));
    bench.call('DeleteObject', OBJECT);
    expect(complete(upload, { IfNoneMatch: '*' })).toThrow(conflict);
    expect(complete(begin(), { IfNoneMatch: '*' })()).toMatchObject({ Key: OBJECT.Key });
  });
});

describe('configurations that S3 does not take', () => {
  const Bucket = 'data';
  const filter = (rule: object) => ({
    NotificationConfiguration: {
      QueueConfigurations: [
        {
          QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q',
          Events: ['s3:ObjectCreated:*'],
          Filter: { Key: { FilterRules: [rule] } },
        },
      ],
    },
  });
  const encryption = { SSEAlgorithm: 'AES256', KMSMasterKeyID: 'k' };
  it.each<[string, object, string]>([
    [
      'PutBucketCors',
      { CORSConfiguration: { CORSRules: [{ AllowedOrigins: ['*'], AllowedMethods: ['GET', 'MINE'] }] } },
      'InvalidRequest',
    ],
    ['PutBucketOwnershipControls', { OwnershipControls: { Rules: [{ ObjectOwnership: 'Mine' }] } }, 'MalformedXML'],
    ['PutBucketOwnershipControls', { OwnershipControls: { Rules: [] } }, 'MalformedXML'],
    [
      'PutBucketEncryption',
      { ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: encryption }] } },
      'InvalidArgument',
    ],
    ['PutBucketTagging', { Tagging: { TagSet: [{ Key: 'a' }] } }, 'MalformedXML'],
    ['PutBucketTagging', { Tagging: { TagSet: [{ Value: 'a' }] } }, 'MalformedXML'],
    ['PutBucketTagging', { Tagging: { TagSet: [{ Key: 'aws:a', Value: 'a' }] } }, 'InvalidTag'],
    ['PutBucketNotificationConfiguration', filter({}), 'MalformedXML'],
    ['PutBucketNotificationConfiguration', filter({ Name: 'prefix' }), 'MalformedXML'],
    ['PutBucketNotificationConfiguration', filter({ Value: 'x' }), 'MalformedXML'],
  ])('%s with %j', (action, input, code) => {
    expect(() => bench.call(action, { Bucket, ...input })).toThrow(expect.objectContaining({ code }));
  });
});

it('a bucket that is not there is missed before its configuration is looked at', () => {
  for (const [action, input] of [
    ['PutBucketEncryption', { ServerSideEncryptionConfiguration: { Rules: [] } }],
    ['PutBucketOwnershipControls', { OwnershipControls: { Rules: [] } }],
    ['PutBucketPolicy', { Policy: 'none' }],
    ['PutBucketCors', { CORSConfiguration: { CORSRules: [] } }],
    ['PutBucketTagging', { Tagging: { TagSet: [{ Key: 'a' }] } }],
  ] as const) {
    expect(bench.refusal(action, { Bucket: 'none', ...input }).code).toBe('NoSuchBucket');
  }
});

it('a bucket of us-east-1 that is to have tags is not created again', () => {
  bench.call('CreateBucket', { Bucket: 'data', CreateBucketConfiguration: { Tags: [] } });

  expect(
    bench.refusal('CreateBucket', { Bucket: 'data', CreateBucketConfiguration: { Tags: [{ Key: 'a', Value: '1' }] } })
      .code,
  ).toBe('BucketAlreadyOwnedByYou');
});

it('lists that somebody chooses from say where each bucket is', () => {
  const bucketsOf = (input: object) => (bench.call('ListBuckets', input)['Buckets'] as object[])[0];

  expect(bucketsOf({})).not.toHaveProperty('BucketRegion');
  for (const input of [{ Prefix: 'da' }, { MaxBuckets: 1 }, { BucketRegion: 'us-east-1' }]) {
    expect(bucketsOf(input)).toHaveProperty('BucketRegion', 'us-east-1');
  }
});

it('the digest that was expected of a part is told as it was given', () => {
  const { UploadId } = bench.call('CreateMultipartUpload', OBJECT);
  const ContentMD5 = 'CYketZBSTjX8czcs3cXVlg==';

  expect(bench.refusal('UploadPart', { ...OBJECT, UploadId, PartNumber: 1, Body: 'hello', ContentMD5 })).toMatchObject({
    code: 'BadDigest',
    members: { ExpectedDigest: ContentMD5 },
  });
  expect(bench.refusal('PutObject', { ...OBJECT, Body: 'hello', ContentMD5 })).toMatchObject({
    members: { ExpectedDigest: '09891eb590524e35fc73372cddc5d596' },
  });
});
