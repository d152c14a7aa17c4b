import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import { refusal } from './refusal.ts';

/** Where code lies, as Lambda wants it said: from `s3://bucket/key`, or from its parts as `sam package` writes them. */
export const codeIn = (property: string, logicalId: string, uri: Json | undefined): JsonObject => {
  if (isObject(uri)) {
    const { Bucket = '', Key = '', Version } = uri;
    return { S3Bucket: Bucket, S3Key: Key, ...(Version === undefined ? {} : { S3ObjectVersion: Version }) };
  }
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(String(uri)) ?? [];
  if (bucket === undefined || key === undefined) {
    throw refusal(`a ${property} that is not in S3 (resource ${logicalId}): package the template first`);
  }
  return { S3Bucket: bucket, S3Key: key };
};
