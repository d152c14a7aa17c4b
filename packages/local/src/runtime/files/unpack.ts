import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { zipModes } from './zip-modes.ts';

/**
 * Unpacks archives into a directory, later ones over earlier ones. All or nothing: the directory gets its name when
 * everything is in it.
 */
export const unpackInto = (directory: string, archives: readonly Uint8Array[]): void => {
  const unpacked = `${directory}.new`;
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked, { recursive: true });
  archives.forEach((archive, index) => {
    unpack(archive, unpacked, index > 0);
  });
  renameSync(unpacked, directory);
};

const unpack = (archive: Uint8Array, unpacked: string, isOverOthers: boolean): void => {
  const modes = zipModes(archive);
  const made = new Set([unpacked]);
  const make = (directory: string): void => {
    if (made.has(directory)) return;
    mkdirSync(directory, { recursive: true });
    made.add(directory);
  };
  for (const [name, bytes] of Object.entries(unzipSync(archive))) {
    const file = normalize(join(unpacked, name));
    if (!file.startsWith(unpacked + sep)) throw new Error(`zip entry ${name}: leaves the code directory`);
    if (name.endsWith('/')) {
      make(file);
    } else {
      make(dirname(file));
      // Another layer's file may lie there, and its mode would stay.
      if (isOverOthers) rmSync(file, { recursive: true, force: true });
      // Readable and writable for us whatever the archive says: a later cold start reads it again.
      writeFileSync(file, bytes, { mode: 0o600 | (modes.get(name) ?? 0o644) });
    }
  }
};
