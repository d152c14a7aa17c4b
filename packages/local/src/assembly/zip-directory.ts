import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Zippable, zipSync } from 'fflate';

/** Earliest time that a zip entry can bear. */
const ZIP_EPOCH = new Date(1980, 0, 1);

const collect = (directory: string, prefix: string, into: Zippable): void => {
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) collect(path, `${prefix}${entry.name}/`, into);
    else into[`${prefix}${entry.name}`] = readFileSync(path);
  }
};

/** Zips a directory so that the same files always give the same bytes: names sorted, times fixed. */
export const zipDirectory = (directory: string): Uint8Array => {
  const files: Zippable = {};
  collect(directory, '', files);
  // Level 1: the archive travels within one machine, and starting up quickly matters more than its size.
  return zipSync(files, { mtime: ZIP_EPOCH, level: 1 });
};
