import { closeSync, fsync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** State is nobody else's to read. */
export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

export const fsyncDescriptor = promisify(fsync);

/** Some systems cannot open a directory, or cannot flush one; there, names are safe by other means. */
const CANNOT_FLUSH_DIRECTORY = new Set(['EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP', 'EBADF']);

export const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException | undefined)?.code ?? '';

/** Makes a file, or the names in a directory, survive a loss of power. What is gone by then need not. */
export const syncPathNow = (path: string): void => {
  try {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT' && !CANNOT_FLUSH_DIRECTORY.has(codeOf(cause))) throw cause;
  }
};

/** The same without holding anybody up. */
export const syncPath = async (path: string): Promise<void> => {
  try {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT' && !CANNOT_FLUSH_DIRECTORY.has(codeOf(cause))) throw cause;
  }
};

/** All or nothing: the file has its old contents or the new ones. */
export const replaceFile = (file: string, contents: string, isDurable: boolean): void => {
  writeFileSync(`${file}.new`, contents, { mode: FILE_MODE, flush: isDurable });
  renameSync(`${file}.new`, file);
  if (isDurable) syncPathNow(dirname(file));
};
