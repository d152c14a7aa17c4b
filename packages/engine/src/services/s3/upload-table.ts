import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import { noSuchUpload } from './errors.ts';
import type { ObjectTable } from './object-table.ts';
import type { Segment, StoredPart, StoredUpload } from './stored.ts';

/** A multipart upload under way. */
export interface Upload {
  readonly facts: StoredUpload;
  readonly parts: Map<number, StoredPart>;
}

const partRow = (uploadId: string, number: number): string => `${uploadId}/${number}`;

/** Multipart uploads under way, by upload id, every part stored as it arrives. */
export class UploadTable {
  readonly #uploads = new Map<string, Upload>();
  readonly #storedUploads: Collection<StoredUpload>;
  readonly #storedParts: Collection<StoredPart>;
  readonly #table: ObjectTable;

  constructor(environment: ServiceEnvironment, table: ObjectTable) {
    this.#table = table;
    this.#storedUploads = environment.store.collection<StoredUpload>('s3.uploads');
    this.#storedParts = environment.store.collection<StoredPart>('s3.parts');
    for (const [uploadId, facts] of this.#storedUploads.entries()) {
      this.#uploads.set(uploadId, { facts, parts: new Map() });
    }
    for (const [row, part] of this.#storedParts.entries()) {
      this.#uploads.get(row.slice(0, row.lastIndexOf('/')))?.parts.set(part.number, part);
    }
  }

  /** @throws ServiceError NoSuchUpload, also when bucket or key are others */
  find(bucket: string, key: string | undefined, uploadId: string | undefined): Upload {
    const upload = this.#uploads.get(uploadId ?? '');
    if (upload === undefined || upload.facts.bucket !== bucket || upload.facts.key !== key) {
      throw noSuchUpload(uploadId ?? '');
    }
    return upload;
  }

  get(uploadId: string): Upload | undefined {
    return this.#uploads.get(uploadId);
  }

  inBucket(bucket: string): readonly Upload[] {
    return [...this.#uploads.values()].filter((upload) => upload.facts.bucket === bucket);
  }

  create(facts: StoredUpload): void {
    this.#uploads.set(facts.uploadId, { facts, parts: new Map() });
    this.#storedUploads.put(facts.uploadId, facts);
  }

  /** Adds a part, in place of one with the same number. */
  addPart(upload: Upload, part: StoredPart): void {
    const replaced = upload.parts.get(part.number);
    if (replaced !== undefined) this.#table.dropSegment(replaced.segment);
    upload.parts.set(part.number, part);
    this.#storedParts.put(partRow(upload.facts.uploadId, part.number), part);
  }

  /** Forgets an upload and the bytes of its parts, but for segments that an object has taken over. */
  close(upload: Upload, taken: ReadonlySet<Segment> = new Set()): void {
    for (const part of upload.parts.values()) {
      if (!taken.has(part.segment)) this.#table.dropSegment(part.segment);
      this.#storedParts.delete(partRow(upload.facts.uploadId, part.number));
    }
    this.#uploads.delete(upload.facts.uploadId);
    this.#storedUploads.delete(upload.facts.uploadId);
  }
}
