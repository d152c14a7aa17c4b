import { CommandError, EXIT } from './exit-code.ts';
import { note } from './output.ts';

/** Where `serve` and `up` listen when nothing but the environment says so. */
const localEndpoint = (env: NodeJS.ProcessEnv): string => `http://127.0.0.1:${env['HOLDFAST_PORT'] ?? 4566}`;

/** Configuration for SDK clients; an empty part leaves the default chain to decide. */
export interface Target {
  readonly endpoint?: string;
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface TargetOptions {
  readonly 'endpoint-url'?: string | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}

const isEngine = async (endpoint: string): Promise<boolean> => {
  try {
    const answer = await fetch(`${endpoint}/_holdfast/health`, { signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  } catch {
    return false;
  }
};

/**
 * Decides whom a command talks to: an endpoint or a profile that was named wins; then AWS when the environment holds
 * credentials; then an engine on this machine, if one answers. Without any of them the command ends instead of guessing.
 */
export const resolveTarget = async (options: TargetOptions, env: NodeJS.ProcessEnv = process.env): Promise<Target> => {
  const region = options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const endpoint = options['endpoint-url'] ?? env['AWS_ENDPOINT_URL'];
  const profile = options.profile ?? env['AWS_PROFILE'];
  const hasCredentials = env['AWS_ACCESS_KEY_ID'] !== undefined;
  const localCredentials = { accessKeyId: 'holdfast', secretAccessKey: 'holdfast' };
  if (endpoint !== undefined) {
    return {
      endpoint,
      region,
      ...(profile !== undefined ? { profile } : hasCredentials ? {} : { credentials: localCredentials }),
    };
  }
  if (profile !== undefined || hasCredentials) return { region, ...(profile === undefined ? {} : { profile }) };
  const local = localEndpoint(env);
  if (await isEngine(local)) {
    note(`talking to the engine at ${local}`);
    return { endpoint: local, region, credentials: localCredentials };
  }
  throw new CommandError(
    `no engine answers at ${local} and no AWS credentials are set; run "npm start", or set AWS_ENDPOINT_URL or AWS_PROFILE`,
    EXIT.notFound,
  );
};

/** The engine's own control endpoint; AWS has none. */
export const controlUrl = (target: Target, path: string): string => {
  if (target.endpoint === undefined) {
    throw new CommandError('this command steers the local engine; set AWS_ENDPOINT_URL or --endpoint-url', EXIT.usage);
  }
  return new URL(`/_holdfast/${path}`, target.endpoint).href;
};

/** Calls the control endpoint; its own words come back in the error. */
export const control = async <Answer>(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> => {
  const answer = await fetch(controlUrl(target, path), {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const content = (await answer.json()) as Answer & { message?: string };
  if (!answer.ok) throw new CommandError(content.message ?? `${path}: HTTP ${answer.status}`, EXIT.usage);
  return content;
};
