import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import type { BlobStore, FunctionSpec } from '@holdfast/engine';
import { unzipSync } from 'fflate';
import { DirectoryRevisions } from './directory-revision.ts';
import { zipModes } from './zip-modes.ts';

/** Directories kept that no environment runs from; they are unpacked again when they are wanted. */
const LEFT_MAX = 64;

/** Unpacks function code and layers once per content and hands out the directory. */
export class CodeStore {
  readonly #blobs: BlobStore;
  readonly #directory: string;
  readonly #revisions = new DirectoryRevisions();
  /** How many environments run from each directory; those that none runs from, the one left first at the beginning. */
  readonly #users = new Map<string, number>();
  readonly #left = new Set<string>();

  constructor(blobs: BlobStore, directory: string) {
    this.#blobs = blobs;
    this.#directory = directory;
    for (const name of existsSync(directory) ? readdirSync(directory) : []) this.#left.add(join(directory, name));
  }

  /** An environment begins to run from these directories. */
  use(directories: readonly (string | undefined)[]): void {
    for (const directory of directories) {
      if (directory === undefined) continue;
      this.#left.delete(directory);
      this.#users.set(directory, (this.#users.get(directory) ?? 0) + 1);
    }
    this.#removeLeft();
  }

  /** It does no longer: the directories are kept for a while, for functions that are invoked again. */
  leave(directories: readonly (string | undefined)[]): void {
    for (const directory of directories) {
      if (directory === undefined || !directory.startsWith(this.#directory + sep)) continue;
      const users = (this.#users.get(directory) ?? 1) - 1;
      if (users > 0) this.#users.set(directory, users);
      else {
        this.#users.delete(directory);
        this.#left.add(directory);
      }
    }
    this.#removeLeft();
  }

  #removeLeft(): void {
    for (const directory of this.#left) {
      if (this.#left.size <= LEFT_MAX) return;
      this.#left.delete(directory);
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** Differs whenever the files of a function that runs from a directory have changed; archives never do. */
  revisionOf(code: FunctionSpec['code']): number {
    return code.kind === 'directory' ? this.#revisions.of(code.path) : 0;
  }

  /** Directory that holds the code of a function. */
  directoryOf(code: FunctionSpec['code']): string {
    if (code.kind === 'directory') return code.path;
    const directory = join(this.#directory, digestOf(code.blobId));
    if (existsSync(directory)) return directory;
    return this.#fill(directory, [code.blobId]);
  }

  /** Directory that holds all layers of a function, later ones over earlier ones; what is `/opt` on AWS. */
  layersOf(layers: readonly string[]): string | undefined {
    if (layers.length === 0) return undefined;
    const directory = join(this.#directory, `layers-${digestOf(layers.join('\n'))}`);
    return existsSync(directory) ? directory : this.#fill(directory, layers);
  }

  /**
   * Directory for what Python compiles of a function's modules and those of its layers; none for code that somebody
   * works on.
   */
  compiledOf(code: FunctionSpec['code'], layers: readonly string[]): string | undefined {
    if (code.kind === 'directory') return undefined;
    const directory = join(this.#directory, `compiled-${digestOf([code.blobId, ...layers].join('\n'))}`);
    mkdirSync(directory, { recursive: true });
    return directory;
  }

  /** All or nothing: the directory gets its name when everything is in it. */
  #fill(directory: string, blobIds: readonly string[]): string {
    const unpacked = `${directory}.new`;
    rmSync(unpacked, { recursive: true, force: true });
    mkdirSync(unpacked, { recursive: true });
    for (const blobId of blobIds) this.#unpack(blobId, unpacked);
    renameSync(unpacked, directory);
    return directory;
  }

  #unpack(blobId: string, unpacked: string): void {
    const archive = this.#blobs.get(blobId);
    const modes = zipModes(archive);
    for (const [name, bytes] of Object.entries(unzipSync(archive))) {
      const file = normalize(join(unpacked, name));
      if (!file.startsWith(unpacked + sep)) throw new Error(`zip entry ${name}: leaves the code directory`);
      if (name.endsWith('/')) {
        mkdirSync(file, { recursive: true });
      } else {
        mkdirSync(dirname(file), { recursive: true });
        // Another layer's file may lie there, and its mode would stay.
        rmSync(file, { recursive: true, force: true });
        // Readable and writable for us whatever the archive says: a later cold start reads it again.
        writeFileSync(file, bytes, { mode: 0o600 | (modes.get(name) ?? 0o644) });
      }
    }
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
