import { seededRandom } from '@holdfast/kernel';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { FuzzEngine } from './fuzz-engine.ts';
import { sendNoise } from './wire-noise.ts';

let fuzz: FuzzEngine;
beforeAll(async () => {
  fuzz = await FuzzEngine.start(1);
});
afterAll(() => fuzz.close());

it('answers mutated requests to every operation, and none as a failure of its own', async () => {
  const said = vi.spyOn(console, 'error');
  const { statuses, findings } = await fuzz.run(1_000);
  expect(findings).toEqual([]);
  expect(said).not.toHaveBeenCalled();
  said.mockRestore();
  expect(statuses['200']).toBeGreaterThan(50);
});

it('lives through noise on its port, in both versions of HTTP', async () => {
  const random = seededRandom(2).stream('noise');
  const port = Number(new URL(fuzz.endpoint).port);
  for (let round = 0; round < 10; round++) {
    const answers = await Promise.all(Array.from({ length: 25 }, () => sendNoise(port, random)));
    for (const answer of answers) expect(answer).not.toMatch(/^HTTP\/1\.1 500/);
  }
  expect((await fetch(`${fuzz.endpoint}/_holdfast/health`)).status).toBe(200);
});
