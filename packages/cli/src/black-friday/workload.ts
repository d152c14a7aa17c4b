import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PIPELINE } from '@holdfast/stacks';
import { CommandError, EXIT } from '../exit-code.ts';

/** One file as a vendor uploads it. */
export interface UploadFile {
  readonly key: string;
  readonly path: string;
}

/**
 * All files below `directory` (`<vendor>/<file>.csv`), vendors taking turns, so that the first few are of all vendors.
 * The run's name begins every file's: the pipeline does nothing about a content that it had before.
 */
const filesInTurns = (directory: string, run: string): readonly UploadFile[] => {
  if (!existsSync(directory)) {
    throw new CommandError(`--data: "${directory}" does not exist; it must hold <vendor>/<file>.csv`, EXIT.notFound);
  }
  const perVendor = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name: vendor }) =>
      readdirSync(join(directory, vendor))
        .filter((file) => /\.csv$/i.test(file))
        .sort()
        .map((file) => ({
          key: `${PIPELINE.keyPrefix.uploads}${vendor}/${run}-${file}`,
          path: join(directory, vendor, file),
        })),
    );
  const longest = Math.max(0, ...perVendor.map((files) => files.length));
  return Array.from({ length: longest }, (_, turn) => perVendor.flatMap((files) => files[turn] ?? [])).flat();
};

/** The first `count` files below `directory`, vendors taking turns. */
export const listUploads = (directory: string, count: number, run: string): readonly UploadFile[] => {
  const files = filesInTurns(directory, run);
  if (files.length < count) {
    throw new CommandError(`--files: ${count} asked for, ${files.length} found in ${directory}`, EXIT.usage);
  }
  return files.slice(0, count);
};

/**
 * `count` files of the data that comes along. Where it is not enough, further vendors send the same sheets: after forty
 * of them, `VEND041` sends those of `VEND001`.
 */
export const listSamples = (directory: string, count: number, run: string): readonly UploadFile[] => {
  const files = filesInTurns(directory, run);
  const vendors = new Set(files.map(({ key }) => key.split('/')[1])).size;
  return Array.from({ length: count }, (_, index) => {
    const { key, path } = files[index % files.length] as UploadFile;
    const round = Math.floor(index / files.length);
    const [, vendor = '', file] = key.split('/');
    const number = Number(vendor.replace('VEND', '')) + round * vendors;
    return round === 0
      ? { key, path }
      : { key: `${PIPELINE.keyPrefix.uploads}VEND${String(number).padStart(3, '0')}/${file}`, path };
  });
};

export const readUpload = (file: UploadFile): Uint8Array => readFileSync(file.path);
