import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutionEnvironment } from './environment.ts';
import { ProcessorShare } from './processor-share.ts';
import { TestRuntime } from './test-runtime.ts';

describe('ProcessorShare', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  const environment = (isResting: boolean) => ({ isResting: () => isResting }) as ExecutionEnvironment;
  const share = (running: readonly ExecutionEnvironment[], onLook = () => {}) => new ProcessorShare(2, running, onLook);

  it.each([
    ['nobody runs', [], true],
    ['one computes', [false], true],
    ['two compute', [false, false], false],
    ['two compute and others rest', [true, false, true, false], false],
    ['one computes and others rest', [true, false, true], true],
  ] as const)('with two processors, when %s, there is room: %j', (_, running, expected) => {
    expect(share(running.map(environment)).hasRoom(performance.now())).toBe(expected);
  });

  it('looks again for who was told that there is none, once for all of them', () => {
    const onLook = vi.fn();
    const full = share([environment(false), environment(false)], onLook);
    for (let asked = 0; asked < 10; asked++) full.hasRoom(performance.now());
    vi.advanceTimersByTime(1_000);
    expect(onLook).toHaveBeenCalledOnce();
  });

  it('who has waited for a second starts anyway, as many as there are processors in each second', () => {
    const full = share([environment(false), environment(false)]);
    const since = performance.now();
    const starts: number[] = [];
    for (let ms = 0; ms <= 3_100; ms += 50) {
      while (full.hasRoom(since)) starts.push(Math.floor(performance.now() - since));
      vi.advanceTimersByTime(50);
    }
    expect(starts.map((ms) => Math.floor(ms / 1_000))).toEqual([1, 1, 2, 2, 3, 3].slice(0, starts.length));
    expect(starts.length).toBeGreaterThanOrEqual(4);
    full.close();
  });
});

describe('FunctionEnvironments with two processors', () => {
  let runtime: TestRuntime;
  afterEach(() => runtime.close());

  const many = (count: number, timeoutSeconds = 60, isAwaited = false) =>
    Array.from({ length: count }, () => runtime.invoke({ spec: { timeoutSeconds }, isAwaited }));

  it.each(['live', 'virtual'] as const)('all who only wait run side by side, in %s time', async (mode) => {
    runtime = new TestRuntime(mode, false);
    runtime.write(
      'index.mjs',
      'export const handler = () => new Promise((resolve) => setTimeout(resolve, 30_000, 1));',
    );
    const runs = many(6);
    if (mode === 'live')
      await vi.waitFor(() => expect(runs.map(({ starts }) => starts)).toEqual(Array(6).fill([true])), {
        timeout: 20_000,
      });
    else await runtime.virtual.advance(30_000);
    expect(runtime.environments.environmentCount).toBeGreaterThanOrEqual(6);
  });

  it('code that computes for long holds up neither its own function for more than moments, nor another at all', async () => {
    runtime = new TestRuntime('live', false);
    runtime.write('index.mjs', 'export const handler = () => { for (;;); };');
    runtime.write('other.mjs', 'export const handler = async () => 7;');
    const runs = many(5);
    const other = runtime.invoke({ spec: { functionName: 'other', handler: 'other.handler', timeoutSeconds: 60 } });
    expect((await other.outcome).payload).toBe('7');
    // None of the first ones ends before the test does.
    await vi.waitFor(() => expect(runs.map(({ starts }) => starts.length)).toEqual(Array(5).fill(1)), {
      timeout: 30_000,
    });
  });

  it.each(['live', 'virtual'] as const)('each who waits is served in the end, in %s time', async (mode) => {
    runtime = new TestRuntime(mode, false);
    runtime.write(
      'index.mjs',
      'export const handler = async () => { let sum = 0; for (let i = 0; i < 3e6; i++) sum += i; return sum; };',
    );
    const runs = many(24);
    if (mode === 'virtual') await runtime.virtual.advance(0);
    const outcomes = await Promise.all(runs.map(({ outcome }) => outcome));
    expect(outcomes.map(({ kind }) => kind)).toEqual(Array(24).fill('success'));
    expect(runtime.environments.isQuiet).toBe(true);
  });

  it('in virtual time nobody passes the line by an environment that was begun ahead', async () => {
    runtime = new TestRuntime('virtual', false);
    runtime.write('index.mjs', 'export const handler = async () => 1;');
    const runs = many(4);
    runtime.environments.wake(runtime.time.now());
    expect(runs.map(({ starts }) => starts.length)).toEqual([1, 1, 0, 0]);
    await runtime.virtual.advance(0);
    expect(runs.map(({ starts }) => starts.length)).toEqual([1, 1, 1, 1]);
  });

  it('a function that never pauses lets go of a place for another that has waited for a second', async () => {
    runtime = new TestRuntime('live', false);
    runtime.write('index.mjs', 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 50, 1));');
    let isOver = false;
    const again = async (): Promise<void> => {
      while (!isOver) await runtime.invoke({ spec: { timeoutSeconds: 60 } }).outcome;
    };
    // As many as there may be environments, and as many who wait for them.
    const all = Array.from({ length: 16 }, again);
    await vi.waitFor(() => expect(runtime.environments.environmentCount).toBe(8), { timeout: 20_000 });
    const other = runtime.invoke({ spec: { functionName: 'other', timeoutSeconds: 60 } });
    expect((await other.outcome).payload).toBe('1');
    isOver = true;
    await Promise.all(all);
  });

  it('says that a function is crowded while hundreds of its invocations wait for a processor, and no other is', async () => {
    runtime = new TestRuntime('live', false);
    runtime.write(
      'index.mjs',
      'export const handler = async () => { let sum = 0; for (let i = 0; i < 1e6; i++) sum += i; return sum; };',
    );
    const isCrowded = (functionName: string) =>
      runtime.environments.isCrowded(runtime.specOf({ functionName, timeoutSeconds: 60 }));
    const runs = many(250);
    expect(isCrowded('fn')).toBe(false);
    runs.push(...many(10));
    expect([isCrowded('fn'), isCrowded('other')]).toEqual([true, false]);
    await Promise.all(runs.map(({ outcome }) => outcome));
    expect(isCrowded('fn')).toBe(false);
  });

  it('in virtual time an invocation that is due when the engine ends is not begun, and who waits for it is told', async () => {
    runtime = new TestRuntime('virtual', false);
    runtime.write('index.mjs', 'export const handler = async () => 1;');
    const [run] = many(1, 60, true);
    await runtime.environments.close();
    expect((await run?.outcome)?.errorType).toBe('Runtime.ExitError');
  });

  it('invocations that wait when the engine ends are not begun, and who waits for them is told', async () => {
    runtime = new TestRuntime('live', false);
    runtime.write('index.mjs', 'export const handler = () => { for (;;); };');
    const runs = many(4, 60, true);
    await runtime.environments.close();
    const outcomes = await Promise.all(runs.map(({ outcome }) => outcome));
    expect(outcomes.map(({ errorType }) => errorType)).toEqual(Array(4).fill('Runtime.ExitError'));
    expect(runtime.environments.environmentCount).toBeLessThanOrEqual(2);
  });
});
