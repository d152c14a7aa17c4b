import { utf8Text, zipEntries } from '@holdfast/kernel';

/**
 * Unix permissions of the files in an archive, by name; absent for those that carry none (made on Windows).
 *
 * A custom runtime's `bootstrap` must be executable, and the unpacking library does not tell.
 */
export const zipModes = (archive: Uint8Array): ReadonlyMap<string, number> => {
  const modes = new Map<string, number>();
  for (const { name, mode } of zipEntries(archive)) if (mode !== 0) modes.set(utf8Text(name), mode);
  return modes;
};
