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

/** Where the rejected rows of an upload are reported. */
export const errorReportKey = ({ vendorId, fileName }: UploadKey): string => `errors/${vendorId}/${fileName}`;
