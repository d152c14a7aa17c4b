import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { TestRuntime } from '../test-runtime.ts';
import { awsClient, runAwsClient } from './aws-client.ts';
import { CONTRACT, type ContractCase } from './contract-table.ts';
import { generationOf } from './generation.ts';

/** `COMPARE_WITH_AWS=1` fetches AWS's published client and runs it beside ours; the rest compares with what it said. */
const isCompared = process.env['COMPARE_WITH_AWS'] === '1';

interface Told {
  readonly ends: readonly unknown[];
  readonly lines: readonly string[];
}

const filesOf = ({ code }: ContractCase): Readonly<Record<string, string>> =>
  typeof code === 'string' ? { 'index.js': code } : code;

/** Without what differs from run to run: times, paths, frames of stacks. */
const told = (ends: readonly string[], lines: readonly string[], taskRoot: string): Told => {
  const withoutStacks = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const { stack, trace, stackTrace, ...rest } = value as Record<string, unknown>;
    return rest;
  };
  const plain = (text: string): string =>
    text
      .replaceAll(taskRoot, '/var/task')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, 'TIME')
      .replace(/\{.*\}$/s, (json) => {
        try {
          return JSON.stringify(JSON.parse(json), withoutStacks);
        } catch {
          return json;
        }
      })
      // Who asked for a missing module ends in AWS's own files.
      .replace(/(?:\\n {4}at .*?)+(?=")/g, '')
      .replace(/\\nRequire stack:.*?(?=")/, '');
  return {
    ends: ends.map((end) => (end.startsWith('exit') ? end : (JSON.parse(plain(end)) as unknown))),
    // How Node.js itself reports what nobody caught is not compared word for word.
    lines: lines.map(plain).filter((line) => /^(?:TIME\t|\{)|^[a-z]$|^ab$/.test(line)),
  };
};

/** Rows that are always run in a process as well; all of them are when AWS's client is. */
const IN_PROCESS_EVERY = 7;

const sorted = ({ ends, lines }: Told): Told => ({ ends, lines: [...lines].sort() });

const runOurs = async (runtime: TestRuntime, row: ContractCase, name: string): Promise<Told> => {
  for (const [file, text] of Object.entries(filesOf(row))) {
    mkdirSync(dirname(join(runtime.directory, file)), { recursive: true });
    runtime.write(file, text);
  }
  const ends: string[] = [];
  const lines: string[] = [];
  for (const payload of row.payloads ?? [{}]) {
    const environment = { ...row.environment };
    const jsonLogLevel = environment['AWS_LAMBDA_LOG_FORMAT'] === 'JSON' ? 'INFO' : undefined;
    const run = runtime.invoke({
      payload,
      spec: {
        runtime: name,
        handler: row.handler ?? 'index.handler',
        environment,
        ...(jsonLogLevel === undefined ? {} : { jsonLogLevel }),
      },
    });
    const outcome = await run.outcome;
    const text = (JSON.parse(outcome.payload) as { errorMessage?: string } | null)?.errorMessage ?? '';
    const status = /exit status (\d+)/.exec(text)?.[1] ?? '0';
    ends.push(outcome.kind === 'exit' ? `exit ${status}` : outcome.payload);
    lines.push(...run.logs);
    // AWS's client is run once: what would need another environment is left out.
    if (outcome.kind === 'exit' || outcome.kind === 'init-error') break;
  }
  return told(ends, lines, runtime.directory);
};

const scratch = isCompared ? mkdtempSync(join(tmpdir(), 'holdfast-contract-')) : undefined;
afterAll(() => {
  if (scratch !== undefined) rmSync(scratch, { recursive: true, force: true });
});

const runAws = async (client: string, row: ContractCase, name: string): Promise<Told> => {
  const taskRoot = mkdtempSync(join(scratch ?? tmpdir(), 'task-'));
  for (const [file, text] of Object.entries(filesOf(row))) {
    mkdirSync(dirname(join(taskRoot, file)), { recursive: true });
    writeFileSync(join(taskRoot, file), text);
  }
  const generation = generationOf(name);
  const flags = generation === 3 ? '--no-experimental-require-module --no-experimental-detect-module' : '';
  const { ends, lines } = await runAwsClient(client, generation, {
    taskRoot,
    handler: row.handler ?? 'index.handler',
    environment: {
      AWS_EXECUTION_ENV: `AWS_Lambda_${name}`,
      ...row.environment,
      NODE_OPTIONS: `${flags} ${row.environment?.['NODE_OPTIONS'] ?? ''}`,
    },
    payloads: row.payloads ?? [{}],
  });
  return told(ends, lines, taskRoot);
};

const rows = CONTRACT.flatMap((row) => row.runtimes.map((name) => [name, row.what, row] as const));

describe('the contract of Node.js functions', () => {
  it.each(rows)('%s: %s', async (name, _what, row) => {
    const runtime = new TestRuntime('live');
    try {
      const ours = await runOurs(runtime, row, name);
      expect(ours).toMatchSnapshot();
      if (isCompared || rows.findIndex(([, , other]) => other === row) % IN_PROCESS_EVERY === 0) {
        const apart = new TestRuntime('live', true, true, 'process');
        onTestFinished(() => apart.close());
        expect(sorted(await runOurs(apart, row, name))).toEqual(sorted(ours));
      }
      if (!isCompared || (row.isNewer === true && name === 'nodejs22.x')) return;
      const client = awsClient(generationOf(name));
      if (client === undefined) throw new Error("AWS's client could not be fetched (npm pack aws-lambda-ric)");
      const theirs = await runAws(client, row, name);
      expect(sorted(ours)).toEqual(sorted(theirs));
    } finally {
      await runtime.close();
    }
  });
});
