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

/** Starts the pipeline with this way of recovery, runs a black-friday, and hands it over while the engine is still there. */
export const drill = async (recovery: 'schedule' | 'workflow', use: (drill: Drill) => Promise<void>): Promise<void> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-pictures-'));
  const parameters = ['up', '--recovery', recovery, '--virtual', '--seed', '1', '--port', '0', '--data-dir', dataDir];
  const child = spawn(process.execPath, [HOLDFAST, ...parameters, '--json'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const endpoint = await endpointOf(child);
    const began = (await clock(endpoint)).now;
    const run = [
      'black-friday',
      '--virtual',
      '--recovery',
      recovery,
      '--fail-vendor',
      VENDOR,
      '--files',
      String(FILES),
    ];
    const { stdout } = await promisify(execFile)(process.execPath, [HOLDFAST, ...run, '--endpoint-url', endpoint], {
      cwd: ROOT,
      maxBuffer: 2 ** 26,
    });
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
      printed: stdout.trim(),
      began,
      ended: (await clock(endpoint)).now,
      changes: items.map(({ Timestamp, AlarmName = '', HistorySummary = '' }) => ({
        at: Number(Timestamp),
        alarm: AlarmName,
        summary: HistorySummary.replace('Alarm updated ', ''),
      })),
      mails: mails.filter(({ subject }) => /^(ALARM|OK): /.test(subject)),
    });
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const endpointOf = async (child: ChildProcess): Promise<string> => {
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    const endpoint = /"endpoint":\s*"([^"]+)"/.exec(line)?.[1];
    if (endpoint !== undefined) return endpoint;
  }
  throw new Error('the engine ended before it was ready');
};

const clock = async (endpoint: string, change?: object): Promise<{ now: string }> => {
  const request = change === undefined ? {} : { method: 'POST', body: JSON.stringify(change) };
  const headers = { 'Content-Type': 'application/json' };
  return (await (await fetch(`${endpoint}/_holdfast/clock`, { ...request, headers })).json()) as { now: string };
};
