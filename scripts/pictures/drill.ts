import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const VENDOR = 'VEND003';
export const FILES = 1_000;

const HOLDFAST = 'packages/cli/bin/holdfast.mjs';

/** Half an hour later all alarms have seen enough quiet. */
const QUIET = 'PT30M';

/** A black-friday that is over, on an engine that still runs. */
export interface Drill {
  readonly endpoint: string;
  /** What the command printed. */
  readonly printed: string;
  readonly began: string;
  readonly ended: string;
  /** Changes of the alarms' states, in their order. */
  readonly changes: readonly { readonly at: number; readonly alarm: string; readonly summary: string }[];
  /** Mails of alarms. */
  readonly mails: readonly { readonly at: number; readonly subject: string }[];
}

export const clientOf = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** Starts an engine with what `holdfast up` deploys by these words, and stops it in the end. */
export const withEngine = async (
  words: readonly string[],
  use: (endpoint: string, dataDir: string) => Promise<void>,
): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'));
  const parameters = ['up', ...words, '--virtual', '--port', '0', '--data-dir', dataDir];
  const child = spawn(process.execPath, [HOLDFAST, ...parameters, '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await use(await endpointOf(child), dataDir);
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dataDir, { recursive: true, force: true });
  }
};

/** Types a command of `holdfast`, and gives what it printed. */
export const holdfast = async (words: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> =>
  (await promisify(execFile)(process.execPath, [HOLDFAST, ...words], { cwd: ROOT, env, maxBuffer: 2 ** 26 })).stdout;

/** Starts the pipeline with this way of recovery, runs a black-friday, and hands it over while the engine is still there. */
export const drill = (recovery: 'schedule' | 'workflow', use: (drill: Drill) => Promise<void>): Promise<void> =>
  withEngine(['--recovery', recovery, '--seed', '1'], async (endpoint) => {
    const began = (await clock(endpoint)).now;
    const run = ['--virtual', '--recovery', recovery, '--fail-vendor', VENDOR, '--files', String(FILES)];
    const printed = await holdfast(['black-friday', ...run, '--endpoint-url', endpoint]);
    await clock(endpoint, { mode: 'virtual', advance: QUIET });
    const { AlarmHistoryItems: items = [] } = await new CloudWatch(clientOf(endpoint)).describeAlarmHistory({
      HistoryItemType: 'StateUpdate',
      ScanBy: 'TimestampAscending',
    });
    const { mails } = (await (await fetch(`${endpoint}/_holdfast/mail`)).json()) as {
      mails: { at: number; subject: string }[];
    };
    await use({
      endpoint,
      printed: printed.trim(),
      began,
      ended: (await clock(endpoint)).now,
      changes: items.map(({ Timestamp, AlarmName = '', HistorySummary = '' }) => ({
        at: Number(Timestamp),
        alarm: AlarmName,
        summary: HistorySummary.replace('Alarm updated ', ''),
      })),
      mails: mails.filter(({ subject }) => /^(ALARM|OK): /.test(subject)),
    });
  });

const endpointOf = async (child: ChildProcess): Promise<string> => {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const endpoint = /"endpoint":\s*"([^"]+)"/.exec(line)?.[1];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error('the engine ended before it was ready');
};

export const clock = async (endpoint: string, change?: object): Promise<{ now: string }> => {
  const request = change === undefined ? {} : { method: 'POST', body: JSON.stringify(change) };
  const headers = { 'Content-Type': 'application/json' };
  return (await (await fetch(`${endpoint}/_holdfast/clock`, { ...request, headers })).json()) as { now: string };
};
