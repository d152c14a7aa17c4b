import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import type { BlobStore, FunctionSpec } from '@holdfast/engine';
import { unzipSync } from 'fflate';
import { DirectoryRevisions } from './directory-revision.ts';
import { zipModes } from './zip-modes.ts';

/** Unpacks function code once per content and hands out the directory. */
export class CodeStore {
  readonly #blobs: BlobStore;
  readonly #directory: string;
  readonly #revisions = new DirectoryRevisions();

  constructor(blobs: BlobStore, directory: string) {
    this.#blobs = blobs;
    this.#directory = directory;
  }

  /** Differs whenever the files of a function that runs from a directory have changed; archives never do. */
  revisionOf(code: FunctionSpec['code']): number {
    return code.kind === 'directory' ? this.#revisions.of(code.path) : 0;
  }

  /** Directory that holds the code of a function. */
  directoryOf(code: FunctionSpec['code']): string {
    if (code.kind === 'directory') return code.path;
    const directory = join(this.#directory, createHash('sha256').update(code.blobId).digest('hex').slice(0, 32));
    if (existsSync(directory)) return directory;
    const unpacked = `${directory}.new`;
    rmSync(unpacked, { recursive: true, force: true });
    mkdirSync(unpacked, { recursive: true });
    const archive = this.#blobs.get(code.blobId);
    const modes = zipModes(archive);
    for (const [name, bytes] of Object.entries(unzipSync(archive))) {
      const file = normalize(join(unpacked, name));
      if (!file.startsWith(unpacked + sep)) throw new Error(`zip entry ${name}: leaves the code directory`);
      if (name.endsWith('/')) {
        mkdirSync(file, { recursive: true });
      } else {
        mkdirSync(dirname(file), { recursive: true });
        // Readable and writable for us whatever the archive says: a later cold start reads it again.
        writeFileSync(file, bytes, { mode: 0o600 | (modes.get(name) ?? 0o644) });
      }
    }
    renameSync(unpacked, directory);
    return directory;
  }
}
