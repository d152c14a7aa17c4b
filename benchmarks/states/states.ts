import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LocalEngine } from '@holdfast/local';
import { directoryBytes } from './directory-bytes.ts';

export interface StatesOptions {
  /** Executions of each kind, each going through `loops` rounds of three states. */
  readonly executions: number;
  readonly loops: number;
  /** Executions that wait for a day. */
  readonly waiting: number;
}

export interface Speed {
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly isDurable: boolean;
  readonly transitionsPerSecond: number;
}

export interface Waiting {
  readonly isDurable: boolean;
  readonly executions: number;
  readonly heapBytesEach: number;
  readonly diskBytesEach: number;
}

export interface StatesResult {
  readonly speeds: readonly Speed[];
  readonly waiting: readonly Waiting[];
}

const ROLE = 'arn:aws:iam::000000000000:role/bench';

/** Counts up, looks whether it is enough, and goes round: what a workflow that tries again is made of. */
const loop = (rounds: number) => ({
  StartAt: 'Begin',
  States: {
    Begin: { Type: 'Pass', Result: { n: 0 }, Next: 'Count' },
    Count: { Type: 'Pass', Parameters: { 'n.$': 'States.MathAdd($.n, 1)' }, Next: 'Keep' },
    Keep: { Type: 'Pass', Next: 'Enough' },
    Enough: {
      Type: 'Choice',
      Choices: [{ Variable: '$.n', NumericGreaterThanEquals: rounds, Next: 'Done' }],
      Default: 'Count',
    },
    Done: { Type: 'Succeed' },
  },
});

const wait = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 86_400, End: true } } };

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

const withEngine = async <Result>(
  isDurable: boolean,
  act: (engine: LocalEngine, dataDir: string) => Promise<Result>,
): Promise<Result> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'holdfast-bench-states-'));
  const engine = await LocalEngine.start({ port: 0, ...(isDurable ? { dataDir } : {}) });
  try {
    return await act(engine, dataDir);
  } finally {
    await engine.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const call = async <Output>(engine: LocalEngine, action: string, input: object): Promise<Output> =>
  (await engine.engine.call('states', action, input, engine.context())) as Output;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const create = async (engine: LocalEngine, definition: object, type: string): Promise<string> => {
  const made = await call<{ stateMachineArn: string }>(engine, 'CreateStateMachine', {
    name: `bench-${type}`,
    definition: JSON.stringify(definition),
    roleArn: ROLE,
    type,
  });
  return made.stateMachineArn;
};

const speedOf = (type: Speed['type'], isDurable: boolean, { executions, loops }: StatesOptions): Promise<Speed> =>
  withEngine(isDurable, async (engine) => {
    const stateMachineArn = await create(engine, loop(loops), type);
    const start = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) {
        await call(engine, 'StartExecution', { stateMachineArn, input: '{}' });
        // What one turn has written is on disk before the next begins.
        await turn();
      }
    };
    await start(Math.max(1, Math.floor(executions / 10)));
    const before = performance.now();
    await start(executions);
    const seconds = (performance.now() - before) / 1_000;
    return { type, isDurable, transitionsPerSecond: Math.round((executions * (loops * 3 + 2)) / seconds) };
  });

const waitingOf = (isDurable: boolean, { waiting }: StatesOptions): Promise<Waiting> =>
  withEngine(isDurable, async (engine, dataDir) => {
    const stateMachineArn = await create(engine, wait, 'STANDARD');
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < waiting; n++) {
      await call(engine, 'StartExecution', { stateMachineArn, input: `{"order":${n}}` });
      if (n % 100 === 0) await turn();
    }
    await turn();
    collectGarbage();
    const heapBytesEach = Math.round((process.memoryUsage().heapUsed - before) / waiting);
    const diskBytesEach = isDurable ? Math.round(directoryBytes(dataDir) / waiting) : 0;
    return { isDurable, executions: waiting, heapBytesEach, diskBytesEach };
  });

export const measureStates = async (options: StatesOptions): Promise<StatesResult> => {
  const speeds: Speed[] = [];
  const waiting: Waiting[] = [];
  for (const isDurable of [false, true]) {
    for (const type of ['STANDARD', 'EXPRESS'] as const) speeds.push(await speedOf(type, isDurable, options));
    waiting.push(await waitingOf(isDurable, options));
  }
  return { speeds, waiting };
};

export const statesText = ({ speeds, waiting }: StatesResult): string =>
  [
    '| Executions | State kept | Transitions per second |',
    '|---|---|---|',
    ...speeds.map(
      ({ type, isDurable, transitionsPerSecond }) =>
        `| ${type.toLowerCase()} | ${isDurable ? 'on disk' : 'in memory'} | ${transitionsPerSecond.toLocaleString('en')} |`,
    ),
    '',
    '| Waiting executions | State kept | Heap of each | Disk of each |',
    '|---|---|---|---|',
    ...waiting.map(
      ({ isDurable, executions, heapBytesEach, diskBytesEach }) =>
        `| ${executions.toLocaleString('en')} | ${isDurable ? 'on disk' : 'in memory'} | ${heapBytesEach.toLocaleString('en')} B | ${isDurable ? `${diskBytesEach.toLocaleString('en')} B` : '–'} |`,
    ),
  ].join('\n');
