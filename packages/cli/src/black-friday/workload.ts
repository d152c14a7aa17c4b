import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, EXIT } from '../exit-code.ts';

/** One file as a vendor uploads it. */
export interface UploadFile {
  readonly key: string;
  readonly path: string;
}

/**
 * The first `count` files below `directory` (`<vendor>/<file>.csv`), vendors taking turns, so that a smaller run still
 * has all of them. The run's name begins every file's: the pipeline does nothing about a content that it had before.
 */
export const listUploads = (directory: string, count: number, run: string): readonly UploadFile[] => {
  if (!existsSync(directory)) {
    throw new CommandError(`--data: "${directory}" does not exist; it must hold <vendor>/<file>.csv`, EXIT.notFound);
  }
  const perVendor = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: vendor }) =>
      readdirSync(join(directory, vendor))
        .filter((file) => /\.csv$/i.test(file))
        .sort()
        .map((file) => ({ key: `uploads/${vendor}/${run}-${file}`, path: join(directory, vendor, file) })),
    );
  const longest = Math.max(0, ...perVendor.map((files) => files.length));
  const inTurns = Array.from({ length: longest }, (_, turn) => perVendor.flatMap((files) => files[turn] ?? [])).flat();
  if (inTurns.length < count) {
    throw new CommandError(`--files: ${count} asked for, ${inTurns.length} found in ${directory}`, EXIT.usage);
  }
  return inTurns.slice(0, count);
};

export const readUpload = (file: UploadFile): Uint8Array => readFileSync(file.path);
