import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { listSamples, listUploads } from './workload.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-uploads-'));
for (const file of ['VEND001/a.csv', 'VEND001/b.csv', 'VEND002/a.csv']) {
  mkdirSync(join(directory, file, '..'), { recursive: true });
  writeFileSync(join(directory, file), '');
}
afterAll(() => rmSync(directory, { recursive: true }));

it('vendors take turns, so that a smaller run still has all of them', () => {
  expect(listUploads(directory, 2, 'run').map(({ key }) => key)).toEqual([
    'uploads/VEND001/run-a.csv',
    'uploads/VEND002/run-a.csv',
  ]);
});

it('more files than a directory of the user has are refused', () => {
  expect(() => listUploads(directory, 4, 'run')).toThrow('--files: 4 asked for, 3 found');
});

it('more files than the samples are sent by further vendors', () => {
  expect(listSamples(directory, 7, 'run').map(({ key }) => key)).toEqual([
    'uploads/VEND001/run-a.csv',
    'uploads/VEND002/run-a.csv',
    'uploads/VEND001/run-b.csv',
    'uploads/VEND003/run-a.csv',
    'uploads/VEND004/run-a.csv',
    'uploads/VEND003/run-b.csv',
    'uploads/VEND005/run-a.csv',
  ]);
});
