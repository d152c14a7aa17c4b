import { isOlderSequencer } from '../s3-event.ts';
import { isFinal, type UploadRecord } from '../uploads/upload-record.ts';

/** A delivery of one upload to one invocation. */
export interface Delivery {
  readonly vendorId: string;
  readonly key: string;
  readonly bucket: string;
  readonly etag: string;
  readonly sequencer: string | undefined;
  readonly deliveredBy: UploadRecord['delivered_by'];
  readonly reportedAt: string | undefined;
  readonly requestId: string;
  readonly isColdStart: boolean;
  /** When this invocation will have ended, come what may. */
  readonly leaseUntil: number;
}

type Lease = Pick<UploadRecord, 'lease_id' | 'lease_until'>;

/** What a delivery may do, given what is recorded. */
export type ClaimDecision =
  /** Begin (or begin anew) by writing `record`. */
  | { readonly kind: 'process'; readonly record: UploadRecord }
  /** All is done but the notice: take the lease by changing `record`, then announce. */
  | { readonly kind: 'announce'; readonly record: UploadRecord; readonly changes: Lease }
  | { readonly kind: 'done'; readonly record: UploadRecord }
  | { readonly kind: 'superseded'; readonly record: UploadRecord }
  | { readonly kind: 'busy'; readonly until: number };

/** The object was gone; the same content uploaded again after that is a new upload. */
const cameBack = (existing: UploadRecord, delivery: Delivery): boolean =>
  existing.reason === 'OBJECT_MISSING' &&
  existing.sequencer !== undefined &&
  delivery.sequencer !== undefined &&
  isOlderSequencer(existing.sequencer, delivery.sequencer);

/**
 * Decides what a delivery may do. Two deliveries at the same time cannot both be told to go ahead: whoever writes
 * first wins (the write is conditional on `existing`), and the other decides again.
 */
export const decideClaim = (existing: UploadRecord | undefined, delivery: Delivery, now: number): ClaimDecision => {
  const isSameContent = existing?.etag === delivery.etag;

  if (existing !== undefined) {
    const isStale =
      existing.sequencer !== undefined &&
      delivery.sequencer !== undefined &&
      isOlderSequencer(delivery.sequencer, existing.sequencer);
    const isHeld = existing.lease_until > now && existing.lease_id !== delivery.requestId;
    const isSettled = isFinal(existing.status) && existing.announced;

    if (isStale && !isSameContent) return { kind: 'superseded', record: existing };
    if (isHeld && !isSettled) return { kind: 'busy', until: existing.lease_until };
    if (isSameContent && isFinal(existing.status) && !cameBack(existing, delivery)) {
      if (isSettled) return { kind: 'done', record: existing };
      return { kind: 'announce', record: existing, changes: leaseOf(delivery) };
    }
  }

  return {
    kind: 'process',
    record: {
      vendor_id: delivery.vendorId,
      file_key: delivery.key,
      bucket: delivery.bucket,
      etag: delivery.etag,
      sequencer: delivery.sequencer ?? (isSameContent ? existing?.sequencer : undefined),
      upload_id: uploadId(delivery),
      status: 'PROCESSING',
      version: (existing?.version ?? 0) + (isSameContent ? 0 : 1),
      revision: (existing?.revision ?? 0) + 1,
      attempts: isSameContent && existing !== undefined ? existing.attempts + 1 : 1,
      delivered_by: delivery.deliveredBy,
      reported_at: delivery.reportedAt,
      started_at: new Date(now).toISOString(),
      cold_start: delivery.isColdStart || undefined,
      ...leaseOf(delivery),
      announced: false,
    },
  };
};

const leaseOf = (delivery: Delivery): Lease => ({ lease_id: delivery.requestId, lease_until: delivery.leaseUntil });

/** Names one content of one key; the same for every delivery of it. */
export const uploadId = ({ vendorId, etag }: Pick<Delivery, 'vendorId' | 'etag'>): string => `${vendorId}-${etag}`;
