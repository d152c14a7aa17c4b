import { readFileSync } from 'node:fs';
import type { FileAsset } from './cloud-assembly.ts';
import { type DeployTarget, fillPlaceholders } from './deploy-target.ts';
import { zipDirectory } from './zip-directory.ts';

/** Version of the bootstrap template that is claimed to be there; newer than any that templates ask for today. */
export const BOOTSTRAP_VERSION = '30';

/** Whether an action that asks for something succeeds. Any failure counts as "not there": the next step will tell. */
const succeeds = async (action: Promise<unknown>): Promise<boolean> => {
  try {
    await action;
    return true;
  } catch {
    return false;
  }
};

export const ensureBucket = async (target: DeployTarget, bucket: string): Promise<void> => {
  if (await succeeds(target.call('s3', 'HeadBucket', { Bucket: bucket }))) return;
  await target.call('s3', 'CreateBucket', {
    Bucket: bucket,
    ...(target.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: target.region } }),
  });
};

/** Provides what `cdk bootstrap` leaves behind and templates check for: the version parameter. */
export const ensureBootstrapVersion = async (target: DeployTarget, parameter: string): Promise<void> => {
  if (await succeeds(target.call('ssm', 'GetParameter', { Name: parameter }))) return;
  await target.call('ssm', 'PutParameter', { Name: parameter, Type: 'String', Value: BOOTSTRAP_VERSION });
};

/** Uploads an object unless it is there; its key says what is in it. Whether it was not. */
export const publishObject = async (
  target: DeployTarget,
  Bucket: string,
  Key: string,
  content: () => Uint8Array,
): Promise<boolean> => {
  if (await succeeds(target.call('s3', 'HeadObject', { Bucket, Key }))) return false;
  await target.call('s3', 'PutObject', { Bucket, Key, Body: content() });
  return true;
};

/**
 * Uploads the assets that are not there yet; keys are digests of the content, so what is there is right.
 * Returns how many were uploaded.
 */
export const publishAssets = async (target: DeployTarget, assets: readonly FileAsset[]): Promise<number> => {
  let uploaded = 0;
  const buckets = new Set<string>();
  for (const asset of assets) {
    const Bucket = fillPlaceholders(asset.bucket, target);
    const Key = fillPlaceholders(asset.key, target);
    if (!buckets.has(Bucket)) await ensureBucket(target, Bucket);
    buckets.add(Bucket);
    const content = (): Uint8Array => (asset.isDirectory ? zipDirectory(asset.path) : readFileSync(asset.path));
    if (await publishObject(target, Bucket, Key, content)) uploaded += 1;
  }
  return uploaded;
};
