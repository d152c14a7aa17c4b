import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ZipOptions, type Zippable, zipSync } from 'fflate';

/** Earliest time that a zip entry can bear. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/** Level 1: the archive travels within one machine, and starting up quickly matters more than its size. */
export const ZIP_OPTIONS = { mtime: ZIP_EPOCH, level: 1 } as const;

const MADE_BY_UNIX = 3;

/** A custom runtime's `bootstrap` must stay executable; of the rest of the mode, nothing that differs by machine. */
const modeOf = (mode: number): ZipOptions => ({
  os: MADE_BY_UNIX,
  attrs: ((mode & 0o100) === 0 ? 0o644 : 0o755) << 16,
});

const collect = (directory: string, prefix: string, into: Zippable, except: readonly string[] = []): void => {
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    // What a link leads to; one that leads nowhere is left out.
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || except.includes(name)) continue;
    if (stats.isDirectory()) collect(path, `${prefix}${name}/`, into);
    else if (stats.isFile()) into[`${prefix}${name}`] = [readFileSync(path), modeOf(stats.mode)];
  }
};

/**
 * Zips a directory so that the same files always give the same bytes: names sorted, times fixed.
 *
 * @param except - names in the directory itself that are left out
 */
export const zipDirectory = (directory: string, except: readonly string[] = []): Uint8Array => {
  const files: Zippable = {};
  collect(directory, '', files, except);
  return zipSync(files, ZIP_OPTIONS);
};
