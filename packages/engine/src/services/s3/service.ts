import { parseArn } from '@holdfast/aws-model';
import { onDemand } from '@holdfast/kernel';
import type {
  BucketObject,
  DeliveryResult,
  DeliveryTarget,
  ObjectSource,
  OperationTable,
  Sender,
  Service,
  ServiceEnvironment,
} from '../../core/index.ts';
import { ServiceError } from '../../core/index.ts';
import { isObject } from './bucket.ts';
import { bucketOperations } from './bucket-operations.ts';
import { configurationOperations } from './configuration-operations.ts';
import { deleteOperations } from './delete-operations.ts';
import { noSuchBucket } from './errors.ts';
import { listingOperations } from './listing-operations.ts';
import { multipartListings } from './multipart-listing.ts';
import { multipartOperations } from './multipart-operations.ts';
import { Notifier } from './notifier.ts';
import { objectDetailOperations } from './object-details.ts';
import { ObjectTable } from './object-table.ts';
import { readOperations } from './read-operations.ts';
import { UploadTable } from './upload-table.ts';
import { contextFor, type S3Wiring } from './wiring.ts';
import { writeOperations } from './write-operations.ts';

/**
 * S3: buckets in one name space, objects with versions, and notifications that leave in the turn of the write.
 *
 * Bytes live in the blob store, everything else in collections and in memory.
 */
export class S3Service implements Service, ObjectSource, DeliveryTarget<BucketObject> {
  readonly #operations: () => OperationTable;
  readonly targets = { bucket: this };
  readonly lends = { objects: this };
  readonly #wiring: S3Wiring;

  constructor(environment: ServiceEnvironment) {
    const table = new ObjectTable(environment);
    const wiring: S3Wiring = {
      environment,
      table,
      uploads: new UploadTable(environment, table),
      notifier: new Notifier(environment),
    };
    this.#wiring = wiring;
    this.#operations = onDemand(() => ({
      ...bucketOperations(wiring),
      ...writeOperations(wiring),
      ...readOperations(wiring),
      ...deleteOperations(wiring),
      ...objectDetailOperations(wiring),
      ...listingOperations(wiring),
      ...multipartOperations(wiring),
      ...multipartListings(wiring),
      ...configurationOperations(wiring),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#wiring.notifier.start();
  }

  /** Writes an object on behalf of a service (Lambda's destination); it is announced like any other. */
  deliver(bucketArn: string, object: BucketObject, sender: Sender): DeliveryResult {
    const bucket = this.#wiring.table.buckets.get(bucketNameOf(bucketArn));
    if (bucket === undefined) return { ok: false, error: noSuchBucket(bucketNameOf(bucketArn)) };
    const input = { Bucket: bucket.settings.name, Key: object.key, Body: object.body };
    try {
      this.operations['PutObject']?.run(input, contextFor(bucket, this.#wiring, sender.traceHeader));
      return { ok: true };
    } catch (error) {
      if (error instanceof ServiceError) return { ok: false, error };
      throw error;
    }
  }

  exists(bucketArn: string): boolean {
    return this.#wiring.table.buckets.has(bucketNameOf(bucketArn));
  }

  /** Bucket policies are stored, not enforced. */
  accepts(bucketArn: string, _sender: Sender): boolean {
    return this.exists(bucketArn);
  }

  read(bucketName: string, key: string, versionId?: string): Uint8Array | undefined {
    const bucket = this.#wiring.table.buckets.get(bucketName);
    const version = versionId === undefined ? bucket?.newest(key) : bucket?.version(key, versionId);
    return isObject(version) ? this.#wiring.table.readAll(version.content) : undefined;
  }
}

const bucketNameOf = (bucketArn: string): string => parseArn(bucketArn)?.resource ?? '';
