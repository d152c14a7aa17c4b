import { describe, expect, it } from 'vitest';
import type { UploadRecord } from '../uploads/upload-record.ts';
import { type Delivery, decideClaim } from './decide-claim.ts';

const NOW = 1_000_000;

const delivery = (changes: Partial<Delivery> = {}): Delivery => ({
  vendorId: 'VEND001',
  key: 'uploads/VEND001/a.csv',
  bucket: 'uploads-bucket',
  etag: 'e1',
  sequencer: '10',
  deliveredBy: 'event',
  isColdStart: false,
  reportedAt: '2025-11-28T08:00:00.000Z',
  requestId: 'mine',
  leaseUntil: NOW + 60_000,
  ...changes,
});

const recordOf = (changes: Partial<UploadRecord> = {}): UploadRecord => ({
  vendor_id: 'VEND001',
  file_key: 'uploads/VEND001/a.csv',
  bucket: 'uploads-bucket',
  etag: 'e1',
  sequencer: '10',
  upload_id: 'VEND001-e1',
  status: 'COMPLETED',
  version: 1,
  revision: 3,
  attempts: 1,
  delivered_by: 'event',
  started_at: '2025-11-28T08:00:00.000Z',
  lease_id: 'theirs',
  lease_until: 0,
  announced: true,
  ...changes,
});

describe('decideClaim', () => {
  it('begins with version, revision and attempt 1 when nothing is recorded', () => {
    expect(decideClaim(undefined, delivery(), NOW)).toMatchObject({
      kind: 'process',
      record: { status: 'PROCESSING', version: 1, revision: 1, attempts: 1, lease_id: 'mine', announced: false },
    });
  });

  it('has nothing to do when the same content is final and announced', () => {
    expect(decideClaim(recordOf(), delivery({ sequencer: '99' }), NOW).kind).toBe('done');
  });

  it('only announces when the one before died after the last state and before the notice', () => {
    const record = recordOf({ announced: false, lease_until: NOW - 1 });

    expect(decideClaim(record, delivery(), NOW).kind).toBe('announce');
  });

  it('waits while another invocation holds the lease, processing or announcing', () => {
    const processing = recordOf({ status: 'PROCESSING', announced: false, lease_until: NOW + 5 });
    const announcing = recordOf({ announced: false, lease_until: NOW + 5 });

    expect(decideClaim(processing, delivery(), NOW)).toEqual({ kind: 'busy', until: NOW + 5 });
    expect(decideClaim(announcing, delivery(), NOW)).toEqual({ kind: 'busy', until: NOW + 5 });
    expect(decideClaim(processing, delivery({ etag: 'e2', sequencer: '11' }), NOW).kind).toBe('busy');
  });

  it('takes over when the lease has run out, and counts the attempt', () => {
    const record = recordOf({ status: 'PROCESSING', announced: false, lease_until: NOW });

    expect(decideClaim(record, delivery(), NOW)).toMatchObject({
      kind: 'process',
      record: { attempts: 2, version: 1, revision: 4 },
    });
  });

  it('takes up its own lease at once: the same request came again after a crash', () => {
    const record = recordOf({ status: 'PROCESSING', announced: false, lease_until: NOW + 9_999, lease_id: 'mine' });

    expect(decideClaim(record, delivery(), NOW).kind).toBe('process');
  });

  it('begins anew, as next version, with a new content', () => {
    expect(decideClaim(recordOf(), delivery({ etag: 'e2', sequencer: '11' }), NOW)).toMatchObject({
      kind: 'process',
      record: { etag: 'e2', version: 2, revision: 4, attempts: 1, announced: false },
    });
  });

  it('does not let a late event of an older content undo the newer one', () => {
    expect(decideClaim(recordOf(), delivery({ etag: 'e0', sequencer: '0f' }), NOW).kind).toBe('superseded');
  });

  it('processes the same content again when it came back after it had been missing', () => {
    const missing = recordOf({ status: 'FAILED', reason: 'OBJECT_MISSING' });

    expect(decideClaim(missing, delivery({ sequencer: '10' }), NOW).kind).toBe('done');
    expect(decideClaim(missing, delivery({ sequencer: '11' }), NOW).kind).toBe('process');
  });
});
