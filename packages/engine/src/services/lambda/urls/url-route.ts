import type { HttpRoute } from '../../../core/index.ts';
import type { UrlServer } from './url-server.ts';

const BELOW = /^\/([0-9a-z]{32})(\/.*|$)/;
const URL_ID = /^[0-9a-z]{32}$/;

/** Function URLs: by path, or by host as on AWS. */
export const urlRoute = (server: UrlServer): HttpRoute => ({
  path: 'lambda-url',
  hostLabel: 'lambda-url',
  isForPages: true,
  runsCode: true,
  answer: (request) => {
    if (request.hostPrefix !== undefined) {
      return URL_ID.test(request.hostPrefix) ? server.serve({ ...request, urlId: request.hostPrefix }) : undefined;
    }
    const [, urlId, path] = BELOW.exec(request.path) ?? [];
    return urlId === undefined ? undefined : server.serve({ ...request, urlId, path: path || '/' });
  },
});
