import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalEngine } from '@holdfast/local';
import { afterAll, expect, it } from 'vitest';
import { fingerprintSources } from './source-fingerprint.ts';
import { synthesizeStack } from './synthesize.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-synth-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('an assembly whose sources have not changed is kept as it is', async () => {
  const assembly = await synthesizeStack('VendorOnboarding', join(directory, 'cdk.out'));
  const written = statSync(join(assembly, 'manifest.json')).mtimeMs;

  await synthesizeStack('VendorOnboarding', assembly);

  expect(statSync(join(assembly, 'manifest.json')).mtimeMs).toBe(written);
});

it('the app deploys to the local engine as it is, and a second time changes nothing', async () => {
  const assembly = await synthesizeStack('VendorOnboarding', join(directory, 'cdk.out'));
  await using engine = await LocalEngine.start({ port: 0 });

  const first = await engine.deploy(assembly);
  const second = await engine.deploy(assembly);

  expect(first).toMatchObject([
    {
      stackName: 'VendorOnboarding',
      result: 'created',
      outputs: { UploadBucket: 'ecommerce-product-uploads-000000000000' },
    },
  ]);
  expect(second[0]?.result).toBe('unchanged');
});

it('a fingerprint follows names and contents, and leaves tests out', () => {
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text);
    return fingerprintSources([join(directory, 'a.ts'), join(directory, 'b.ts'), join(directory, 'a.test.ts')]);
  };

  const first = write('a.ts', 'one');
  expect(write('a.ts', 'one')).toBe(first);
  expect(write('a.test.ts', 'test')).toBe(first);
  const changed = write('a.ts', 'two');
  expect(changed).not.toBe(first);
  expect(write('b.ts', '')).not.toBe(changed);
});
