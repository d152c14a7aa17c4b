import { copyFileSync, existsSync, linkSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blobFiles, fileOf, readBlobFile, type StoredFile } from './blob-files.ts';
import { VALUE_CHECKSUM_BYTES } from './change-lines.ts';
import { DirectoryLock } from './directory-lock.ts';
import { DIRECTORY_MODE } from './files.ts';
import { type Manifest, readManifest, writeManifest } from './manifest.ts';
import { HEAD_BYTES } from './record.ts';
import { type RemovedBytes, Salvage } from './salvage.ts';
import { Segment } from './segment.ts';
import { beginsAsSegment, segmentFile, segmentNumbers } from './segment-row.ts';
import { FULL_DISK, shortageOf } from './shortage.ts';
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
  const lock = new DirectoryLock(directory, 'repair');
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
  // A file with the name of a later segment that does not begin as one is looked through, and counts for nothing else.
  const last = Math.max(manifest?.last ?? 0, ...present.filter((number) => beginsAsSegment(directory, number)));
  const salvage = new Salvage();
  salvage.read(directory, [first, last], present, manifest?.lastBytes === undefined);
  const { lastBytes = 0 } = manifest ?? {};
  const found = present.includes(last) ? statSync(segmentFile(directory, last)).size : lastBytes;
  if (found < lastBytes) salvage.missing.push(`log-${last}: the last ${lastBytes - found} bytes are missing`);
  if (manifest === undefined) salvage.missing.push('the manifest is missing or damaged');
  if (!lock.isOfFormat) salvage.missing.push('the file that says which format the directory has is missing or damaged');
  const isDamaged = !salvage.isWhole || present.some((number) => number > (manifest?.last ?? 0) + 1);
  const asideDirectory = isDamaged ? keepAside(directory, present, salvage) : undefined;
  if (asideDirectory !== undefined) {
    let next = last + 1;
    while (present.includes(next)) next += 1;
    writeOrLeave(directory, next, { salvage, present, aside: asideDirectory });
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

/**
 * Copies, or other names for the same files where the file system has them. Stored objects that the log does not name any
 * more are among them: the next start would remove them.
 */
const keepAside = (directory: string, numbers: readonly number[], salvage: Salvage): string => {
  let aside = join(directory, 'before-repair-1');
  for (let next = 2; existsSync(aside); next++) aside = join(directory, `before-repair-${next}`);
  const manifest = join(directory, 'manifest');
  const files = [
    ...numbers.map((number) => segmentFile(directory, number)),
    ...(existsSync(manifest) ? [manifest] : []),
    ...namelessBlobs(directory, salvage),
  ];
  mkdirSync(aside, { mode: DIRECTORY_MODE });
  try {
    for (const file of files) keep(file, file.replace(directory, aside));
  } catch (cause) {
    throw leftAsItWas(directory, aside, cause);
  }
  return aside;
};

const keep = (file: string, target: string): void => {
  mkdirSync(dirname(target), { recursive: true, mode: DIRECTORY_MODE });
  try {
    linkSync(file, target);
  } catch {
    copyFileSync(file, target);
  }
};

const rowsOfBlobs = ({ living }: Salvage): (readonly [id: string, row: StoredFile])[] =>
  [...(living.get('blob-files') ?? [])].map(([id, text]) => [
    id,
    JSON.parse(text.slice(0, -VALUE_CHECKSUM_BYTES)) as StoredFile,
  ]);

const namelessBlobs = (directory: string, salvage: Salvage): ReadonlySet<string> => {
  const blobs = join(directory, 'blobs');
  const files = blobFiles(blobs);
  for (const [id, row] of rowsOfBlobs(salvage)) files.delete(fileOf(blobs, id, row));
  return files;
};

const leftAsItWas = (directory: string, aside: string, cause: unknown): StoreError => {
  rmSync(aside, { recursive: true, force: true });
  const why = shortageOf(cause) === FULL_DISK ? 'there is no room on its disk' : (cause as Error).message;
  return new StoreError(`data directory ${directory}: cannot be repaired, ${why}; nothing was changed`, {
    path: directory,
    cause,
  });
};

/** All or nothing: until the manifest names the new segments they do not count. */
const writeOrLeave = (directory: string, firstNumber: number, { salvage, present, aside }: Kept): void => {
  try {
    writeAnew(directory, firstNumber, salvage);
  } catch (cause) {
    if (manifestOf(directory)?.first === firstNumber) throw cause;
    for (const number of segmentNumbers(directory)) {
      if (!present.includes(number)) rmSync(segmentFile(directory, number), { force: true });
    }
    throw leftAsItWas(directory, aside, cause);
  }
};

interface Kept {
  readonly salvage: Salvage;
  /** Segments that were there before. */
  readonly present: readonly number[];
  readonly aside: string;
}

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

const blobFaults = (directory: string, salvage: Salvage): RepairReport['blobs'] => {
  const faults: RepairReport['blobs'][number][] = [];
  for (const [id, row] of rowsOfBlobs(salvage)) {
    try {
      readBlobFile(join(directory, 'blobs'), id, row);
    } catch (error) {
      faults.push({ resource: resourceOf('blob-files', id, salvage.living), fault: (error as Error).message });
    }
  }
  return faults;
};
