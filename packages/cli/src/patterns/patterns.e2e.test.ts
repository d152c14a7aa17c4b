import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STACK_NAMES } from '@holdfast/stacks';
import { afterEach, expect, it, vi } from 'vitest';
import { EXIT } from '../exit-code.ts';
import { STACK_CHOICES } from '../stack-name.ts';
import { comparePatterns } from './compare.ts';
import { runDlqReplay } from './dlq-replay.ts';
import { DOCUMENTED_WORKLOAD, withMeasured } from './measured.ts';
import { WAYS } from './ways.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-compare-'));
afterEach(() => vi.restoreAllMocks());

/** What a run prints as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: results of a command, read member by member.
const printed = async (run: () => Promise<number>): Promise<{ readonly exitCode: number; readonly json: any }> => {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const exitCode = await run();
  return { exitCode, json: JSON.parse(out.mock.calls.map(([text]) => String(text)).join('')) };
};

it('the stacks that can be chosen are those that there are', () => {
  expect(STACK_CHOICES).toEqual(STACK_NAMES);
});

it('89 messages with 4 bad ones: exactly the bad ones are put aside, and whole batches put good ones aside, too', async () => {
  const { exitCode, json } = await printed(() =>
    runDlqReplay({ messages: 89, bad: 4, seed: 1, batchSizes: [1, 10], seeds: 1, json: true }),
  );
  expect(exitCode).toBe(EXIT.ok);
  const receiveCounts = { min: 8, max: 8 };
  expect(json).toMatchObject({ produced: 89, bad: 4, processed: 85, inDlq: 4, goodInDlq: 0, receiveCounts });
  const [alone, ten] = json.batchSizes;
  expect(alone).toEqual({ size: 1, goodInDlq: 0, min: 0, max: 0 });
  expect(ten.goodInDlq).toBeGreaterThan(0);
});

it('every pattern keeps what it does not process, only whole batches double, and the pages tell it (else: npm run docs:patterns)', async () => {
  const report = join(directory, 'report.html');
  const { exitCode, json } = await printed(() =>
    comparePatterns({ workload: DOCUMENTED_WORKLOAD, report, json: true }),
  );
  expect(exitCode).toBe(EXIT.ok);
  expect(json.patterns.map(({ name }: { name: string }) => name)).toEqual(WAYS.map(({ name }) => name));
  for (const { name, lost, doubled } of json.patterns) {
    expect([name, lost]).toEqual([name, 0]);
    if (name !== 'sqs-whole-batch') expect([name, doubled]).toEqual([name, 0]);
  }
  expect(readFileSync(report, 'utf8')).toMatch(/<svg .*sqs-whole-batch/s);
  rmSync(directory, { recursive: true });
  const pages = new URL('../../../../docs/patterns/', import.meta.url);
  for (const name of readdirSync(pages)) {
    const page = readFileSync(new URL(name, pages), 'utf8');
    expect(withMeasured(page, { ways: json.patterns }), name).toBe(page);
  }
}, 300_000);
