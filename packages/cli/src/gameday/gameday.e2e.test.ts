import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalEngine } from '@holdfast/local';
import { keptAssembly } from '@holdfast/stacks/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { deployStack } from '../deploy.ts';
import { EXIT } from '../exit-code.ts';
import { run } from '../program.ts';
import { GAME_DAYS } from './game-days.ts';

let directory: string;
let engine: LocalEngine;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-gameday-'));
  engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: new Date('2026-11-30T08:00:00Z') });
  vi.stubEnv('HOLDFAST_DATA_DIR', join(directory, 'data'));
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  await deployStack(engine, 'IngestionLab', 'schedule', keptAssembly('IngestionLab'));
}, 180_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const type = async (...words: readonly string[]) => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const note = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    process.exitCode = 0;
    const code = (await run(['gameday', ...words])) ?? process.exitCode;
    return { out: write.mock.calls.map(([text]) => String(text)).join(''), code };
  } finally {
    write.mockRestore();
    note.mockRestore();
    process.exitCode = 0;
  }
};

const play = async (name: string, perMinute: number) => {
  const report = join(directory, name);
  const words = ['--virtual', '--per-minute', String(perMinute), '--endpoint-url', engine.endpoint];
  const to = ['--report', report, '--json'];
  const { out, code } = await type(name, ...words, ...to);
  return { code, report: JSON.parse(out), page: readFileSync(join(report, 'report.html'), 'utf8') };
};

it.each([
  ['schema-evolution', ['dlq-depth', 'dlq-arrivals', 'critical'], 5, 3],
  ['downstream-outage', ['oldest-age', 'warning', 'dlq-depth', 'critical'], 5, 4],
  // Nothing needs to be put aside there: a try in three fails, and five tries are enough for most. Ten times the traffic must
  // be more than one environment can do at two seconds each, by far: else it is chance whether anything is throttled.
  ['traffic-spike', ['worker-throttles', 'warning'], 4, 8],
])(
  '%s: what had to be seen is seen, alarms come and go, every event takes effect once',
  async (name, alarms, answered, perMinute) => {
    const { code, report, page } = await play(name, perMinute);
    expect(report.expectations.filter(({ isMet }: { isMet: boolean }) => !isMet)).toEqual([]);
    expect(code).toBe(EXIT.ok);
    for (const alarm of alarms) {
      const states = report.alarms.filter((change: { alarm: string }) => change.alarm === alarm);
      expect(states.map(({ to }: { to: string }) => to)).toEqual(expect.arrayContaining(['ALARM', 'OK']));
      expect(states.at(-1).to).toBe('OK');
    }
    const { queries } = report as { queries: { name: string; rows: unknown[] }[] };
    expect(queries).toHaveLength(5);
    expect(queries.filter(({ rows }) => rows.length > 0).length).toBeGreaterThanOrEqual(answered);
    expect(report.cost.dollars).toBeGreaterThan(0);
    expect(page).toMatch(/<svg .*Saved query put-aside/s);
  },
  300_000,
);

it('lists them, and knows no others', async () => {
  const { out } = await type('ls', '--json');
  expect(JSON.parse(out).map(({ name }: { name: string }) => name)).toEqual(GAME_DAYS.map(({ name }) => name));
  await expect(type('flood', '--endpoint-url', engine.endpoint)).rejects.toMatchObject({ exitCode: EXIT.notFound });
});

it('finds no lab of another environment', async () => {
  const words = ['--virtual', '--env-name', 'prod', '--endpoint-url', engine.endpoint];
  await expect(type('schema-evolution', ...words)).rejects.toThrow('no ingestion lab of the environment "prod"');
});

it('breaks nothing on AWS', async () => {
  await expect(type('schema-evolution', '--profile', 'production')).rejects.toMatchObject({ exitCode: EXIT.refused });
});
