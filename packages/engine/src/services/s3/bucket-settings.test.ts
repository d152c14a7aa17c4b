import { expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const Bucket = 'one';
const withBucket = () => {
  const bench = new TestBench((environment) => new S3Service(environment), new MapStore());
  bench.call('CreateBucket', { Bucket });
  return bench;
};

const BLOCK = { BlockPublicAcls: true, IgnorePublicAcls: false, BlockPublicPolicy: true, RestrictPublicBuckets: false };
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::one/*' }],
});

it.each<[setting: string, put: string, input: object, get: string, remove: string, code: string]>([
  [
    'public access block',
    'PutPublicAccessBlock',
    { PublicAccessBlockConfiguration: BLOCK },
    'GetPublicAccessBlock',
    'DeletePublicAccessBlock',
    'NoSuchPublicAccessBlockConfiguration',
  ],
  [
    'object ownership',
    'PutBucketOwnershipControls',
    { OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] } },
    'GetBucketOwnershipControls',
    'DeleteBucketOwnershipControls',
    'OwnershipControlsNotFoundError',
  ],
  ['policy', 'PutBucketPolicy', { Policy: POLICY }, 'GetBucketPolicy', 'DeleteBucketPolicy', 'NoSuchBucketPolicy'],
])('the %s of a bucket is what was put last, and is missed once deleted', (_, put, input, get, remove, code) => {
  const bench = withBucket();
  bench.call(put, { Bucket, ...input });
  expect(bench.call(get, { Bucket })).toMatchObject(input);
  bench.call(remove, { Bucket });
  expect(bench.refusal(get, { Bucket })).toMatchObject({ code, status: 404 });
});

it('lifecycle rules get ids where they have none, and go together', () => {
  const bench = withBucket();
  const Rules = [{ Status: 'Enabled', Filter: { Prefix: 'old/' }, Expiration: { Days: 7 } }];
  bench.call('PutBucketLifecycleConfiguration', { Bucket, LifecycleConfiguration: { Rules } });
  const { Rules: kept } = bench.call<{ Rules: { ID: string }[] }>('GetBucketLifecycleConfiguration', { Bucket });
  expect(kept).toMatchObject(Rules);
  expect(kept[0]?.ID).toMatch(/./);
  bench.call('DeleteBucketLifecycle', { Bucket });
  expect(bench.refusal('GetBucketLifecycleConfiguration', { Bucket }).code).toBe('NoSuchLifecycleConfiguration');
});

it('encryption goes back to keys of S3 when its setting is deleted', () => {
  const bench = withBucket();
  const encryptionOf = () =>
    bench.call<{ ServerSideEncryptionConfiguration: object }>('GetBucketEncryption', { Bucket })
      .ServerSideEncryptionConfiguration;
  const before = encryptionOf();
  const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/mine' } };
  bench.call('PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } });
  expect(encryptionOf()).toMatchObject({ Rules: [rule] });
  bench.call('DeleteBucketEncryption', { Bucket });
  expect(encryptionOf()).toEqual(before);
});

it('who owns a bucket has all of it and of its objects, ACLs are not taken, and where they are, grants are refused by name', () => {
  const bench = withBucket();
  bench.call('PutObject', { Bucket, Key: 'a', Body: new Uint8Array([1]) });
  for (const ACL of ['private', 'public-read']) {
    expect(bench.refusal('PutBucketAcl', { Bucket, ACL }).code).toBe('AccessControlListNotSupported');
  }
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] };
  bench.call('PutBucketOwnershipControls', { Bucket, OwnershipControls });
  bench.call('PutBucketAcl', { Bucket, ACL: 'private' });
  const own = { Grants: [{ Permission: 'FULL_CONTROL', Grantee: { Type: 'CanonicalUser' } }] };
  expect(bench.call('GetBucketAcl', { Bucket })).toMatchObject(own);
  expect(bench.call('GetObjectAcl', { Bucket, Key: 'a' })).toMatchObject(own);
  expect(bench.refusal('PutBucketAcl', { Bucket, ACL: 'public-read' }).code).toBe('NotSupportedByHoldfast');
  expect(bench.refusal('GetObjectAcl', { Bucket, Key: 'b' }).code).toBe('NoSuchKey');
});

it('what a bucket cannot be given here is answered as for a bucket that nobody gave it', () => {
  const bench = withBucket();
  expect(bench.call('GetBucketLogging', { Bucket })).toEqual({});
  expect(bench.call('GetBucketAccelerateConfiguration', { Bucket })).toEqual({});
  expect(bench.call('GetBucketRequestPayment', { Bucket })).toEqual({ Payer: 'BucketOwner' });
  const missing = {
    GetBucketWebsite: 'NoSuchWebsiteConfiguration',
    GetBucketReplication: 'ReplicationConfigurationNotFoundError',
    GetObjectLockConfiguration: 'ObjectLockConfigurationNotFoundError',
  };
  for (const [action, code] of Object.entries(missing)) {
    expect(bench.refusal(action, { Bucket })).toMatchObject({ code, status: 404 });
    expect(bench.refusal(action, { Bucket: 'two' }).code).toBe('NoSuchBucket');
  }
});
