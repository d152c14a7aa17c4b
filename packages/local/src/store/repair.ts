import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readBlobFile, type StoredFile } from './blob-files.ts';
import { VALUE_CHECKSUM_BYTES } from './change-lines.ts';
import { DirectoryLock } from './directory-lock.ts';
import { DIRECTORY_MODE } from './files.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { HEAD_BYTES } from './record.ts';
import { type RemovedBytes, Salvage } from './salvage.ts';
import { Segment } from './segment.ts';
import { segmentFile, segmentNumbers } from './segment-row.ts';
import { StoreError } from './store-error.ts';
import { resourceOf } from './stored-resource.ts';

const SEGMENT_BYTES = 64 * 1024 * 1024;
const RECORD_BYTES = 256 * 1024;

/** What is lost of one resource, such as a queue. */
export interface Loss {
  readonly resource: string;
  readonly collection: string;
  /** Keys whose latest change is lost: the value is gone, or is the one before. */
  readonly keys: readonly { readonly key: string; readonly left: 'nothing' | 'an earlier value' }[];
}

/** What a repair found, lost and kept aside. */
export interface RepairReport {
  readonly directory: string;
  /** Where all that was there before is kept; nothing was changed without it. */
  readonly asideDirectory: string | undefined;
  readonly removed: readonly RemovedBytes[];
  readonly missing: readonly string[];
  readonly losses: readonly Loss[];
  /** Stored objects, code and the like whose bytes are missing or damaged. */
  readonly blobs: readonly { readonly resource: string; readonly fault: string }[];
  /** How many values are kept. */
  readonly kept: number;
}

/**
 * Makes a damaged data directory one that can be opened: what is sound in its log is written anew, and all segments as
 * they were are kept aside. A directory that is not damaged is left as it is.
 *
 * @throws StoreError when the directory is not ours, or in use
 */
export const repairDirectory = (directory: string): RepairReport => {
  if (!existsSync(directory)) throw new StoreError(`data directory ${directory}: does not exist`, { path: directory });
  const lock = new DirectoryLock(directory);
  try {
    return repair(directory, lock);
  } finally {
    lock.release();
  }
};

const repair = (directory: string, lock: DirectoryLock): RepairReport => {
  const present = segmentNumbers(directory);
  const manifest = manifestOf(directory);
  const first = manifest?.first ?? present[0] ?? 1;
  const last = Math.max(manifest?.last ?? 0, present.at(-1) ?? 0);
  const numbers = Array.from({ length: Math.max(0, last + 1 - first) }, (_, index) => first + index);
  const salvage = new Salvage();
  salvage.read(directory, numbers, new Set(present), manifest?.lastBytes === undefined);
  const { lastBytes = 0 } = manifest ?? {};
  const found = present.includes(last) ? statSync(segmentFile(directory, last)).size : lastBytes;
  if (found < lastBytes) salvage.missing.push(`log-${last}: the last ${lastBytes - found} bytes are missing`);
  if (manifest === undefined) salvage.missing.push('the manifest is missing or damaged');
  const isDamaged = !salvage.isWhole || present.some((number) => number > (manifest?.last ?? 0) + 1);
  const asideDirectory = isDamaged ? keepAside(directory, present) : undefined;
  if (isDamaged) {
    writeAnew(directory, last + 1, salvage);
    lock.writeFormat(true);
    for (const number of present) rmSync(segmentFile(directory, number), { force: true });
  }
  return {
    directory,
    asideDirectory,
    removed: salvage.removed,
    missing: salvage.missing,
    losses: lossesOf(salvage),
    blobs: blobFaults(directory, salvage),
    kept: [...salvage.living.values()].reduce((sum, rows) => sum + rows.size, 0),
  };
};

const manifestOf = (directory: string): Manifest | undefined => {
  try {
    return readManifest(directory);
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
};

/** Copies, or other names for the same files where the file system has them. */
const keepAside = (directory: string, numbers: readonly number[]): string => {
  let aside = join(directory, 'before-repair-1');
  for (let next = 2; existsSync(aside); next++) aside = join(directory, `before-repair-${next}`);
  mkdirSync(aside, { mode: DIRECTORY_MODE });
  const files = numbers.map((number) => segmentFile(directory, number));
  const manifest = join(directory, 'manifest');
  for (const file of existsSync(manifest) ? [...files, manifest] : files) {
    const target = file.replace(directory, aside);
    try {
      linkSync(file, target);
    } catch {
      copyFileSync(file, target);
    }
  }
  return aside;
};

const writeAnew = (directory: string, firstNumber: number, salvage: Salvage): void => {
  let number = firstNumber;
  let nextRecord = salvage.nextRecord;
  let segment = Segment.create(segmentFile(directory, number), number, nextRecord);
  let lines: string[] = [];
  let bytes = 0;
  const write = (): void => {
    if (lines.length === 0) return;
    segment.append(Buffer.concat([Buffer.alloc(HEAD_BYTES), Buffer.from(lines.join(''))]), nextRecord++);
    [lines, bytes] = [[], 0];
  };
  for (const [collection, rows] of salvage.living) {
    for (const [key, value] of rows) {
      lines.push(`${collection} ${Buffer.byteLength(key)} ${key}${value}\n`);
      bytes += key.length + value.length;
      if (bytes < RECORD_BYTES) continue;
      write();
      if (segment.bytes < SEGMENT_BYTES) continue;
      segment.synchronizeNow();
      segment.close();
      number += 1;
      segment = Segment.create(segmentFile(directory, number), number, nextRecord);
    }
  }
  write();
  segment.synchronizeNow();
  segment.close();
  writeManifest(directory, { first: firstNumber, last: number }, true);
};

const lossesOf = (salvage: Salvage): Loss[] => {
  const losses = new Map<string, { resource: string; collection: string; keys: Loss['keys'][number][] }>();
  for (const { collection, key } of salvage.lost) {
    const resource = resourceOf(collection, key, salvage.living);
    const name = `${resource} ${collection}`;
    const loss = losses.get(name) ?? { resource, collection, keys: [] };
    const isLeft = salvage.living.get(collection)?.has(key) === true;
    loss.keys.push({ key, left: isLeft ? 'an earlier value' : 'nothing' });
    losses.set(name, loss);
  }
  return [...losses.values()];
};

const blobFaults = (directory: string, { living }: Salvage): RepairReport['blobs'] => {
  const faults: RepairReport['blobs'][number][] = [];
  for (const [id, text] of living.get('blob-files') ?? []) {
    try {
      readBlobFile(join(directory, 'blobs'), id, JSON.parse(text.slice(0, -VALUE_CHECKSUM_BYTES)) as StoredFile);
    } catch (error) {
      faults.push({ resource: resourceOf('blob-files', id, living), fault: (error as Error).message });
    }
  }
  return faults;
};
