import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { BlobStore, FunctionSpec } from '@holdfast/engine';
import { zipEntries } from '@holdfast/kernel';
import { DirectoryRevisions } from './directory-revision.ts';
import { unpackInto } from './unpack.ts';
import { type Unpacking, unpackElsewhere } from './unpack-elsewhere.ts';

/** Directories kept that no environment runs from; they are unpacked again when they are wanted. */
const LEFT_MAX = 64;
/** What is larger would hold the thread that everything runs on for longer than a tenth of a second. */
const FILES_AT_ONCE_MAX = 500;
const BYTES_AT_ONCE_MAX = 16 * 2 ** 20;

/** Unpacks function code and layers once per content and hands out the directory. */
export class CodeStore {
  readonly #blobs: BlobStore;
  readonly #directory: string;
  readonly #revisions = new DirectoryRevisions();
  /** How many environments run from each directory; those that none runs from, the one left first at the beginning. */
  readonly #users = new Map<string, number>();
  readonly #left = new Set<string>();
  /** By the directory that it is for. */
  readonly #unpacking = new Map<string, Unpacking>();

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
      removeInPeace(directory);
    }
  }

  /** Differs whenever the files of a function that runs from a directory have changed; archives never do. */
  revisionOf(code: FunctionSpec['code']): number {
    return code.kind === 'directory' ? this.#revisions.of(code.path) : 0;
  }

  /** Directory that holds the code of a function. */
  directoryOf(code: FunctionSpec['code']): string {
    if (code.kind === 'directory') return code.path;
    return this.#directoryOf(ofCode(code.blobId));
  }

  /** Directory that holds all layers of a function, later ones over earlier ones; what is `/opt` on AWS. */
  layersOf(layers: readonly string[]): string | undefined {
    return layers.length === 0 ? undefined : this.#directoryOf(ofLayers(layers));
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

  /**
   * Sees to it that the directories of code and layers are there to be handed out. `undefined` when that costs next to
   * nothing, now or when they are asked for; what would hold this thread is unpacked in another one, and waited for.
   */
  prepare(code: FunctionSpec['code'], layers: readonly string[]): Promise<void> | undefined {
    const wanted = [
      ...(code.kind === 'zip' ? [ofCode(code.blobId)] : []),
      ...(layers.length > 0 ? [ofLayers(layers)] : []),
    ];
    const pending = wanted.map((one) => this.#unpackElsewhere(one)).filter((done) => done !== undefined);
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => {});
  }

  /** Ends what is being unpacked. */
  async close(): Promise<void> {
    await Promise.all([...this.#unpacking.values()].map(({ stop }) => stop()));
  }

  #unpackElsewhere({ name, blobIds }: Unpacked): Promise<void> | undefined {
    const directory = join(this.#directory, name);
    const running = this.#unpacking.get(directory);
    if (running !== undefined) return running.done;
    if (existsSync(directory)) return undefined;
    const archives = blobIds.map((blobId) => this.#blobs.get(blobId));
    if (!archives.some(isLarge)) return undefined;
    const unpacking = unpackElsewhere({ directory, archives });
    this.#unpacking.set(directory, unpacking);
    return unpacking.done.finally(() => this.#unpacking.delete(directory));
  }

  #directoryOf({ name, blobIds }: Unpacked): string {
    const directory = join(this.#directory, name);
    if (!existsSync(directory)) {
      unpackInto(
        directory,
        blobIds.map((blobId) => this.#blobs.get(blobId)),
      );
    }
    return directory;
  }
}

/** A directory of ours, and the archives that are in it. */
interface Unpacked {
  readonly name: string;
  readonly blobIds: readonly string[];
}

const ofCode = (blobId: string): Unpacked => ({ name: digestOf(blobId), blobIds: [blobId] });
const ofLayers = (layers: readonly string[]): Unpacked => ({
  name: `layers-${digestOf(layers.join('\n'))}`,
  blobIds: layers,
});

const isLarge = (archive: Uint8Array): boolean => {
  let files = 0;
  let bytes = 0;
  for (const { unpackedBytes } of zipEntries(archive)) {
    files += 1;
    bytes += unpackedBytes;
    if (files > FILES_AT_ONCE_MAX || bytes > BYTES_AT_ONCE_MAX) return true;
  }
  return false;
};

/** Takes the name away at once, and the files as others let us. */
const removeInPeace = (directory: string): void => {
  // Others of the same name may still be on their way out, or have been left by a process that was killed.
  const gone = `${directory}.${randomUUID()}.gone`;
  if (!existsSync(directory)) return;
  renameSync(directory, gone);
  rm(gone, { recursive: true, force: true }).catch(() => {});
};

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
