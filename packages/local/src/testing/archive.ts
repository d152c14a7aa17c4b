import { strToU8, type Zippable, zipSync } from 'fflate';

/** The mode that a zip file made on Unix gives a program. */
const EXECUTABLE = { os: 3, attrs: (0o100755 << 16) >>> 0 } as const;

/** For tests: a zip file of texts by their paths, each with its execute bit, which a `bootstrap` needs. */
export const archiveOf = (files: Readonly<Record<string, string>>): Uint8Array =>
  zipSync(
    Object.fromEntries(
      Object.entries(files).map(([path, text]) => [path, [strToU8(text), EXECUTABLE]] as const),
    ) as Zippable,
  );
