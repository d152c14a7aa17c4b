import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');

const PATH = '/_holdfast/custom-resource-responses/';

type Answered = (answer: IncomingMessage) => void;

/**
 * Handlers of custom resources answer at a URL of S3: most of them take host and path from it, and know that it is HTTPS on the usual
 * port. Such a request to the engine goes to the engine's own port, in plain HTTP.
 */
export const answerCustomResources = (endpoint: string | undefined): void => {
  if (endpoint === undefined) return;
  const engine = new URL(endpoint);
  const https = process.getBuiltinModule('node:https');
  const { request } = https;
  const toEngine = (options: unknown, answered: unknown): ClientRequest | undefined => {
    if (typeof options !== 'object' || options === null || options instanceof URL) return undefined;
    const { hostname, host, port, path } = options as RequestOptions;
    const isForEngine =
      (hostname ?? host) === engine.hostname && (port ?? 443) === 443 && path?.startsWith(PATH) === true;
    if (!isForEngine) return undefined;
    const { agent: _, protocol: __, ...rest } = options as RequestOptions;
    const plain = { ...rest, hostname: engine.hostname, port: engine.port };
    return process.getBuiltinModule('node:http').request(plain, answered as Answered);
  };
  https.request = ((...given: [unknown, unknown, unknown]) =>
    toEngine(given[0], given[1]) ?? Reflect.apply(request, https, given)) as typeof https.request;
  syncBuiltinESMExports();
};
