import type * as Sdk from '@aws-sdk/client-s3';
import type {
  CreateBucketCommandInput,
  DeleteBucketCommandInput,
  ListBucketsCommandInput,
  PutBucketNotificationConfigurationCommandInput,
  PutBucketVersioningCommandInput,
} from '@aws-sdk/client-s3';
import { bucketArn } from '@holdfast/aws-model';
import { base64OfText, bytesOfBase64, utf8Text } from '@holdfast/kernel';
import {
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  refuseUnmodelled,
  ServiceError,
} from '../../core/index.ts';
import { isValidBucketName } from './bucket-name.ts';
import { acceptBucketAcl } from './canned-acl.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import { readNotification, validateDestinations, writeNotification } from './notification-configuration.ts';
import { senderOf } from './notifier.ts';
import { readTags } from './tags.ts';
import { compareUtf8 } from './utf8-order.ts';
import { bucketOf, ownerOf, type S3Wiring } from './wiring.ts';

const HOME_REGION = 'us-east-1';
const LIST_BUCKETS_MAX = 10_000;

/** Where a bucket goes: the constraint must fit the region of the endpoint, which is free in us-east-1 only. */
const regionOf = (constraint: string | undefined, region: string): string => {
  const incompatible = (shown: string): ServiceError =>
    new ServiceError(
      'IllegalLocationConstraintException',
      `The ${shown} location constraint is incompatible for the region specific endpoint this request was sent to.`,
      400,
    );
  if (constraint === undefined || constraint === '') {
    if (region !== HOME_REGION) throw incompatible('unspecified');
    return region;
  }
  const meant = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region !== HOME_REGION) {
    if (meant !== region) throw incompatible(constraint);
    return region;
  }
  if (meant === HOME_REGION || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(meant)) {
    throw new ServiceError('InvalidLocationConstraint', 'The specified location-constraint is not valid', 400, {
      LocationConstraint: constraint,
    });
  }
  return meant;
};

/** What every new bucket has, whether or not the caller asks. */
const newBucketConfigurations = (objectOwnership: string): Record<string, unknown> => ({
  ownership: { Rules: [{ ObjectOwnership: objectOwnership }] },
  publicAccessBlock: {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  },
});

/** S3 encrypts every object with keys of its own unless told otherwise. */
export const DEFAULT_ENCRYPTION = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
};

/** Buckets themselves: creating, finding, versioning and notifications. */
export const bucketOperations = (wiring: S3Wiring): Operations<typeof Sdk> => {
  const { table, notifier, environment } = wiring;

  const createBucket = (input: CreateBucketCommandInput, context: RequestContext) => {
    const name = input.Bucket ?? '';
    if (!isValidBucketName(name)) {
      throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
    }
    const configuration = input.CreateBucketConfiguration ?? {};
    refuseUnmodelled(configuration, ['LocationConstraint', 'Tags'], 'CreateBucketConfiguration');
    if (input.ObjectLockEnabledForBucket === true) throw notSupported('CreateBucket with ObjectLockEnabledForBucket');
    const ownership = input.ObjectOwnership ?? 'BucketOwnerEnforced';
    if (!['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(ownership)) {
      throw invalidArgument(`Invalid x-amz-object-ownership header: ${ownership}`, 'x-amz-object-ownership');
    }
    acceptBucketAcl(input.ACL, ownership);
    const constraint = configuration.LocationConstraint;
    const region = regionOf(constraint, context.region);
    const tags = readTags(configuration.Tags, 'bucket');
    const existing = table.buckets.get(name);
    const answer = {
      Location: region === HOME_REGION ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
      BucketArn: bucketArn(name),
    };
    if (existing !== undefined) {
      if (existing.settings.account !== context.account) {
        throw new ServiceError(
          'BucketAlreadyExists',
          'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
          409,
          { BucketName: name },
        );
      }
      // In us-east-1 creating one's own bucket again succeeds, unless it is to have tags, be they those that it has.
      if (region === HOME_REGION && existing.settings.region === HOME_REGION && tags.length === 0) return answer;
      throw new ServiceError(
        'BucketAlreadyOwnedByYou',
        'Your previous request to create the named bucket succeeded and you already own it.',
        409,
        { BucketName: name },
      );
    }
    table.create({
      name,
      account: context.account,
      region,
      ...(region === HOME_REGION ? {} : { locationConstraint: constraint }),
      createdAt: Math.floor(context.now / 1000) * 1000,
      configurations: {
        ...newBucketConfigurations(ownership),
        ...(tags.length === 0 ? {} : { tagging: tags }),
      },
    });
    return answer;
  };

  const listBuckets = (input: ListBucketsCommandInput, context: RequestContext) => {
    const max = input.MaxBuckets ?? LIST_BUCKETS_MAX;
    if (max < 1 || max > LIST_BUCKETS_MAX) {
      throw invalidArgument(`Argument max-buckets must be an integer between 1 and ${LIST_BUCKETS_MAX}`, 'max-buckets');
    }
    const after = input.ContinuationToken === undefined ? '' : utf8Text(bytesOfBase64(input.ContinuationToken));
    const found = [...table.buckets.values()]
      .map((bucket) => bucket.settings)
      .filter(({ account, name, region }) => {
        if (account !== context.account || !name.startsWith(input.Prefix ?? '') || name <= after) return false;
        return input.BucketRegion === undefined || input.BucketRegion === region;
      })
      .sort((a, b) => compareUtf8(a.name, b.name));
    const page = found.slice(0, max);
    const last = page.at(-1);
    // Where a bucket is stands in lists that somebody chooses from.
    const { MaxBuckets, ContinuationToken, Prefix, BucketRegion } = input;
    const isPlain = [MaxBuckets, ContinuationToken, Prefix, BucketRegion].every((choice) => choice === undefined);
    return {
      Buckets: page.map(({ name, createdAt, region }) => ({
        Name: name,
        CreationDate: new Date(createdAt),
        ...(isPlain ? {} : { BucketRegion: region }),
        BucketArn: bucketArn(name),
      })),
      Owner: ownerOf(context.account, wiring),
      ...(input.Prefix === undefined ? {} : { Prefix: input.Prefix }),
      ...(found.length > page.length && last !== undefined ? { ContinuationToken: base64OfText(last.name) } : {}),
    };
  };

  const deleteBucket = (input: DeleteBucketCommandInput) => {
    const bucket = bucketOf(wiring, input);
    if (!bucket.isEmpty) {
      throw new ServiceError(
        'BucketNotEmpty',
        bucket.settings.versioning === undefined
          ? 'The bucket you tried to delete is not empty'
          : 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
        409,
        { BucketName: bucket.settings.name },
      );
    }
    for (const upload of wiring.uploads.inBucket(bucket.settings.name)) wiring.uploads.close(upload);
    table.drop(bucket);
    return {};
  };

  const putVersioning = (input: PutBucketVersioningCommandInput) => {
    const bucket = bucketOf(wiring, input);
    const configuration = input.VersioningConfiguration ?? {};
    refuseUnmodelled(configuration, ['Status', 'MFADelete'], 'VersioningConfiguration');
    if (configuration.MFADelete === 'Enabled') throw notSupported('PutBucketVersioning with MFADelete');
    const status = configuration.Status;
    if (status === undefined) {
      throw new ServiceError(
        'IllegalVersioningConfigurationException',
        'The Versioning element must be specified',
        400,
      );
    }
    if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
    table.configure(bucket, { versioning: status });
    return {};
  };

  const putNotification = (input: PutBucketNotificationConfigurationCommandInput, context: RequestContext) => {
    const bucket = bucketOf(wiring, input);
    const notification = readNotification(input.NotificationConfiguration ?? {}, environment.ids);
    const skips = input.SkipDestinationValidation === true;
    if (!skips) {
      validateDestinations(notification, bucket.settings.region, senderOf(bucket), environment.deliver);
    }
    const isEmpty = notification.rules.length === 0 && !notification.toEventBridge;
    table.configure(bucket, { notification: isEmpty ? undefined : notification });
    if (!skips) notifier.announceTest(bucket, context);
    return {};
  };

  return {
    CreateBucket: operation(
      ['Bucket', 'ACL', 'CreateBucketConfiguration', 'ObjectLockEnabledForBucket', 'ObjectOwnership'],
      createBucket,
    ),
    HeadBucket: operation(['Bucket', 'ExpectedBucketOwner'], (input) => {
      if (!table.buckets.has(input.Bucket ?? '')) throw new ServiceError('NotFound', 'Not Found', 404);
      const { name, region } = bucketOf(wiring, input).settings;
      return { BucketArn: bucketArn(name), BucketRegion: region, AccessPointAlias: false };
    }),
    DeleteBucket: operation(['Bucket', 'ExpectedBucketOwner'], deleteBucket),
    ListBuckets: operation(['MaxBuckets', 'ContinuationToken', 'Prefix', 'BucketRegion'], listBuckets),
    GetBucketLocation: operation(['Bucket', 'ExpectedBucketOwner'], (input) => ({
      LocationConstraint: bucketOf(wiring, input).settings.locationConstraint as never,
    })),
    PutBucketVersioning: operation(
      ['Bucket', 'ContentMD5', 'ChecksumAlgorithm', 'VersioningConfiguration', 'ExpectedBucketOwner'],
      putVersioning,
    ),
    GetBucketVersioning: operation(['Bucket', 'ExpectedBucketOwner'], (input) => {
      const { versioning } = bucketOf(wiring, input).settings;
      return versioning === undefined ? {} : { Status: versioning };
    }),
    PutBucketNotificationConfiguration: operation(
      ['Bucket', 'NotificationConfiguration', 'ExpectedBucketOwner', 'SkipDestinationValidation'],
      putNotification,
    ),
    GetBucketNotificationConfiguration: operation(['Bucket', 'ExpectedBucketOwner'], (input) =>
      writeNotification(bucketOf(wiring, input).settings.notification),
    ),
  };
};
