/** Lets services read objects that a caller names by bucket and key (function code, for example). */
export interface ObjectSource {
  /** The object's bytes; `undefined` when bucket, key or version is missing. */
  read(bucket: string, key: string, versionId?: string): Uint8Array | undefined;
}
