import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { bareEtag } from '../s3-event.ts';

/** What S3 says about an object. */
export interface ObjectFacts {
  readonly etag: string;
  readonly sizeBytes: number;
  /** ISO 8601. */
  readonly lastModified: string | undefined;
}

/** `NoSuchKey` from GetObject; HeadObject has no body and says only `NotFound`. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound');

interface Answer {
  readonly ETag?: string | undefined;
  readonly ContentLength?: number | undefined;
  readonly LastModified?: Date | undefined;
}

const factsOf = (answer: Answer): ObjectFacts => ({
  etag: bareEtag(answer.ETag ?? ''),
  sizeBytes: answer.ContentLength ?? 0,
  lastModified: answer.LastModified?.toISOString(),
});

/** Facts about an object; `undefined` when there is none. Needs `s3:ListBucket`, or S3 answers 403 instead of 404. */
export const headUpload = async (
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  key: string,
): Promise<ObjectFacts | undefined> => {
  try {
    return factsOf(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key })));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Opens an object for reading; `undefined` when there is none. Who does not read `body` must destroy it. */
export const openUpload = async (
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  key: string,
): Promise<{ readonly facts: ObjectFacts; readonly body: Readable } | undefined> => {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { facts: factsOf(answer), body: answer.Body as Readable };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
};

/** Writes a CSV file beside the uploads. */
export const putReport = async (
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  key: string,
  bytes: Buffer,
): Promise<void> => {
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes, ContentType: 'text/csv; charset=utf-8' }),
  );
};
