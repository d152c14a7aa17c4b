import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ClientError, type ClientKind, type Json } from './sqs-client.ts';

const SCRIPT = fileURLToPath(new URL('./python_client.py', import.meta.url));

interface Probe {
  readonly botocore: string;
  readonly protocol: string;
  readonly cli: string | null;
}

interface Answer {
  readonly output?: Json;
  readonly code?: string;
  readonly message?: string;
  readonly status?: number | null;
}

const probe = (python: string): Probe | undefined => {
  const { status, stdout } = spawnSync(python, [SCRIPT, 'probe'], { encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as Probe) : undefined;
};

const toWire = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(toWire);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toWire(item)]));
};

const fromWire = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value !== 'object' || value === null) return value;
  if ('$bytes' in value) return new Uint8Array(Buffer.from(String(value.$bytes), 'base64'));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fromWire(item)]));
};

const start = (python: string, mode: 'botocore' | 'cli', endpoint: string) => {
  const child = spawn(python, [SCRIPT, mode, endpoint], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    call: async (action: string, input: Json): Promise<Json> => {
      child.stdin.write(`${JSON.stringify({ action, input: toWire(input) })}\n`);
      const { value, done } = await answers.next();
      if (done === true) throw new Error(`the ${mode} process has ended`);
      const { output, code, message, status } = JSON.parse(value) as Answer;
      if (output === undefined) throw new ClientError(code ?? '', message ?? '', status ?? undefined);
      return fromWire(output) as Json;
    },
    close: () => {
      child.kill();
    },
  };
};

/** boto3's own client (JSON). */
const newBotocore = (found: Probe | undefined): ClientKind => ({
  name: found === undefined ? 'botocore' : `botocore ${found.botocore} (${found.protocol})`,
  missing: found === undefined ? 'python3 with botocore is not on this machine' : undefined,
  takesBytes: true,
  start: (endpoint) => start('python3', 'botocore', endpoint),
});

/** One from before November 2023, which speaks the Query protocol; from a virtual environment that somebody made. */
const oldBotocore = (python: string | undefined, found: Probe | undefined): ClientKind => ({
  name: found === undefined ? 'old botocore (query)' : `botocore ${found.botocore} (${found.protocol})`,
  missing:
    found?.protocol === 'query'
      ? undefined
      : 'HOLDFAST_OLD_BOTOCORE_PYTHON does not name a Python with a botocore before 1.31.81',
  takesBytes: true,
  start: (endpoint) => start(python as string, 'botocore', endpoint),
});

/** The command line, version 1, in one process instead of one per command: starting it takes most of a second. */
const awsCli = (found: Probe | undefined): ClientKind => ({
  name: found?.cli === null || found === undefined ? 'AWS CLI' : `AWS CLI ${found.cli}`,
  missing: found?.cli === null || found === undefined ? 'python3 with awscli is not on this machine' : undefined,
  takesBytes: false,
  start: (endpoint) => start('python3', 'cli', endpoint),
});

/** Clients that need Python, as far as this machine has them. */
export const pythonClients = (): readonly ClientKind[] => {
  const found = probe('python3');
  const oldPython = process.env['HOLDFAST_OLD_BOTOCORE_PYTHON'];
  return [
    newBotocore(found),
    oldBotocore(oldPython, oldPython === undefined ? undefined : probe(oldPython)),
    awsCli(found),
  ];
};
