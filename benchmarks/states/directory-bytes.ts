import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Size of all files below a directory. */
export const directoryBytes = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
