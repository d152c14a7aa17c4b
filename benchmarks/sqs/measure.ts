import { jsonCall } from '../src/http-load.ts';
import { median, percentile } from '../src/numbers.ts';
import { BATCH_SIZE, REQUESTS_PER_UNIT, type Target, type Workload } from './calls.ts';
import type { Load } from './load.ts';
import { BARE, type ServerKind, type ServerUnderTest } from './servers.ts';

/** How much of everything; the smoke test is small. */
export interface Plan {
  readonly rounds: number;
  /** Length of one measured stretch. */
  readonly stretchMs: number;
  readonly connections: readonly number[];
  /** Messages waiting in the queue. */
  readonly backlogs: readonly number[];
  readonly wakeUps: number;
}

export interface Cell {
  readonly perSecond: number;
  readonly cpuMicrosPerRequest: number | undefined;
  /** Medians of the rounds: this server to the bare one in the same round, more is better. */
  readonly ratio: number;
}

/** A line of the result: workload, and each server's cell. */
export interface Row {
  readonly name: string;
  readonly cells: ReadonlyMap<string, Cell>;
}

export interface WakeUp {
  readonly p50: number;
  readonly p99: number;
}

export interface Report {
  readonly rows: readonly Row[];
  readonly wakeUps: ReadonlyMap<string, WakeUp>;
  /** Resident and live heap bytes per waiting message. */
  readonly bytesPerMessage: ReadonlyMap<string, { readonly resident: number; readonly heap: number | undefined }>;
}

/** A fill takes at most this long; who is slower has no cell in the row. */
const FILL_MS_MAX = 60_000;
const REQUESTS_MIN = 32;
const MESSAGES_FOR_MEMORY_MIN = 1_000;

class Contestant {
  readonly kind: ServerKind;
  readonly server: ServerUnderTest;
  readonly load: Load;
  #queues = 0;

  constructor(kind: ServerKind, server: ServerUnderTest, load: Load) {
    this.kind = kind;
    this.server = server;
    this.load = load;
  }

  async createQueue(): Promise<Target> {
    const { port } = this.server;
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: jsonCall('AmazonSQS.CreateQueue'),
      body: JSON.stringify({ QueueName: `q${++this.#queues}`, Attributes: { VisibilityTimeout: '600' } }),
    });
    const { QueueUrl } = (await answer.json()) as { QueueUrl: string };
    return { port, queueUrl: QueueUrl };
  }

  /** Puts messages into a queue; false when that takes too long. */
  async fill(target: Target, messages: number): Promise<boolean> {
    if (this.server.name === BARE) return true;
    const until = performance.now() + FILL_MS_MAX;
    for (let left = Math.ceil(messages / BATCH_SIZE); left > 0; ) {
      const count = Math.min(left, 2_000);
      await this.load.run(target, 'send-batch', 16, count);
      left -= count;
      if (left > 0 && performance.now() > until) return false;
    }
    return true;
  }
}

interface Stretch {
  readonly perSecond: number;
  readonly requests: number;
  readonly cpuMs: number | undefined;
}

const stretch = async (
  { server, load }: Contestant,
  target: Target,
  workload: Workload,
  connections: number,
  count: number,
): Promise<Stretch> => {
  const before = server.cpuMs();
  const { perSecond } = await load.run(target, workload, connections, count);
  const after = server.cpuMs();
  return {
    perSecond: perSecond / REQUESTS_PER_UNIT[workload],
    requests: count,
    cpuMs: before === undefined || after === undefined ? undefined : after - before,
  };
};

/** One row: all servers in turn, round after round, so that what else the machine does meets all of them. */
const measureRow = async (
  name: string,
  contestants: readonly Contestant[],
  workload: Workload,
  connections: number,
  backlog: number,
  plan: Plan,
): Promise<Row> => {
  const takes = workload === 'receive-delete';
  const entrants: { contestant: Contestant; target: Target; count: number; stretches: Stretch[] }[] = [];
  for (const contestant of contestants) {
    if (backlog > contestant.kind.backlogMax) continue;
    const target = await contestant.createQueue();
    if (!(await contestant.fill(target, backlog + (takes ? REQUESTS_MIN * 2 : 0)))) continue;
    // Finds the number of requests that fill a stretch, and warms the server up.
    let count = REQUESTS_MIN;
    for (let tries = 0; tries < 3; tries++) {
      if (takes && tries > 0) await contestant.fill(target, count / 2);
      const { perSecond, seconds } = await contestant.load.run(target, workload, connections, count);
      if (seconds * 1_000 > plan.stretchMs) break;
      count = Math.max(REQUESTS_MIN, Math.min(count * 20, Math.ceil((perSecond * plan.stretchMs) / 1_000)));
    }
    entrants.push({ contestant, target, count, stretches: [] });
  }
  for (let round = 0; round < plan.rounds; round++) {
    for (const { contestant, target, count, stretches } of entrants) {
      if (takes) await contestant.fill(target, count / 2);
      stretches.push(await stretch(contestant, target, workload, connections, count));
    }
  }
  const bare = entrants.find(({ contestant }) => contestant.server.name === BARE)?.stretches ?? [];
  const cells = new Map<string, Cell>();
  for (const { contestant, stretches } of entrants) {
    const cpuMs = stretches.reduce((sum, { cpuMs: ms }) => sum + (ms ?? Number.NaN), 0);
    const requests = stretches.reduce((sum, one) => sum + one.requests, 0);
    cells.set(contestant.server.name, {
      perSecond: median(stretches.map(({ perSecond }) => perSecond)),
      cpuMicrosPerRequest: Number.isNaN(cpuMs) ? undefined : (cpuMs * 1_000) / requests,
      ratio: median(stretches.map(({ perSecond }, round) => perSecond / (bare[round]?.perSecond ?? Number.NaN))),
    });
  }
  return { name, cells };
};

/** Starts every server, measures all rows, and stops them. `tell` hears of progress. */
export const measure = async (
  kinds: readonly ServerKind[],
  load: Load,
  plan: Plan,
  tell: (text: string) => void,
  isWanted: (row: string) => boolean = () => true,
): Promise<Report> => {
  const contestants: Contestant[] = [];
  try {
    for (const kind of kinds) {
      tell(`starting ${kind.name}`);
      contestants.push(new Contestant(kind, await kind.start(), load));
    }
    const rows: Row[] = [];
    const row = async (workload: Workload, connections: number, backlog: number): Promise<void> => {
      const waiting = backlog === 0 ? '' : `, ${backlog.toLocaleString('en-US')} waiting`;
      const name = `${workload}, ${connections} connection${connections === 1 ? '' : 's'}${waiting}`;
      if (!isWanted(name)) return;
      tell(name);
      rows.push(await measureRow(name, contestants, workload, connections, backlog, plan));
    };
    const middle = plan.connections.includes(16) ? 16 : (plan.connections.at(-1) ?? 1);
    for (const connections of plan.connections) await row('send', connections, 0);
    await row('send-batch', middle, 0);
    for (const connections of plan.connections) await row('mixed', connections, 0);

    const wakeUps = new Map<string, WakeUp>();
    if (isWanted('wake-up')) {
      tell('wake-up');
      for (const contestant of contestants.filter(({ server }) => server.name !== BARE)) {
        const target = await contestant.createQueue();
        await load.wakeUps(target, Math.min(50, plan.wakeUps));
        const latencies = await load.wakeUps(target, plan.wakeUps);
        wakeUps.set(contestant.server.name, { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) });
      }
    }

    for (const backlog of plan.backlogs) {
      await row('receive-delete', middle, backlog);
      await row('mixed', middle, backlog);
    }

    const bytesPerMessage = new Map<string, { resident: number; heap: number | undefined }>();
    const messages = Math.max(MESSAGES_FOR_MEMORY_MIN, ...plan.backlogs);
    if (isWanted('memory')) {
      tell('memory');
      for (const kind of kinds.filter(({ name, backlogMax }) => name !== BARE && backlogMax >= messages)) {
        const server = await kind.start();
        try {
          const contestant = new Contestant(kind, server, load);
          const target = await contestant.createQueue();
          await contestant.fill(target, MESSAGES_FOR_MEMORY_MIN);
          const [resident, heap] = [server.residentBytes(), await server.heapBytes()];
          if (!(await contestant.fill(target, messages))) continue;
          const heapAfter = await server.heapBytes();
          const residentAfter = server.residentBytes();
          if (resident === undefined || residentAfter === undefined) continue;
          bytesPerMessage.set(kind.name, {
            resident: (residentAfter - resident) / messages,
            heap: heap === undefined || heapAfter === undefined ? undefined : (heapAfter - heap) / messages,
          });
        } finally {
          await server.stop();
        }
      }
    }
    return { rows, wakeUps, bytesPerMessage };
  } finally {
    for (const { server } of contestants) await server.stop();
  }
};
