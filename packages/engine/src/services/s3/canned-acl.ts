import { notSupported, ServiceError } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';

/** By what CloudFormation calls them. */
export const CANNED_ACLS: Readonly<Record<string, string>> = {
  Private: 'private',
  PublicRead: 'public-read',
  PublicReadWrite: 'public-read-write',
  AuthenticatedRead: 'authenticated-read',
  AwsExecRead: 'aws-exec-read',
  BucketOwnerRead: 'bucket-owner-read',
  BucketOwnerFullControl: 'bucket-owner-full-control',
  LogDeliveryWrite: 'log-delivery-write',
};
const CANNED = Object.values(CANNED_ACLS);

/** Of objects: they grant nobody but the bucket's owner anything. */
const WITHOUT_EFFECT = ['private', 'bucket-owner-full-control'];
/** Of buckets: S3 ignores what is made for objects. */
const WITHOUT_EFFECT_ON_BUCKETS = [...WITHOUT_EFFECT, 'bucket-owner-read'];

interface Ownership {
  readonly Rules?: readonly { readonly ObjectOwnership?: string }[];
}

/** Whether the bucket's owner owns every object and there are no ACLs, as it is unless a bucket is told otherwise. */
const hasNoAcls = ({ settings }: Bucket): boolean =>
  (settings.configurations['ownership'] as Ownership | undefined)?.Rules?.[0]?.ObjectOwnership ===
  'BucketOwnerEnforced';

const aclsNotSupported = (): ServiceError =>
  new ServiceError('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400);

/** What would grant somebody something is refused by name, since nothing here would enforce it. */
const refused = (acl: string, action: string): ServiceError => notSupported(`${action} with ACL ${acl}`);

/**
 * Judges the canned ACL of a new object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const acceptObjectAcl = (acl: string | undefined, bucket: Bucket, action: string): void => {
  if (acl === undefined || WITHOUT_EFFECT.includes(acl)) return;
  throw CANNED.includes(acl) && hasNoAcls(bucket) ? aclsNotSupported() : refused(acl, action);
};

/** Judges the canned ACL of a new bucket, whose objects are to be owned like this. */
export const acceptBucketAcl = (acl: string | undefined, ownership: string): void => {
  if (acl === undefined || WITHOUT_EFFECT_ON_BUCKETS.includes(acl)) return;
  if (!CANNED.includes(acl) || ownership !== 'BucketOwnerEnforced') throw refused(acl, 'CreateBucket');
  throw new ServiceError(
    'InvalidBucketAclWithObjectOwnership',
    "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    400,
  );
};

/** Judges a change of the ACL of a bucket or an object: where there are no ACLs, none is taken, whatever it grants. */
export const acceptAclChange = (acl: string | undefined, bucket: Bucket, action: string): void => {
  if (hasNoAcls(bucket)) throw aclsNotSupported();
  if (acl !== undefined && !WITHOUT_EFFECT.includes(acl)) throw refused(acl, action);
};
