import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { replaceFile } from './files.ts';
import { hex8 } from './record.ts';
import { StoreError } from './store-error.ts';

/** Which segments there must be. */
export interface Manifest {
  readonly first: number;
  readonly last: number;
  /** A segment with records in it that does not count yet: what a reset begins with. */
  readonly begun?: number | undefined;
  /** How long the last segment is. Said when the store was closed in peace, and taken back when it is opened. */
  readonly lastBytes?: number | undefined;
}

const MANIFEST = 'manifest';

/** @throws StoreError when it is damaged; `undefined` when there is none */
export const readManifest = (directory: string): Manifest | undefined => {
  const file = join(directory, MANIFEST);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StoreError(`${file}: cannot be read: ${(cause as Error).message}`, { path: file, cause });
  }
  const match = /^(\{.*\}) ([0-9a-f]{8})\n$/.exec(text);
  if (match === null || hex8(crc32(match[1] as string)) !== match[2]) {
    throw new StoreError(`${file}, byte 0: is damaged; it says which segments of the log there must be`, {
      path: file,
      byte: 0,
    });
  }
  return JSON.parse(match[1] as string) as Manifest;
};

/** All or nothing: from the moment this returns, these segments are the log. */
export const writeManifest = (directory: string, manifest: Manifest, isDurable: boolean): void => {
  const json = JSON.stringify(manifest);
  replaceFile(join(directory, MANIFEST), `${json} ${hex8(crc32(json))}\n`, isDurable);
};
