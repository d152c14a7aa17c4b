import type { LocalEngineOptions } from '@holdfast/local';
import { readCount } from './command.ts';
import { CommandError, EXIT } from './exit-code.ts';

/** Options of the commands that start an engine. */
export const SERVE_OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'data-dir': { type: 'string' },
  memory: { type: 'boolean' },
  account: { type: 'string' },
  region: { type: 'string' },
  virtual: { type: 'boolean' },
  seed: { type: 'string' },
} as const;

export const SERVE_USAGE =
  '[--port 4566] [--host 127.0.0.1] [--data-dir .holdfast | --memory] [--account 000000000000] [--region us-east-1] [--virtual] [--seed N]';

interface ServeValues {
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly 'data-dir'?: string | undefined;
  readonly memory?: boolean | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly virtual?: boolean | undefined;
  readonly seed?: string | undefined;
}

/** Flags over environment over defaults. */
export const resolveServeOptions = (values: ServeValues, env: NodeJS.ProcessEnv = process.env): LocalEngineOptions => {
  if (values.memory === true && values['data-dir'] !== undefined) {
    throw new CommandError(
      '--memory and --data-dir exclude each other: the one keeps nothing, the other says where',
      EXIT.usage,
    );
  }
  const port = readCount('port', values.port ?? env['HOLDFAST_PORT'], 4566, 0);
  if (port > 65_535) throw new CommandError(`--port: ${port} must be at most 65535`, EXIT.usage);
  if (values.account !== undefined && !/^\d{12}$/.test(values.account)) {
    throw new CommandError(`--account: "${values.account}" must be twelve digits`, EXIT.usage);
  }
  return {
    port,
    host: values.host ?? '127.0.0.1',
    dataDir: values.memory === true ? undefined : (values['data-dir'] ?? env['HOLDFAST_DATA_DIR'] ?? '.holdfast'),
    account: values.account,
    region: values.region,
    clock: values.virtual === true ? 'virtual' : undefined,
    seed: values.seed === undefined ? undefined : readCount('seed', values.seed, 0, 0),
  };
};
