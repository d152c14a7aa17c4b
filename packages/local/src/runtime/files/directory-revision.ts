import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A directory is looked at again when this has passed since, in milliseconds. */
export const LOOK_AGAIN_MS = 100;

/** Looking takes at most one part in so many of the time: large directories are looked at less often. */
const SHARE_OF_TIME = 20;

/** What tools write by themselves, and what is too much to look through at every turn. */
const isPassedOver = (name: string): boolean =>
  name.startsWith('.') || name === 'node_modules' || name === '__pycache__';

const entriesOf = (directory: string): Dirent[] => {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch {
    return [];
  }
};

/** Name, size and time of change of every file below. A file that vanishes meanwhile counts as gone. */
const listing = (directory: string, lines: string[]): string[] => {
  for (const entry of entriesOf(directory)) {
    if (isPassedOver(entry.name)) continue;
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      listing(path, lines);
      continue;
    }
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats !== undefined) lines.push(`${path} ${stats.size} ${stats.mtimeMs}`);
  }
  return lines;
};

interface Look {
  readonly text: string;
  readonly revision: number;
  readonly validUntilMs: number;
}

/**
 * Numbers the states of directories that functions run from, so that a change of their files asks for new environments.
 * Passed over: `node_modules`, `__pycache__` and names that begin with a dot.
 */
export class DirectoryRevisions {
  readonly #looks = new Map<string, Look>();

  /** Rises with every change seen, of machine time: files do not live in virtual time. */
  of(directory: string): number {
    const last = this.#looks.get(directory);
    const now = performance.now();
    if (last !== undefined && now < last.validUntilMs) return last.revision;
    const text = listing(directory, []).join('\n');
    const doneMs = performance.now();
    const look: Look = {
      text,
      revision: last === undefined ? 0 : last.revision + (last.text === text ? 0 : 1),
      validUntilMs: doneMs + Math.max(LOOK_AGAIN_MS, (doneMs - now) * SHARE_OF_TIME),
    };
    this.#looks.set(directory, look);
    return look.revision;
  }
}
