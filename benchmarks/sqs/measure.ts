import { percentile } from '../src/numbers.ts';
import type { ServerKind, ServerUnderTest } from '../src/servers.ts';
import { Contestant, type FilledQueue } from './contestant.ts';
import type { Load } from './load.ts';
import { measureRow, type Row, type RowQuestion, type RowTimes, rowName } from './row.ts';

/** How much of everything; the smoke test is small. */
export interface Plan extends RowTimes {
  readonly connections: readonly number[];
  /** Messages waiting in the queue. */
  readonly backlogs: readonly number[];
  /** Of each server; they take turns. */
  readonly wakeUps: number;
  /** Time for all wake-ups of one server. */
  readonly wakeUpMs: number;
  /** Share of the time that a server is warmed up before everything, between 0 and 1; smoke tests have none. */
  readonly warmUp: number;
  /** No row begins later than this. */
  readonly totalMs: number;
}

export interface WakeUp {
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly wakeUps: ReadonlyMap<string, WakeUp | string>;
  /** Names of rows that there was no time for. */
  readonly left: readonly string[];
  /** Servers that were lost on the way, and how. */
  readonly failures: readonly string[];
}

/** Whom to tell what is going on, and which rows are asked for. */
export interface Audience {
  readonly tell: (text: string) => void;
  readonly isWanted: (row: string) => boolean;
}

/** Wake-ups that one server is measured with before the next one has its turn. */
const WAKE_UPS_PER_TURN = 100;
const WARM_UP_CONNECTIONS = 16;
const WARM_UP_STRETCH_MS = 500;

/** Sends and takes for a while, with many connections and with one: compiled code is what a server is measured with. */
const warmUp = async (contestant: Contestant, forMs: number): Promise<void> => {
  const queue = await contestant.createQueue();
  const until = performance.now() + forMs;
  const time = { forMs: WARM_UP_STRETCH_MS, graceMs: WARM_UP_STRETCH_MS };
  while (performance.now() < until) {
    await contestant.stretch(queue, 'mixed', WARM_UP_CONNECTIONS, time);
    await contestant.stretch(queue, 'send-batch', WARM_UP_CONNECTIONS, { ...time, forMs: WARM_UP_STRETCH_MS / 5 });
  }
  await contestant.deleteQueue(queue);
};

const measureWakeUps = async (
  queues: ReadonlyMap<Contestant, FilledQueue>,
  { wakeUps, wakeUpMs }: Plan,
): Promise<Report['wakeUps']> => {
  const found = new Map<string, WakeUp | string>();
  const measured = new Map(
    [...queues].map(([contestant, queue]) => [contestant, { queue, latencies: [] as number[], spentMs: 0 }]),
  );
  const perTurn = Math.min(WAKE_UPS_PER_TURN, wakeUps);
  for (let turn = 0; turn <= Math.ceil(wakeUps / perTurn); turn++) {
    for (const [contestant, state] of measured) {
      if (state.spentMs > wakeUpMs || found.has(contestant.name)) continue;
      const begin = performance.now();
      try {
        const latencies = await contestant.wakeUps(state.queue, perTurn, wakeUpMs / 4);
        // The first turn is for getting warm.
        if (turn > 0) state.latencies.push(...latencies);
      } catch (error) {
        found.set(contestant.name, String(error));
      }
      state.spentMs += performance.now() - begin;
    }
  }
  for (const [{ name }, { latencies }] of measured) {
    if (found.has(name)) continue;
    const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
    found.set(name, { p50, p99, samples: latencies.length });
  }
  return found;
};

/** Rows over queues of their own, then rows over one queue that grows from backlog to backlog. */
const questionsOf = ({ connections, backlogs }: Plan): { short: RowQuestion[]; deep: RowQuestion[] } => {
  const middle = connections.includes(16) ? 16 : (connections.at(-1) ?? 1);
  const [least = 0, ...more] = backlogs;
  const short: RowQuestion[] = [];
  for (const workload of ['send', 'send-batch', 'mixed'] as const) {
    for (const each of connections) short.push({ workload, connections: each, backlog: 0 });
  }
  const deep: RowQuestion[] = connections.map((each) => ({
    workload: 'receive-delete',
    connections: each,
    backlog: least,
  }));
  deep.push({ workload: 'receive-delete-batch', connections: middle, backlog: least });
  deep.push({ workload: 'mixed', connections: middle, backlog: least });
  for (const backlog of more) {
    deep.push({ workload: 'receive-delete', connections: middle, backlog });
    deep.push({ workload: 'mixed', connections: middle, backlog });
  }
  return { short, deep };
};

/** Starts every server, measures all rows, and stops them. */
export const measure = async (
  kinds: readonly ServerKind[],
  load: Load,
  plan: Plan,
  { tell, isWanted }: Audience,
): Promise<Report> => {
  const servers: ServerUnderTest[] = [];
  const alive = new Set<Contestant>();
  const failures: string[] = [];
  const rows: Row[] = [];
  const left: string[] = [];
  const until = performance.now() + plan.totalMs;
  const isDue = (name: string): boolean => {
    if (!isWanted(name)) return false;
    if (performance.now() < until) return true;
    left.push(name);
    return false;
  };
  /** Who does not even manage this is dead, and takes no part any longer. */
  const forAll = async (act: (contestant: Contestant) => Promise<void>): Promise<void> => {
    for (const contestant of [...alive]) {
      try {
        await act(contestant);
      } catch (error) {
        alive.delete(contestant);
        failures.push(`${contestant.name}: ${error}`);
      }
    }
  };
  const queuesOfAll = async (): Promise<Map<Contestant, FilledQueue>> => {
    const queues = new Map<Contestant, FilledQueue>();
    await forAll(async (contestant) => {
      queues.set(contestant, await contestant.createQueue());
    });
    return queues;
  };
  const measured = async (question: RowQuestion, queues: ReadonlyMap<Contestant, FilledQueue>): Promise<Row> => {
    const row = await measureRow(question, queues, plan);
    rows.push(row);
    const seconds = [...row.tookMs].map(([name, tookMs]) => `${name} ${(tookMs / 1_000).toFixed(1)} s`);
    tell(`${row.name}: ${seconds.join('; ')}`);
    return row;
  };
  try {
    for (const kind of kinds) {
      tell(`starting ${kind.name}`);
      const server = await kind.start();
      servers.push(server);
      const contestant = new Contestant(server, load);
      alive.add(contestant);
      await warmUp(contestant, kind.warmUpMs * plan.warmUp);
    }
    const { short, deep } = questionsOf(plan);
    for (const question of short) {
      if (!isDue(rowName(question))) continue;
      const queues = await queuesOfAll();
      await measured(question, queues);
      await forAll(async (contestant) => {
        const queue = queues.get(contestant);
        if (queue !== undefined) await contestant.deleteQueue(queue);
      });
    }
    const wakeUps = isDue('wake-up') ? await measureWakeUps(await queuesOfAll(), plan) : new Map();

    const queues = await queuesOfAll();
    for (const question of deep) {
      if (!isDue(rowName(question))) continue;
      const row = await measured(question, queues);
      for (const contestant of [...queues.keys()]) {
        const cell = row.cells.get(contestant.name);
        // Who could not be given this backlog need not try a larger one; it has its cell for the other workload.
        const isShort = typeof cell === 'string' || cell?.waiting !== undefined;
        if (isShort && question.workload === 'mixed') queues.delete(contestant);
      }
    }
    return { rows, wakeUps, left, failures };
  } finally {
    for (const server of servers) await server.stop();
  }
};
