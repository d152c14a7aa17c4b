import { type ClockState, engineClock } from './engine-clock.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { portNumber } from './option-values.ts';
import { note } from './output.ts';

/** Configuration for SDK clients; an empty part leaves the default chain to decide. */
export interface Target {
  readonly endpoint?: string;
  readonly region: string;
  readonly profile?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface TargetOptions {
  readonly endpointUrl?: string | undefined;
  readonly aws?: true | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

/** Credentials that mean nothing: the engine takes any. */
export const ANY_CREDENTIALS = { accessKeyId: 'holdfast', secretAccessKey: 'holdfast' } as const;

/** Where `serve` and `up` listen when nothing but the environment says so. */
const localEndpoint = (env: NodeJS.ProcessEnv): string => {
  const port = env['HOLDFAST_PORT'] ?? '4566';
  try {
    return `http://127.0.0.1:${portNumber(port)}`;
  } catch (error) {
    throw new CommandError(`HOLDFAST_PORT: "${port}" is no port. ${(error as Error).message}`, EXIT.usage);
  }
};

const namedEndpoint = (options: TargetOptions, env: NodeJS.ProcessEnv): string | undefined => {
  if (options.aws === true) return undefined;
  if (options.endpointUrl !== undefined) return options.endpointUrl;
  const fromEnvironment = env['AWS_ENDPOINT_URL'] || undefined;
  if (fromEnvironment !== undefined && !(/^https?:\/\//.test(fromEnvironment) && URL.canParse(fromEnvironment))) {
    throw new CommandError(
      `AWS_ENDPOINT_URL: "${fromEnvironment}" must be a whole URL, such as http://127.0.0.1:4566`,
      EXIT.usage,
    );
  }
  return fromEnvironment;
};

/** How to go on when time stands still. */
export const standstill = ({ now }: ClockState): string =>
  `time stands still at ${now}; "holdfast clock virtual --advance PT5M" moves it, "holdfast clock live" lets it run`;

const sayEngine = (endpoint: string, clock: ClockState, saysClock: boolean): void => {
  note(`talking to the engine at ${endpoint}`);
  if (saysClock && clock.mode === 'virtual') note(standstill(clock));
};

/**
 * Decides whom a command talks to, and says it: an endpoint that is named; AWS when it is asked for by `--aws` or
 * `--profile`; else an engine on this machine, if one answers. Credentials in the environment alone decide nothing, for
 * a shell that has them must not send to AWS what was meant for an engine.
 */
export const resolveTarget = async (
  options: TargetOptions,
  { env = process.env, saysClock = true }: { readonly env?: NodeJS.ProcessEnv; readonly saysClock?: boolean } = {},
): Promise<Target> => {
  const region = options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const { profile } = options;
  const credentials =
    profile === undefined && env['AWS_ACCESS_KEY_ID'] === undefined ? { credentials: ANY_CREDENTIALS } : {};
  const named = namedEndpoint(options, env);
  if (named !== undefined) {
    const clock = await engineClock(named);
    if (clock === undefined) note(`talking to ${named}`);
    else sayEngine(named, clock, saysClock);
    return { endpoint: named, region, ...(profile === undefined ? credentials : { profile }) };
  }
  if (options.aws === true || profile !== undefined) {
    note(`talking to AWS in ${region}${profile === undefined ? '' : ` as profile ${profile}`}`);
    // The SDK would follow them.
    if (options.aws === true) for (const name of Object.keys(env)) if (/^AWS_ENDPOINT_URL/.test(name)) delete env[name];
    return { region, ...(profile === undefined ? {} : { profile }) };
  }
  const local = localEndpoint(env);
  const clock = await engineClock(local);
  if (clock === undefined) {
    throw new CommandError(
      `no engine answers at ${local}; start one with "npm start" or "holdfast serve", name it with --endpoint-url, or ask for AWS itself with --aws or --profile`,
      EXIT.notFound,
    );
  }
  sayEngine(local, clock, saysClock);
  return { endpoint: local, region, ...credentials };
};
