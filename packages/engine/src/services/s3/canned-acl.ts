import { notSupported } from '../../core/index.ts';

/**
 * Lets through the canned ACLs that change nothing while the bucket's owner owns every object (S3's default since
 * 2023); any other is refused by name, since nothing here would enforce it.
 */
export const acceptCannedAcl = (acl: string | undefined, action: string): void => {
  if (acl !== undefined && acl !== 'private' && acl !== 'bucket-owner-full-control') {
    throw notSupported(`${action} with ACL ${acl}`);
  }
};
