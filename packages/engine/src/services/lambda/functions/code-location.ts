import { type EngineSettings, type HttpRoute, ROUTES_PREFIX, type ServiceEnvironment } from '../../../core/index.ts';

const BLOBS = 'lambda.code/';
const ARCHIVES = 'lambda/archives';

/**
 * Where the archive of a function or layer can be downloaded: on the host that this caller used. Differs: not signed,
 * and valid for as long as the archive is in use instead of ten minutes.
 */
export const codeLocation = (blobId: string, host: string | undefined, settings: EngineSettings): string => {
  const origin = host === undefined ? settings.endpoint : `http://${host}`;
  return `${origin}${ROUTES_PREFIX}${ARCHIVES}/${blobId.slice(BLOBS.length)}`;
};

const readArchive = ({ store }: ServiceEnvironment, name: string): Uint8Array | undefined => {
  if (!/^[0-9a-f]{64}$/.test(name)) return undefined;
  try {
    return store.blobs.get(`${BLOBS}${name}`);
  } catch {
    return undefined;
  }
};

/** Answers at a {@link codeLocation}. */
export const archiveRoute = (environment: ServiceEnvironment): HttpRoute => ({
  path: ARCHIVES,
  answer: ({ method, path }) => {
    const body = method === 'GET' ? readArchive(environment, path.slice(1)) : undefined;
    return body === undefined ? undefined : { status: 200, headers: ['Content-Type', 'application/zip'], body };
  },
});
