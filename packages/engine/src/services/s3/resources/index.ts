import type { AnyResourceType } from '../../../core/index.ts';
import { s3Bucket } from './bucket.ts';
import { s3BucketPolicy } from './bucket-policy.ts';
import { autoDeleteObjects, bucketNotifications } from './cdk-custom.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  s3Bucket,
  s3BucketPolicy,
  autoDeleteObjects,
  bucketNotifications,
];
