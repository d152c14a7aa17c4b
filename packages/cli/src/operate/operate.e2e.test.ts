import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { LocalEngine } from '@holdfast/local';
import { VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { listSamples, readUpload } from '../black-friday/workload.ts';
import { deployVendorOnboarding } from '../deploy.ts';
import { run } from '../program.ts';
import { ANY_CREDENTIALS } from '../target.ts';
import { withBug } from './bad-deploy-fixture.ts';

/** The guide's own commands, in its order: what it says is what is run here. */
const GUIDE = readFileSync(new URL('../../../../docs/operate.md', import.meta.url), 'utf8');
const commandsOf = (chapter: string): readonly string[] => {
  const text = GUIDE.split(/^## /m).find((part) => part.startsWith(chapter)) ?? '';
  return [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('holdfast ')),
  );
};

const FILES = 40;

let directory: string;
let engine: LocalEngine;
let bucket: string;
const assembly = (): string => join(directory, 'cdk.out');

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
  engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: new Date('2026-11-27T08:00:00Z'), seed: 7 });
  vi.stubEnv('HOLDFAST_PORT', new URL(engine.endpoint).port);
  vi.stubEnv('HOLDFAST_DATA_DIR', join(directory, 'data'));
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  await deployVendorOnboarding(engine, 'schedule', assembly());
  const target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  const { Buckets = [] } = await new S3Client(target).send(new ListBucketsCommand({}));
  bucket = Buckets.find(({ Name = '' }) => /upload|vendor/i.test(Name))?.Name ?? '';

  // The bad deployment, in the middle of the busiest day; and a vendor whose own software announces files in its own form.
  await engine.deploy(withBug(assembly(), join(directory, 'bad.out')));
  const s3 = new S3Client({ ...target, forcePathStyle: true });
  for (const file of listSamples(VENDOR_UPLOADS_DIR, FILES, 'friday')) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: file.key, Body: readUpload(file) }));
  }
  const [first] = listSamples(VENDOR_UPLOADS_DIR, 1, 'poison');
  const lambda = new LambdaClient(target);
  for (let nth = 0; nth < 5; nth += 1) {
    const key = `uploads/VEND901/poison-${nth}.csv`;
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: readUpload(first as NonNullable<typeof first>) }),
    );
    const Payload = JSON.stringify({
      records: [{ eventSource: 'aws:s3', s3: { bucket: { name: bucket }, object: { key } } }],
    });
    await lambda.send(new InvokeCommand({ FunctionName: 'csv-parser', InvocationType: 'Event', Payload }));
  }
  await engine.advance(4 * 60_000 + 30_000);
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
  await engine.deploy(assembly());
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
