import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from './bucket-bench.ts';
import { S3Service } from './service.ts';

const fresh = (store = new MapStore()) => new TestBench((environment) => new S3Service(environment), store);

describe('a bucket', () => {
  it('is created where the endpoint and the constraint agree', () => {
    const bench = fresh();
    const create = (Bucket: string, LocationConstraint?: string) => ({
      Bucket,
      CreateBucketConfiguration: { LocationConstraint },
    });
    const ireland = { region: 'eu-west-1' };

    expect(bench.call('CreateBucket', { Bucket: 'one' })).toEqual({ Location: '/one', BucketArn: 'arn:aws:s3:::one' });
    bench.call('CreateBucket', create('two', 'eu-west-1'), ireland);
    bench.call('CreateBucket', create('three', 'eu-central-1'));

    expect(bench.refusal('CreateBucket', { Bucket: 'four' }, ireland).message).toBe(
      'The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.',
    );
    expect(bench.refusal('CreateBucket', create('four', 'us-west-1'), ireland).code).toBe(
      'IllegalLocationConstraintException',
    );
    expect(bench.refusal('CreateBucket', create('four', 'us-east-1'))).toMatchObject({
      code: 'InvalidLocationConstraint',
      members: { LocationConstraint: 'us-east-1' },
    });
    expect(bench.call('GetBucketLocation', { Bucket: 'one' })).toEqual({ LocationConstraint: undefined });
    expect(bench.call('GetBucketLocation', { Bucket: 'three' })).toEqual({ LocationConstraint: 'eu-central-1' });
    expect(bench.call('HeadBucket', { Bucket: 'two' })).toMatchObject({ BucketRegion: 'eu-west-1' });
  });

  it('has a name that nobody else has', () => {
    const bench = fresh();
    const west = { region: 'us-west-2' };
    const configuration = { CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } };
    bench.call('CreateBucket', { Bucket: 'mine' });
    bench.call('CreateBucket', { Bucket: 'west', ...configuration }, west);

    bench.call('CreateBucket', { Bucket: 'mine' });
    expect(bench.refusal('CreateBucket', { Bucket: 'west', ...configuration }, west)).toMatchObject({
      code: 'BucketAlreadyOwnedByYou',
      status: 409,
      members: { BucketName: 'west' },
    });
    expect(bench.refusal('CreateBucket', { Bucket: 'mine' }, { account: '111111111111' }).code).toBe(
      'BucketAlreadyExists',
    );
  });

  it.each(['UPPER', 'ab', 'a..b', '192.168.0.1', '-start', 'end-', 'under_score', 'xn--x'])(
    'cannot be called %s',
    (Bucket) => {
      expect(fresh().refusal('CreateBucket', { Bucket })).toEqual({
        code: 'InvalidBucketName',
        message: 'The specified bucket is not valid.',
        status: 400,
        members: { BucketName: Bucket },
      });
    },
  );

  it('goes only when it is empty', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '' });

    expect(bench.refusal('DeleteBucket', { Bucket: 'data' })).toMatchObject({
      code: 'BucketNotEmpty',
      message: 'The bucket you tried to delete is not empty',
      status: 409,
    });
    bench.call('DeleteObject', { Bucket: 'data', Key: 'k' });
    bench.call('DeleteBucket', { Bucket: 'data' });
    expect(bench.refusal('HeadBucket', { Bucket: 'data' })).toMatchObject({ code: 'NotFound', status: 404 });
  });

  it('is listed for its owner, page by page', () => {
    const bench = fresh();
    for (const Bucket of ['b-two', 'b-one', 'other']) bench.call('CreateBucket', { Bucket });
    bench.call('CreateBucket', { Bucket: 'b-foreign' }, { account: '111111111111' });

    const first = bench.call<{ Buckets: object[]; ContinuationToken: string }>('ListBuckets', {
      Prefix: 'b-',
      MaxBuckets: 1,
    });
    const second = bench.call('ListBuckets', { Prefix: 'b-', ContinuationToken: first.ContinuationToken });

    expect(first.Buckets).toMatchObject([{ Name: 'b-one', BucketRegion: 'us-east-1' }]);
    expect(second).toMatchObject({ Buckets: [{ Name: 'b-two' }] });
    expect(second['ContinuationToken']).toBeUndefined();
  });

  it('opens only for the owner that the caller expects', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });

    bench.call('GetBucketVersioning', { Bucket: 'data', ExpectedBucketOwner: '000000000000' });
    expect(bench.refusal('GetBucketVersioning', { Bucket: 'data', ExpectedBucketOwner: '111111111111' }).code).toBe(
      'AccessDenied',
    );
    expect(bench.refusal('GetBucketVersioning', { Bucket: 'data', ExpectedBucketOwner: 'x' }).code).toBe(
      'InvalidBucketOwnerAWSAccountID',
    );
  });

  it.each(['private', 'bucket-owner-full-control', 'bucket-owner-read'])('takes the ACL %s', (ACL) => {
    expect(fresh().call('CreateBucket', { Bucket: 'data', ACL })).toMatchObject({ Location: '/data' });
  });

  it.each(['public-read', 'authenticated-read', 'log-delivery-write'])(
    'has no ACL %s while its owner owns all objects, as is the default',
    (ACL) => {
      for (const more of [{}, { ObjectOwnership: 'BucketOwnerEnforced' }]) {
        expect(fresh().refusal('CreateBucket', { Bucket: 'data', ACL, ...more })).toMatchObject({
          code: 'InvalidBucketAclWithObjectOwnership',
          status: 400,
          message: "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        });
      }
    },
  );

  it('refuses what it would have to ignore', () => {
    const bench = fresh();

    expect(bench.refusal('CreateBucket', { Bucket: 'data', ObjectLockEnabledForBucket: true }).status).toBe(501);
    const open = { Bucket: 'data', ACL: 'public-read', ObjectOwnership: 'ObjectWriter' };
    expect(bench.refusal('CreateBucket', open).message).toContain('CreateBucket with ACL public-read');
    expect(bench.refusal('CreateBucket', { Bucket: 'data', ACL: 'all' }).message).toContain(
      'CreateBucket with ACL all',
    );
    expect(bench.refusal('CreateBucket', { Bucket: 'data', GrantRead: 'id=1' }).message).toContain('GrantRead');
  });
});

describe('configurations', () => {
  it('come back as they were put, dates included, also after a restart', () => {
    const store = new MapStore();
    const before = fresh(store);
    before.call('CreateBucket', { Bucket: 'data' });
    const rule = {
      ID: 'old',
      Status: 'Enabled',
      Filter: { Prefix: 'tmp/' },
      Expiration: { Date: new Date(86_400_000) },
    };
    const cors = { CORSRules: [{ AllowedMethods: ['GET'], AllowedOrigins: ['*'] }] };
    const policy = '{"Version":"2012-10-17","Statement":[]}';
    before.call('PutBucketLifecycleConfiguration', { Bucket: 'data', LifecycleConfiguration: { Rules: [rule] } });
    before.call('PutBucketCors', { Bucket: 'data', CORSConfiguration: cors });
    before.call('PutBucketPolicy', { Bucket: 'data', Policy: policy });
    before.call('PutBucketTagging', { Bucket: 'data', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } });

    const after = fresh(store);

    expect(after.call('GetBucketLifecycleConfiguration', { Bucket: 'data' })['Rules']).toEqual([rule]);
    expect(after.call('GetBucketCors', { Bucket: 'data' })).toEqual(cors);
    expect(after.call('GetBucketPolicy', { Bucket: 'data' })).toEqual({ Policy: policy });
    expect(after.call('GetBucketTagging', { Bucket: 'data' })).toEqual({ TagSet: [{ Key: 'a', Value: '1' }] });
    after.call('DeleteBucketCors', { Bucket: 'data' });
    expect(after.refusal('GetBucketCors', { Bucket: 'data' })).toMatchObject({
      code: 'NoSuchCORSConfiguration',
      status: 404,
      members: { BucketName: 'data' },
    });
  });

  it('start as they do on AWS today: encrypted, owner enforced, not public', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });

    expect(bench.call('GetBucketEncryption', { Bucket: 'data' })).toMatchObject({
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
    });
    expect(bench.call('GetPublicAccessBlock', { Bucket: 'data' })).toMatchObject({
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
    });
    expect(bench.call('GetBucketOwnershipControls', { Bucket: 'data' })).toEqual({
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    expect(bench.refusal('GetBucketPolicy', { Bucket: 'data' }).code).toBe('NoSuchBucketPolicy');
  });

  it('let the default encryption show on new objects', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'key-1' } };
    bench.call('PutBucketEncryption', { Bucket: 'data', ServerSideEncryptionConfiguration: { Rules: [rule] } });

    expect(bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '' })).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'key-1',
    });
  });

  it('refuse a policy that is none', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });

    expect(bench.refusal('PutBucketPolicy', { Bucket: 'data', Policy: 'x' })).toMatchObject({
      code: 'MalformedPolicy',
    });
    expect(bench.refusal('PutBucketPolicy', { Bucket: 'data', Policy: '{}' }).message).toBe(
      'Missing required field Statement',
    );
  });
});

describe('object tags', () => {
  it('can be changed and are announced', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });
    bench.call('PutBucketNotificationConfiguration', {
      Bucket: 'data',
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q', Events: ['s3:ObjectTagging:*'] }],
      },
    });
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '' });

    bench.call('PutObjectTagging', { Bucket: 'data', Key: 'k', Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } });
    bench.call('DeleteObjectTagging', { Bucket: 'data', Key: 'k' });

    expect(bench.call('GetObjectTagging', { Bucket: 'data', Key: 'k' })).toEqual({ TagSet: [] });
    const records = bench.arrivals.slice(1).map((arrival) => JSON.parse(arrival.message.body).Records[0]);
    expect(records.map(({ eventName, eventVersion, s3 }) => [eventName, eventVersion, Object.keys(s3.object)])).toEqual(
      [
        ['ObjectTagging:Put', '2.3', ['key', 'eTag']],
        ['ObjectTagging:Delete', '2.3', ['key', 'eTag']],
      ],
    );
  });

  it('follow the rules for tags', () => {
    const bench = fresh();
    bench.call('CreateBucket', { Bucket: 'data' });
    bench.call('PutObject', { Bucket: 'data', Key: 'k', Body: '' });
    const put = (...TagSet: object[]) =>
      bench.refusal('PutObjectTagging', { Bucket: 'data', Key: 'k', Tagging: { TagSet } });

    expect(put({ Key: 'a', Value: '1' }, { Key: 'a', Value: '2' }).message).toBe(
      'Cannot provide multiple Tags with the same key',
    );
    expect(put({ Key: 'a,b', Value: '1' }).message).toBe('The TagKey you have provided is invalid');
    expect(put({ Key: 'aws:x', Value: '1' }).message).toBe('Your TagKey cannot be prefixed with aws:');
    expect(put(...Array.from({ length: 11 }, (_, n) => ({ Key: `k${n}`, Value: '' }))).message).toBe(
      'Object tags cannot be greater than 10',
    );
    expect(bench.refusal('PutObject', { Bucket: 'data', Key: 'k', Tagging: 'a=1&a=2' }).code).toBe('InvalidArgument');
  });
});
