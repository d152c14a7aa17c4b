import type { EngineSettings, ServiceEnvironment } from '../../../core/index.ts';

const BLOBS = 'lambda.code/';

/**
 * Where the archive of a function or layer can be downloaded: on the host that this caller used. Differs: not signed,
 * and valid for as long as the archive is in use instead of ten minutes.
 */
export const codeLocation = (blobId: string, host: string | undefined, settings: EngineSettings): string => {
  const origin = host === undefined ? settings.endpoint : `http://${host}`;
  return `${origin}/_holdfast/lambda/archives/${blobId.slice(BLOBS.length)}`;
};

/** The archive that ends a {@link codeLocation}; `undefined` when there is none. */
export const readArchive = ({ store }: ServiceEnvironment, name: string): Uint8Array | undefined => {
  if (!/^[0-9a-f]{64}$/.test(name)) return undefined;
  try {
    return store.blobs.get(`${BLOBS}${name}`);
  } catch {
    return undefined;
  }
};
