import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionEnvironment } from './environment.ts';
import { CALLS } from './pace.ts';
import { RunningEnvironments } from './running-environments.ts';

describe('RunningEnvironments', () => {
  let now = 0;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setImmediate'] });
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it.each([
    ['lets threads stay awake for a lone caller whose calls follow each other', 2, 1, 1],
    ['lets them sleep when the calls go to one after the other', 2, 2, 0],
    ['lets them sleep with a single processor, which they would keep from the others', 1, 1, 0],
  ])('%s', (_, processors, count, expected) => {
    const running = new RunningEnvironments(processors);
    const environments = Array.from({ length: count }, () => ({}) as ExecutionEnvironment);
    for (let call = 0; call < CALLS + 2; call++) {
      const environment = environments[call % count] as ExecutionEnvironment;
      running.add(environment);
      running.delete(environment);
      vi.runAllTimers();
      now += 0.2;
    }
    expect(new Int32Array(running.awake)[0]).toBe(expected);
  });
});
