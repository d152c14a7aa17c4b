import { setTimeout as sleep } from 'node:timers/promises';
import { VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import { expect, it, vi } from 'vitest';
import type { TimeLine } from '../time-line.ts';
import type { Pipeline } from './pipeline.ts';
import { runBlackFriday } from './run.ts';
import { View } from './view.ts';
import { listUploads } from './workload.ts';

const SETTINGS = { PARSER_LATENCY_MS: '0', FAIL_VENDOR: '' };

it.each(['at once', 'a little later'])(
  'an upload that fails %s ends the run, which puts back what it changed',
  async (when) => {
    const latency = { variable: '0', beforeCodeMs: 0, holding: async () => 0, end: vi.fn(async () => {}) };
    const configureParser = vi.fn(async () => {});
    const upload = vi.fn(async () => {
      if (when !== 'at once') await sleep(5);
      throw new Error('The specified bucket does not exist');
    });
    const pipeline: Partial<Pipeline> = {
      failureQueue: async () => ({ visible: 0, inFlight: 0 }),
      parserSettings: (async () => SETTINGS) as Pipeline['parserSettings'],
      slowParser: async () => latency,
      configureParser,
      upload,
    };
    const time: TimeLine = {
      isVirtual: false,
      now: async () => Date.now(),
      pass: (ms) => sleep(ms),
      end: async () => {},
    };
    const run = runBlackFriday(pipeline as Pipeline, time, new View({ write: () => {} }), {
      run: 'one',
      files: listUploads(VENDOR_UPLOADS_DIR, 20, 'one'),
      windowMs: 500,
      copies: 1,
      parserLatencyMs: 5_000,
      failVendor: '',
      patienceMs: 1_000,
      lookEveryMs: 60_000,
      signal: new AbortController().signal,
    });
    await expect(run).rejects.toThrow('The specified bucket does not exist');
    expect(upload.mock.calls.length).toBeLessThan(20);
    expect(latency.end).toHaveBeenCalledOnce();
    expect(configureParser).toHaveBeenLastCalledWith(SETTINGS);
  },
);
