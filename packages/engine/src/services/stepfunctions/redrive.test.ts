import { DAY_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { StatesBench } from './state-machine-bench.ts';

interface MapRun {
  readonly mapRunArn: string;
  readonly status: string;
  readonly redriveCount: number;
  readonly executionCounts: Readonly<Record<string, number>>;
}

const ITEMS = ['a', 'b', 'c', 'd'];

/** A function that fails for some items until it is mended; it tells what it was asked, in order. */
const prepare = async (failing: readonly string[]) => {
  const bench = new StatesBench();
  const Resource = await bench.addFunction('worker');
  const asked: string[] = [];
  let broken: readonly string[] = failing;
  bench.functions.set('worker', ({ payload }) => {
    asked.push(JSON.parse(payload) as string);
    return broken.includes(JSON.parse(payload) as string)
      ? { error: { errorType: 'Broken', errorMessage: '' } }
      : { result: payload };
  });
  const redrive = async (executionArn: string): Promise<void> => {
    await bench.call('states', 'RedriveExecution', { executionArn });
    await bench.advance(1_000);
  };
  const mend = (): void => {
    broken = [];
    asked.length = 0;
  };
  const typesOf = async (arn: string) => (await bench.history(arn)).map(({ type }) => type as string);
  return { bench, Resource, asked, mend, redrive, typesOf };
};

const begin = async (bench: StatesBench, state: object, input: unknown): Promise<string> => {
  const arn = await bench.begin(await bench.create({ StartAt: 'A', States: { A: { ...state, End: true } } }), input);
  await bench.advance(1_000);
  return arn;
};

const mapRunOf = async (bench: StatesBench, executionArn: string): Promise<MapRun> => {
  const { mapRuns } = await bench.call<{ mapRuns: { mapRunArn: string }[] }>('states', 'ListMapRuns', { executionArn });
  expect(mapRuns).toHaveLength(1);
  return bench.call<MapRun>('states', 'DescribeMapRun', { mapRunArn: mapRuns[0]?.mapRunArn });
};

const distributed = (Resource: string, ExecutionType: string, more: object = {}) => ({
  Type: 'Map',
  MaxConcurrency: 1,
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType },
    StartAt: 'Each',
    States: { Each: { Type: 'Task', Resource, End: true } },
  },
  ...more,
});

describe('the redrive of a map run', () => {
  it.each(['STANDARD', 'EXPRESS'])('takes up %s children that failed, and begins those that had not', async (type) => {
    const { bench, Resource, asked, mend, redrive, typesOf } = await prepare(['b']);
    const arn = await begin(bench, distributed(Resource, type), ITEMS);
    expect(await bench.describe(arn)).toMatchObject({ status: 'FAILED' });
    expect((await mapRunOf(bench, arn)).executionCounts).toMatchObject({ succeeded: 1, failed: 1, pending: 2 });

    mend();
    await redrive(arn);

    expect(asked).toEqual(['b', 'c', 'd']);
    expect(await bench.describe(arn)).toMatchObject({
      status: 'SUCCEEDED',
      output: JSON.stringify(ITEMS.map((i) => JSON.stringify(i))),
    });
    expect(await mapRunOf(bench, arn)).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
      executionCounts: { succeeded: 4, failed: 0, pending: 0, pendingRedrive: 0 },
    });
    expect((await typesOf(arn)).slice(-6)).toEqual([
      'ExecutionRedriven',
      'MapRunRedriven',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
  });

  it('goes on with a standard child where it failed: its ARN stays, and its count goes up', async () => {
    const { bench, Resource, mend, redrive } = await prepare(['b']);
    const arn = await begin(bench, distributed(Resource, 'STANDARD'), ITEMS);
    const { mapRunArn } = await mapRunOf(bench, arn);
    const failed = () =>
      bench.call<{ executions: { executionArn: string }[] }>('states', 'ListExecutions', {
        mapRunArn,
        statusFilter: 'FAILED',
      });
    const [child] = (await failed()).executions;
    mend();
    await redrive(arn);

    expect((await failed()).executions).toEqual([]);
    expect(await bench.describe(child?.executionArn as string)).toMatchObject({
      status: 'SUCCEEDED',
      redriveCount: 1,
    });
  });

  it('may fail again, and be asked for again', async () => {
    const { bench, Resource, asked, mend, redrive } = await prepare(['b', 'c']);
    const tolerant = distributed(Resource, 'STANDARD', { ToleratedFailureCount: 1 });
    const arn = await begin(bench, tolerant, ITEMS);
    expect(asked).toEqual(['a', 'b', 'c']);
    asked.length = 0;
    await redrive(arn);
    expect(asked).toEqual(['b', 'c']);
    expect(await mapRunOf(bench, arn)).toMatchObject({
      status: 'FAILED',
      redriveCount: 1,
      executionCounts: { failed: 2, pending: 1 },
    });

    mend();
    await redrive(arn);

    expect(asked).toEqual(['b', 'c', 'd']);
    expect(await mapRunOf(bench, arn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 2 });
  });

  it('takes up what was stopped from outside', async () => {
    const { bench, redrive } = await prepare([]);
    const waiting = {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Each',
        States: { Each: { Type: 'Wait', Seconds: 30, End: true } },
      },
    };
    const arn = await begin(bench, waiting, ITEMS);
    await bench.call('states', 'StopExecution', { executionArn: arn });
    expect((await mapRunOf(bench, arn)).executionCounts).toMatchObject({ aborted: 4 });

    await redrive(arn);
    await bench.advance(30_000);

    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('a restart amid the redrive of a map run', () => {
  it('loses nobody who waits for his turn', async () => {
    const store = new MapStore();
    const before = new StatesBench({ store });
    const ItemProcessor = {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Each',
      States: { Each: { Type: 'Wait', Seconds: 30, End: true } },
    };
    const arn = await begin(before, { Type: 'Map', ItemProcessor }, ITEMS);
    const { mapRunArn } = await mapRunOf(before, arn);
    await before.call('states', 'UpdateMapRun', { mapRunArn, maxConcurrency: 1 });
    await before.call('states', 'StopExecution', { executionArn: arn });
    await before.call('states', 'RedriveExecution', { executionArn: arn });
    expect(await mapRunOf(before, arn)).toMatchObject({ executionCounts: { running: 1, pendingRedrive: 3 } });

    const after = new StatesBench({ store, start: before.clock.now(), seed: 2 });
    await after.advance(4 * 30_000);

    expect(await after.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await mapRunOf(after, arn)).toMatchObject({ executionCounts: { succeeded: 4, pendingRedrive: 0 } });
  });
});

describe('the redrive of branches and items', () => {
  const branch = (Resource: string, name: string) => ({
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource, InputPath: `$.${name}`, End: true } },
  });

  it('leaves branches alone that have succeeded', async () => {
    const { bench, Resource, asked, mend, redrive } = await prepare(['b']);
    const Branches = [branch(Resource, 'a'), branch(Resource, 'b')];
    const arn = await begin(bench, { Type: 'Parallel', Branches }, { a: 'a', b: 'b' });
    expect(await bench.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken' });

    mend();
    await redrive(arn);

    expect(asked).toEqual(['b']);
    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '["\\"a\\"","\\"b\\""]' });
  });

  it('goes on with items that failed, and then with those that had not begun', async () => {
    const { bench, Resource, asked, mend, redrive } = await prepare(['b']);
    const ItemProcessor = { StartAt: 'Each', States: { Each: { Type: 'Task', Resource, End: true } } };
    const arn = await begin(bench, { Type: 'Map', MaxConcurrency: 1, ItemProcessor }, ITEMS);
    expect(asked).toEqual(['a', 'b']);

    mend();
    await redrive(arn);

    expect(asked).toEqual(['b', 'c', 'd']);
    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });

  it('takes up branches that were stopped with the one that failed', async () => {
    const { bench, Resource, mend, redrive } = await prepare(['b']);
    const wait = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 30, End: true } } };
    const Branches = [wait, branch(Resource, 'b')];
    const arn = await begin(bench, { Type: 'Parallel', Branches }, { b: 'b' });

    mend();
    await redrive(arn);
    expect(await bench.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await bench.advance(30_000);

    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});

describe('a restart before the redrive of branches and items', () => {
  it('takes nothing of what had succeeded away', async () => {
    const store = new MapStore();
    const before = new StatesBench({ store });
    const Resource = await before.addFunction('worker');
    const runs = (bench: StatesBench, isBroken: boolean): string[] => {
      const asked: string[] = [];
      bench.functions.set('worker', ({ payload }) => {
        asked.push(payload);
        return isBroken && payload === '2' ? { error: { errorType: 'Broken', errorMessage: '' } } : { result: payload };
      });
      return asked;
    };
    const task = { Type: 'Task', Resource, End: true };
    const items = { Type: 'Map', MaxConcurrency: 1, ItemProcessor: { StartAt: 'I', States: { I: task } }, End: true };
    const Branches = [
      { StartAt: 'Items', States: { Items: items } },
      { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 30, End: true } } },
    ];
    runs(before, true);
    const arn = await begin(before, { Type: 'Parallel', Branches }, [1, 2, 3]);
    expect(await before.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken' });

    const after = new StatesBench({ store, start: before.clock.now(), seed: 2 });
    const asked = runs(after, false);
    await after.call('states', 'RedriveExecution', { executionArn: arn });
    await after.advance(31_000);

    expect(asked).toEqual(['2', '3']);
    expect(await after.describe(arn)).toMatchObject({ status: 'SUCCEEDED', output: '[["1","2","3"],[1,2,3]]' });
  });
});

describe('a redriven execution', () => {
  it('has its time anew', async () => {
    const { bench, redrive } = await prepare([]);
    const machine = { StartAt: 'A', TimeoutSeconds: 60, States: { A: { Type: 'Wait', Seconds: 59, End: true } } };
    const arn = await bench.begin(await bench.create(machine));
    await bench.advance(30_000);
    await bench.call('states', 'StopExecution', { executionArn: arn });
    await redrive(arn);
    await bench.advance(58_000);

    expect(await bench.describe(arn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  });

  it('is refused after fourteen days', async () => {
    const { bench, Resource, redrive } = await prepare(['a']);
    const arn = await begin(bench, distributed(Resource, 'EXPRESS'), ['a']);
    await bench.advance(14 * DAY_MS);

    expect(await bench.describe(arn)).toMatchObject({
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution redrivable period exceeded',
    });
    await expect(redrive(arn)).rejects.toThrow(
      `Execution is not redrivable: ${arn}, Execution redrivable period exceeded`,
    );
  });

  it('is refused when its history is full', async () => {
    const { bench, redrive } = await prepare([]);
    const pass = (Next: string) => ({ Type: 'Pass', Next });
    const arn = await bench.begin(await bench.create({ StartAt: 'A', States: { A: pass('B'), B: pass('A') } }));
    await bench.advance(1_000);

    expect(await bench.describe(arn)).toMatchObject({
      status: 'FAILED',
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution history event limit exceeded',
    });
    await expect(redrive(arn)).rejects.toThrow('Execution history event limit exceeded');
  });
});
