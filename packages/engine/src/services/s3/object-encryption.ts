import { bucketArn } from '@holdfast/aws-model';
import { type RequestContext, ServiceError } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import { AWS_MANAGED_KEY } from './object-attributes.ts';
import type { StoredEncryption } from './stored.ts';
import type { S3Wiring } from './wiring.ts';

/** Where an object is, for the key that it may be under. */
export const placeOf = ({ settings: { name, region } }: Bucket, key: string) => ({ bucket: name, key, region });

/**
 * Objects under a key of KMS need it to be written and read.
 *
 * @throws ServiceError AccessDenied, or KMS's own error behind `KMS.`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export const checkObjectKey = (
  { environment }: S3Wiring,
  place: { readonly bucket: string; readonly key: string; readonly region: string },
  { algorithm, keyId = AWS_MANAGED_KEY }: StoredEncryption,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
  { account, callerArn }: RequestContext,
): void => {
  if (algorithm === 'AES256') return;
  const refusal = environment.keys.refusalOf({
    account,
    region: place.region,
    keyId,
    actions: [action],
    via: 's3',
    callerArn,
    encryptionContext: { 'aws:s3:arn': bucketArn(`${place.bucket}/${place.key}`) },
  });
  if (refusal === undefined) return;
  if (refusal.code === 'AccessDeniedException') throw new ServiceError('AccessDenied', refusal.message, 403);
  throw new ServiceError(`KMS.${refusal.code}`, refusal.message, 400);
};
