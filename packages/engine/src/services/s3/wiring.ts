import type { RequestContext, ServiceEnvironment } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
import type { Notifier } from './notifier.ts';
import type { ObjectTable } from './object-table.ts';
import type { UploadTable } from './upload-table.ts';

/** What the operation tables share. */
export interface S3Wiring {
  readonly environment: ServiceEnvironment;
  readonly table: ObjectTable;
  readonly uploads: UploadTable;
  readonly notifier: Notifier;
}

/** What most inputs begin with. */
export interface BucketInput {
  readonly Bucket?: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** The bucket that an input names, if the caller's expectation about its owner holds. */
export const bucketOf = (wiring: S3Wiring, input: BucketInput): Bucket =>
  wiring.table.bucket(input.Bucket ?? '', input.ExpectedBucketOwner);

/** The account's canonical user id: 64 hexadecimal digits, the same every time. */
export const ownerOf = (account: string, wiring: S3Wiring): { readonly ID: string } => ({
  ID: wiring.environment.digest.sha256Hex(`canonical user of ${account}`),
});

/** A context for writes on behalf of another service. */
export const contextFor = (bucket: Bucket, wiring: S3Wiring, traceHeader?: string): RequestContext => ({
  account: bucket.settings.account,
  region: bucket.settings.region,
  requestId: wiring.environment.ids.uuid(),
  now: wiring.environment.clock.now(),
  traceHeader,
});
