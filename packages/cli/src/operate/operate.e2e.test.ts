import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalEngine } from '@holdfast/local';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { run } from '../program.ts';
import { badFriday, FRIDAY } from './bad-friday-bench.ts';

/** The guide's own commands, in its order: what it says is what is run here. */
const GUIDE = readFileSync(new URL('../../../../docs/operate.md', import.meta.url), 'utf8');
const commandsOf = (chapter: string): readonly string[] => {
  const text = GUIDE.split(/^## /m).find((part) => part.startsWith(chapter)) ?? '';
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('holdfast ')),
  );
};

let directory: string;
let engine: LocalEngine;
let deployGood: () => Promise<void>;

/** Runs a command of the guide as somebody types it, and gives what it printed. */
const type = async (
  line: string,
  values: Readonly<Record<string, string>> = {},
): Promise<{ out: string; code: unknown }> => {
  const words = [...line.replace(/^holdfast /, '').matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, word = '']) => quoted ?? word.replace(/\$(\w+)/g, (_, name: string) => values[name] ?? `$${name}`),
  );
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const note = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    process.exitCode = 0;
    const code = (await run(words)) ?? process.exitCode;
    return { out: write.mock.calls.map(([text]) => String(text)).join(''), code };
  } finally {
    write.mockRestore();
    note.mockRestore();
    process.exitCode = 0;
  }
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-operate-'));
  engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: FRIDAY, seed: 7 });
  vi.stubEnv('HOLDFAST_PORT', new URL(engine.endpoint).port);
  vi.stubEnv('HOLDFAST_DATA_DIR', join(directory, 'data'));
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  deployGood = await badFriday(engine, directory);
}, 240_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

it('finds, groups, repairs, rehearses, redrives, verifies and audits a bad day by the commands of the guide', async () => {
  const lines = commandsOf('A bad Friday');
  const typed: string[] = [];
  const next = async (values: Readonly<Record<string, string>> = {}) => {
    const line = lines[typed.length] ?? '';
    typed.push(line);
    return (await type(line, values)).out;
  };

  expect(await next()).toContain('csv-parser-dlq');
  const groups = await next();
  expect(groups).toContain("TypeError: Cannot read properties of undefined (reading 'total')");
  expect(groups).toContain('MalformedEventError');
  const { failures } = JSON.parse(await next()) as { failures: { id: string }[] };
  expect(await next({ ID: failures[0]?.id ?? '' })).toContain('back     arn:aws:lambda');

  writeFileSync(join(directory, 'repair.json'), /```json\n([\s\S]*?)```/.exec(GUIDE)?.[1] ?? '');
  const FILE = join(directory, 'repair.json');
  expect(await next({ FILE })).toContain('5 would change');
  expect(await next({ FILE })).toMatch(/0 would succeed|FAILED/);

  // The mistake is found, and the good version deployed again.
  await deployGood();
  expect(await next({ FILE })).toMatch(/ 0 would fail again, 0 not run/);
  expect(await next({ FILE })).toContain('from');
  const job = JSON.parse(await next({ FILE })) as Record<string, unknown>;
  expect(job).toMatchObject({ failed: 0, cameBack: 0, skipped: 0, state: 'completed' });
  expect(Number(job['moved'])).toBeGreaterThan(10);
  await engine.advance(60_000);
  expect(await next()).toContain('no failures');
  expect(await next()).toContain('completed');
  expect(await next()).toContain('each as it was written');
  expect(typed).toEqual(lines);
}, 240_000);
