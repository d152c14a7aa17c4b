import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTestEngine, type TestEngine } from '@holdfast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeStack } from './synthesize.ts';
import { keptAssembly } from './testing.ts';

/** The page's own commands: what it says is what is run here. */
const PAGE = readFileSync(new URL('../../../docs/ingestion-lab.md', import.meta.url), 'utf8');

const blocksOf = (chapter: string): readonly string[] => {
  const text = PAGE.split(/^## /m).find((part) => part.startsWith(`${chapter}\n`)) ?? '';
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
};

const isThere = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const missing = ['bash', 'curl', 'aws'].filter((command) => !isThere(command));

describe.skipIf(missing.length > 0)(
  `the commands of docs/ingestion-lab.md${missing.length === 0 ? '' : ` (not run: ${missing.join(', ')} not found)`}`,
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'holdfast-ingestion-commands-'));
    let aws: TestEngine;
    let environment: Record<string, string>;

    beforeAll(async () => {
      aws = await startTestEngine({ startAt: new Date('2026-11-29T09:00:00Z') });
      const [stack] = await aws.deploy(await synthesizeStack('IngestionLab', keptAssembly('IngestionLab')));
      environment = {
        PATH: process.env['PATH'] ?? '',
        HOME: directory,
        API_URL: stack?.outputs['ApiUrl'] ?? '',
        AWS_ENDPOINT_URL: aws.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_DEFAULT_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
      };
    }, 300_000);
    afterAll(async () => {
      await aws[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    });

    /** Types a block into a shell. @returns what it printed */
    const type = async (block = '', more: Readonly<Record<string, string>> = {}): Promise<string> => {
      // Without a meter of progress; otherwise as the page has it.
      const quiet = block.replaceAll(/^(\s*)curl /gm, '$1curl -sS ');
      const { stdout } = await promisify(execFile)('bash', ['-e', '-c', quiet], { env: { ...environment, ...more } });
      return stdout;
    };
    const typeJson = async (block?: string, more?: Readonly<Record<string, string>>) =>
      JSON.parse(await type(block, more)) as Record<string, unknown>;

    it('quick start: it is healthy, takes an event and tells what became of it', async () => {
      const [health, post, get] = blocksOf('Quick start');
      expect(await typeJson(health)).toMatchObject({ status: 'ok' });
      expect(await typeJson(post)).toMatchObject({ eventId: 'test-123', status: 'ACCEPTED' });
      await aws.advance({ minutes: 1 });
      expect(await typeJson(get)).toMatchObject({ status: 'PROCESSED', amount: 42.5, effects: 1 });
    });

    it('following: one event is found in the logs by its correlation id, and as a trace', async () => {
      const [post = '', look = ''] = blocksOf('Follow one');
      const traceId = '1-6b0be9cc-abcdefabcdefabcdefabcdef';
      expect(await typeJson(post)).toMatchObject({ correlationId: 'shop-8' });
      await type(post.replace(/^export TRACE_ID=.*$/m, `export TRACE_ID=${traceId}`).replace('followed', 'traced'));
      await aws.advance({ minutes: 1 });
      const [lines, traces] = (await type(look, { TRACE_ID: traceId })).split(/(?<=^})\n/m);
      const { events } = JSON.parse(lines ?? '') as { events: readonly { message: string }[] };
      // Both may come in one batch, whose events are processed side by side.
      expect(events.map(({ message }) => JSON.parse(message).eventId).sort()).toEqual(['followed', 'traced']);
      expect(traces).toContain('AWS::Lambda::Function');
    });

    it('testing: the same event twice has its effect once, and what is invalid is refused', async () => {
      const [first, again, invalid] = blocksOf('Try it');
      expect(await typeJson(first)).toMatchObject({ status: 'ACCEPTED' });
      expect(await typeJson(again)).toMatchObject({ status: 'ACCEPTED' });
      expect(await typeJson(invalid)).toMatchObject({ error: 'SchemaValidationError' });
      await aws.advance({ minutes: 1 });
      expect(await typeJson('curl $API_URL/events/test-001')).toMatchObject({ status: 'PROCESSED', effects: 1 });
    });

    it('failure and redrive: what a mode has put aside is previewed, and brought back once it is over', async () => {
      const [poison, none] = blocksOf('Break it');
      const [preview, start, steer] = blocksOf('Redrive');
      expect(await typeJson(poison)).toMatchObject({ Version: 2 });
      await aws.advance({ seconds: 6 });
      await type(blocksOf('Try it')[0]?.replaceAll('test-001', 'poisoned'));
      await aws.advance({ minutes: 10 });
      expect(await typeJson(none)).toMatchObject({ Version: 3 });
      await aws.advance({ seconds: 6 });

      expect(await typeJson(preview)).toMatchObject({
        toMove: 1,
        messages: [{ errorType: 'VALIDATION', body: expect.stringContaining('poisoned') }],
      });
      const jobOf = async ({ jobId }: Record<string, unknown>) =>
        typeJson('curl $API_URL/redrive/$JOB_ID', { JOB_ID: String(jobId) });
      const first = await typeJson(start);
      const said = (await type(steer, { JOB_ID: String(first['jobId']) })).replaceAll('}{', '}\n{').split('\n');
      expect(said.slice(0, 4).map((line) => JSON.parse(line).wish)).toEqual(['run', 'pause', 'run', 'cancel']);
      await aws.advance({ minutes: 2 });
      const cancelled = await jobOf(first);
      expect(cancelled).toMatchObject({ state: 'cancelled' });

      const again = await typeJson(start);
      await aws.advance({ minutes: 2 });
      const completed = await jobOf(again);
      expect(completed).toMatchObject({ state: 'completed' });
      // The first may have sent it before it heard that it was not to.
      expect(Number(cancelled['moved']) + Number(completed['moved'])).toBe(1);
      expect(await typeJson('curl $API_URL/events/poisoned')).toMatchObject({ status: 'PROCESSED', effects: 1 });
      expect(await aws.messages('ingestion-events-dlq-dev')).toEqual([]);
    });

    it('load: a hundred at once are all taken and processed', async () => {
      const said = await type(blocksOf('Load')[0]);
      expect(said.match(/"status":"ACCEPTED"/g)).toHaveLength(100);
      await aws.advance({ minutes: 10 });
      for (const order of [1, 50, 100]) {
        expect(await typeJson(`curl $API_URL/events/load-test-${order}`)).toMatchObject({ status: 'PROCESSED' });
      }
    });
  },
);
