import type { EpochMs } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import { isObject } from './bucket.ts';
import { headerNotImplemented, noSuchKey, preconditionFailed } from './errors.ts';
import type { ObjectVersion, StoredVersion } from './stored.ts';

/** An ETag as it is kept: without the quotes that it has on the wire. */
export const bareEtag = (etag: string): string => etag.replace(/^"|"$/g, '');

/** Conditions on a read, or on the source of a copy. */
export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

const etagMatches = (header: string, etag: string): boolean =>
  header
    .split(',')
    .map((one) => bareEtag(one.trim().replace(/^W\//, '')))
    .some((one) => one === '*' || one === etag);

/**
 * Which condition a read fails, in the order of RFC 9110: an ETag condition makes S3 ignore the date of its pair.
 * `not-modified` is the answer 304, `failed` is 412.
 */
export const failedReadCondition = (
  conditions: ReadConditions,
  version: ObjectVersion,
): { readonly kind: 'failed' | 'not-modified'; readonly header: string } | undefined => {
  const { etag } = version.content;
  if (conditions.IfMatch !== undefined) {
    if (!etagMatches(conditions.IfMatch, etag)) return { kind: 'failed', header: 'If-Match' };
  } else if (
    conditions.IfUnmodifiedSince !== undefined &&
    version.lastModified > conditions.IfUnmodifiedSince.getTime()
  ) {
    return { kind: 'failed', header: 'If-Unmodified-Since' };
  }
  if (conditions.IfNoneMatch !== undefined) {
    if (etagMatches(conditions.IfNoneMatch, etag)) return { kind: 'not-modified', header: 'If-None-Match' };
  } else if (conditions.IfModifiedSince !== undefined && version.lastModified <= conditions.IfModifiedSince.getTime()) {
    return { kind: 'not-modified', header: 'If-Modified-Since' };
  }
  return undefined;
};

const isPast = (date: Date | undefined, now: EpochMs): boolean => date !== undefined && date.getTime() <= now;

/**
 * A date that is still to come is no condition.
 * @throws ServiceError 304 or 412
 */
export const checkReadConditions = (conditions: ReadConditions, version: ObjectVersion, now: EpochMs): void => {
  const { IfModifiedSince, ...others } = conditions;
  const failed = failedReadCondition(isPast(IfModifiedSince, now) ? { ...others, IfModifiedSince } : others, version);
  if (failed === undefined) return;
  if (failed.kind === 'failed') throw preconditionFailed(failed.header);
  // Members in lower case are headers: a 304 has no body.
  throw new ServiceError('NotModified', 'Not Modified', 304, {
    etag: `"${version.content.etag}"`,
    'last-modified': new Date(version.lastModified).toUTCString(),
  });
};

/**
 * On the source of a copy every failed condition is 412, and named with its long header. A date that is still to come
 * is no condition.
 */
export const checkCopyConditions = (
  input: {
    readonly CopySourceIfMatch?: string | undefined;
    readonly CopySourceIfNoneMatch?: string | undefined;
    readonly CopySourceIfModifiedSince?: Date | undefined;
    readonly CopySourceIfUnmodifiedSince?: Date | undefined;
  },
  source: ObjectVersion,
  now: EpochMs,
): void => {
  const failed = failedReadCondition(
    {
      IfMatch: input.CopySourceIfMatch,
      IfNoneMatch: input.CopySourceIfNoneMatch,
      IfModifiedSince: isPast(input.CopySourceIfModifiedSince, now) ? input.CopySourceIfModifiedSince : undefined,
      IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    },
    source,
  );
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed.header}`);
};

/**
 * Conditional writes: create only (`If-None-Match: *`) or replace only what was seen (`If-Match`).
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const checkWriteConditions = (
  conditions: { readonly IfMatch?: string | undefined; readonly IfNoneMatch?: string | undefined },
  key: string,
  newest: StoredVersion | undefined,
): void => {
  const { IfMatch, IfNoneMatch } = conditions;
  if (IfMatch !== undefined && IfNoneMatch !== undefined) {
    throw headerNotImplemented('If-Match,If-None-Match', 'Multiple conditional request headers present in the request');
  }
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== '*') {
      throw headerNotImplemented(
        'If-None-Match',
        "We don't accept the provided value of If-None-Match header for this API",
      );
    }
    if (isObject(newest)) throw preconditionFailed('If-None-Match');
  }
  if (IfMatch !== undefined) {
    if (IfMatch === '*') {
      throw headerNotImplemented('If-Match', "We don't accept the provided value of If-Match header for this API");
    }
    if (!isObject(newest)) throw noSuchKey(key);
    if (!etagMatches(IfMatch, newest.content.etag)) throw preconditionFailed('If-Match');
  }
};
