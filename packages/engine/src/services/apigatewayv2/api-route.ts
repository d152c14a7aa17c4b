import type { HttpRoute } from '../../core/index.ts';
import type { ApiServer } from './api-server.ts';

const BELOW = /^\/([a-z0-9]+)(\/.*|$)/;

/** Deployed APIs: by path, or by host as on AWS. */
export const apiRoute = (server: ApiServer): HttpRoute => ({
  path: 'execute-api',
  hostLabel: 'execute-api',
  isForPages: true,
  runsCode: true,
  answer: (request) => {
    if (request.hostPrefix !== undefined) return server.serve(request.hostPrefix, request);
    const [, apiId, path] = BELOW.exec(request.path) ?? [];
    return apiId === undefined ? undefined : server.serve(apiId, { ...request, path: path || '/' });
  },
});
