import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { CommandError, EXIT } from './exit-code.ts';

interface SystemError extends Error {
  readonly code?: string;
  readonly errno?: number;
  readonly syscall?: string;
  readonly path?: string;
  readonly port?: number;
  readonly address?: string;
}

/** Which process listens on a port, where the system tells: other users' processes stay hidden. */
const listenerOf = (port: number): number | undefined => {
  try {
    return process.platform === 'linux' ? linuxListenerOf(port) : Number(lsof(port)) || undefined;
  } catch {
    return undefined;
  }
};

const lsof = (port: number): string =>
  execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n')[0] ?? '';

/** The socket's inode stands in `/proc/net/tcp` (state 0A listens), its owner in the links of `/proc/<pid>/fd`. */
const linuxListenerOf = (port: number): number | undefined => {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(local) === true && fields[3] === '0A')
    .map((fields) => `socket:[${fields[9]}]`);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return readdirSync(`/proc/${pid}/fd`).some((fd) => {
          try {
            return sockets.includes(readlinkSync(`/proc/${pid}/fd/${fd}`));
          } catch {
            return false;
          }
        });
      } catch {
        return false;
      }
    });
};

const portInUse = (port: number): string => {
  const pid = listenerOf(port);
  const owner = pid === undefined ? 'another process' : `process ${pid}`;
  return `port ${port} is in use by ${owner}; stop it, or choose another with --port (or HOLDFAST_PORT)`;
};

/** What the errors of the machine mean for who called the command. */
const explainSystemError = (error: SystemError): CommandError | undefined => {
  const { code, port = 0, path = '', address = '' } = error;
  const because = (message: string, exitCode: 2 | 4 = EXIT.notFound): CommandError =>
    new CommandError(message, exitCode, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return because(portInUse(port), EXIT.usage);
    case 'EADDRNOTAVAIL':
      return because(`--host: "${address}" is no address of this machine`, EXIT.usage);
    case 'EACCES':
    case 'EPERM':
      return error.syscall === 'listen'
        ? because(`port ${port} needs more rights than this user has; choose one above 1023 with --port`)
        : because(`no permission for ${path}`);
    case 'EEXIST':
    case 'ENOTDIR':
      return error.syscall === 'mkdir' || error.syscall === 'scandir'
        ? because(`"${path}" cannot be made a directory: there is a file; choose another with --data-dir`, EXIT.usage)
        : undefined;
    case 'ECONNREFUSED':
      return because(
        `nothing answers at ${address}:${port}; start the engine, or name its address with --endpoint-url`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return because(`${error.message}: no such host; look at --host, --endpoint-url, AWS_ENDPOINT_URL and --region`);
    default:
      return undefined;
  }
};

/** Errors of AWS that say: not there, or not allowed. */
const NOT_FOUND =
  /NotFound|NoSuch|NonExistent|DoesNotExist|AccessDenied|Unauthorized|Forbidden|ExpiredToken|InvalidClientTokenId/;

const causes = (error: unknown): readonly unknown[] => {
  if (error instanceof AggregateError) return [error, ...error.errors.flatMap(causes)];
  return error instanceof Error && error.cause !== undefined ? [error, ...causes(error.cause)] : [error];
};

/** Makes of any error a sentence that names the remedy, and the exit code. */
export const explainError = (thrown: unknown): CommandError => {
  for (const cause of causes(thrown)) {
    if (cause instanceof CommandError) return cause;
    const explained = cause instanceof Error ? explainSystemError(cause as SystemError) : undefined;
    if (explained !== undefined) return explained;
  }
  if (!(thrown instanceof Error)) return new CommandError(String(thrown), EXIT.findings);
  const { name, message } = thrown;
  if (name === 'CredentialsProviderError') {
    return new CommandError(`no AWS credentials: ${message}`, EXIT.notFound, { cause: thrown });
  }
  if (/is in use by (?:another )?process/.test(message)) {
    return new CommandError(
      `${message}; stop the engine that runs on it, or choose another with --data-dir`,
      EXIT.refused,
      { cause: thrown },
    );
  }
  // The state is not what it must be: nothing was changed, and nothing is to be.
  if (name === 'StoreError' || name === 'AuditError') return new CommandError(message, EXIT.refused, { cause: thrown });
  return new CommandError(
    name === 'Error' || message.startsWith(name) ? message : `${name}: ${message}`,
    NOT_FOUND.test(name) ? EXIT.notFound : EXIT.findings,
    { cause: thrown },
  );
};
