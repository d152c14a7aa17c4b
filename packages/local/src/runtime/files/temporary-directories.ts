import { existsSync, renameSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Directories kept for environments that may come back; the oldest goes when there are more. */
const LEFT_MAX = 100;

/** The right to a directory: somebody else may have it already when the one before comes to give it back. */
export interface TemporaryDirectory {
  readonly path: string;
}

/**
 * Gives every execution environment a directory of its own that is its `/tmp`.
 *
 * One that has been reset (a time limit, an exit) leaves its directory to the next of the same function: on AWS that
 * is the same environment with its code loaded anew, and its files are still there.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
export class TemporaryDirectories {
  readonly #root: string;
  readonly #inUse = new Set<TemporaryDirectory>();
  /** Path to key, oldest first. */
  readonly #left = new Map<string, string>();
  #taken = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** A path; the directory itself is made by whoever uses it first. `key` says whose files it may find there. */
  take(key: string): TemporaryDirectory {
    if (this.#taken === 0) this.#removeEarlier();
    const left = [...this.#left].findLast(([, leftFor]) => leftFor === key)?.[0];
    if (left === undefined) this.#taken += 1;
    else this.#left.delete(left);
    const directory = { path: left ?? join(this.#root, String(this.#taken)) };
    this.#inUse.add(directory);
    return directory;
  }

  /** Its environment is to be set up anew. */
  leave(directory: TemporaryDirectory, key: string): void {
    if (!this.#inUse.delete(directory)) return;
    this.#left.set(directory.path, key);
    const [oldest] = this.#left.keys();
    if (this.#left.size > LEFT_MAX && oldest !== undefined) this.#removeLeft(oldest);
  }

  /** Its environment is gone for good; nothing happens to a directory that was left to others. */
  remove(directory: TemporaryDirectory): void {
    if (this.#inUse.delete(directory)) this.#delete(directory.path);
  }

  /** Nobody will come back for what was left under keys with this beginning. */
  forget(keyPrefix: string): void {
    for (const [path, key] of this.#left) if (key.startsWith(keyPrefix)) this.#removeLeft(path);
  }

  close(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** What an engine that was killed has left behind may be much: it is out of the way at once, and removed meanwhile. */
  #removeEarlier(): void {
    const earlier = `${this.#root}-earlier`;
    rmSync(earlier, { recursive: true, force: true });
    if (!existsSync(this.#root)) return;
    renameSync(this.#root, earlier);
    this.#delete(earlier);
  }

  #removeLeft(path: string): void {
    this.#left.delete(path);
    this.#delete(path);
  }

  #delete(path: string): void {
    // Whatever cannot be removed now goes with the whole.
    rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
