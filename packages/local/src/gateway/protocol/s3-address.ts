import { percentDecoded, type WireRequest } from '../wire.ts';

/** Bucket and key as the request names them; both percent-decoded. */
export interface S3Address {
  readonly bucket: string | undefined;
  /** `undefined` for the bucket itself. */
  readonly key: string | undefined;
}

const IP_ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/;

/**
 * The bucket in a virtual-hosted host name: `bucket.s3.localhost:4566`, `bucket.s3.eu-west-1.amazonaws.com`,
 * `bucket.s3-eu-west-1.amazonaws.com`, `bucket.localhost`. Bucket names may hold dots.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export const bucketInHost = (host: string | undefined): string | undefined => {
  const name = host?.replace(/:\d+$/, '').toLowerCase();
  if (name === undefined || IP_ADDRESS.test(name) || /^s3[.-]/.test(name)) return undefined;
  const beforeService = /^(.+?)\.s3[.-]/.exec(name)?.[1];
  if (beforeService !== undefined) return beforeService;
  return name.endsWith('.localhost') ? name.slice(0, -'.localhost'.length) : undefined;
};

export const s3AddressOf = (request: WireRequest): S3Address => {
  const path = request.path.slice(1);
  const hosted = bucketInHost(request.host);
  if (hosted !== undefined) return { bucket: hosted, key: path === '' ? undefined : percentDecoded(path) };
  if (path === '') return { bucket: undefined, key: undefined };
  const slash = path.indexOf('/');
  const bucket = percentDecoded(slash < 0 ? path : path.slice(0, slash));
  const key = slash < 0 ? '' : path.slice(slash + 1);
  return { bucket, key: key === '' ? undefined : percentDecoded(key) };
};
