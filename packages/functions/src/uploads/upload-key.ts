import { PIPELINE } from '../pipeline-names.ts';

/** `uploads/<vendor>/<file>.csv`, taken apart. */
export interface UploadKey {
  readonly vendorId: string;
  /** With its extension. */
  readonly fileName: string;
}

const UPLOAD_KEY = /^uploads\/([^/]+)\/([^/]+\.csv)$/i;

/** Reads the (decoded) key of an upload; `undefined` for every other key. */
export const parseUploadKey = (key: string): UploadKey | undefined => {
  const match = UPLOAD_KEY.exec(key);
  return match === null ? undefined : { vendorId: match[1] as string, fileName: match[2] as string };
};

/**
 * Why a key among the uploads is none: somebody meant it to be read, and must hear that nobody will. `undefined` for an
 * upload, for a key elsewhere, and for a folder as consoles make them: an object whose key ends in a slash.
 */
export const whyMisplaced = (key: string): string | undefined => {
  const [top, ...below] = key.split('/');
  if (top !== 'uploads' || key.endsWith('/') || parseUploadKey(key) !== undefined) return undefined;
  if (below.length < 2 || below[0] === '') return "it lies in no vendor's folder";
  if (below.length > 2) return "it lies in a folder below the vendor's";
  return /\.csv$/i.test(key) ? 'it has no name' : 'its name does not end in .csv';
};

/** Where the rejected rows of an upload are reported. */
export const errorReportKey = ({ vendorId, fileName }: UploadKey): string =>
  `${PIPELINE.keyPrefix.errors}${vendorId}/${fileName}`;
