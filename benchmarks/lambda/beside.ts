import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonCall, requestBytes, runLoad, singleRequest } from '../src/http-load.ts';
import { invokeBytes } from '../src/lambda-requests.ts';
import { median, short } from '../src/numbers.ts';
import { BARE, bareKind, OURS, type ServerKind, type ServerUnderTest, serverKinds } from '../src/servers.ts';
import { LambdaServer } from './lambda-server.ts';

/** How much of everything; all lengths are bounds, so that a slow server takes no longer than a fast one. */
export interface BesidePlan {
  readonly rounds: number;
  /** Share of the time that a server of its kind is warmed up before everything, between 0 and 1; smoke tests have none. */
  readonly warmUp: number;
  /** Of one measured stretch of requests. */
  readonly stretchMs: number;
  /** How long requests that began in the stretch may take. */
  readonly graceMs: number;
  /** Messages that wait in the queue before its mapping is enabled. */
  readonly messages: number;
  /** How long events and messages may take to be run; who is slower is measured by what ran. */
  readonly drainMs: number;
}

/** A question, and what each server found: median of the rounds, per second, and more as text; or why there is nothing. */
export interface BesideRow {
  readonly name: string;
  readonly cells: ReadonlyMap<string, { readonly perSecond: number; readonly more?: string } | string>;
}

/** The least that any design with threads takes: see `bare-thread.ts`. */
export const BARE_THREAD = `${BARE}, with a thread`;

const CONNECTIONS = 16;
/** Longer than any server pauses between two runs while there is something to do. */
const STILL_MS = 1_500;
const STILL_LOOKS_MAX = 8;
const WARM_UP_GRACE_MS = 3_000;
const EVENT = JSON.stringify({ orderId: 'x'.repeat(100) });

/**
 * Runs per second from the first one seen to the last; ends when so many ran, or the time is over. More runs than there
 * were events would be duplicates, and an error.
 */
const runsPerSecond = async (server: LambdaServer, before: number, wanted: number, withinMs: number) => {
  const begin = performance.now();
  let first: { at: number; count: number } | undefined;
  for (;;) {
    const [at, count] = [performance.now(), server.count() - before];
    if (count > wanted) throw new Error(`${count} runs instead of ${wanted}`);
    const isOver = count === wanted || at > begin + withinMs;
    // All of it between two looks.
    if (isOver && first === undefined) first = { at: begin, count: 0 };
    if (isOver && first !== undefined) return ((count - first.count) / (at - first.at)) * 1_000;
    if (count > 0) first ??= { at, count };
    await sleep(2);
  }
};

/** Events of which there was no time to see the end shall not run in somebody else's time. */
const untilStill = async (server: LambdaServer): Promise<void> => {
  for (let [count, looks] = [server.count(), 0]; looks < STILL_LOOKS_MAX; looks++) {
    await sleep(STILL_MS);
    const now = server.count();
    if (now === count) return;
    count = now;
  }
};

/** CPU time of the server for each of so many runs, from here on. */
const cpuSince = (server: LambdaServer): ((runs: number) => number | undefined) => {
  const before = server.cpuMs();
  return (runs) => {
    const now = server.cpuMs();
    return before === undefined || now === undefined || runs === 0 ? undefined : (now - before) / runs;
  };
};

const measureSync = async (server: LambdaServer, connections: number, plan: BesidePlan): Promise<Answer> => {
  const bytes = invokeBytes(server.port, 'noop', 'RequestResponse', EVENT);
  const cpuMsFor = cpuSince(server);
  const { perSecond, p50, p99, units } = await server.load(bytes, connections, plan.stretchMs, plan.graceMs);
  return { perSecond, cpuMs: cpuMsFor(units), p50, p99 };
};

/** Events sent for a while, and run: the rate is that of the slower of both. */
const measureAsync = async (server: LambdaServer, plan: BesidePlan): Promise<Answer> => {
  const before = server.count();
  const cpuMsFor = cpuSince(server);
  const bytes = invokeBytes(server.port, 'counting', 'Event', EVENT);
  const running = server.load(bytes, CONNECTIONS, plan.stretchMs, plan.graceMs);
  if (server.isBare) {
    const { perSecond, units } = await running;
    return { perSecond, cpuMs: cpuMsFor(units) };
  }
  const begin = performance.now();
  const { units, dropped } = await running;
  // From the first event sent on: what ran meanwhile counts.
  const until = begin + plan.drainMs;
  while (server.count() - before < units && performance.now() < until) await sleep(2);
  const [ran, took] = [server.count() - before, performance.now() - begin];
  const cpuMs = cpuMsFor(ran);
  if (ran > units + dropped) throw new Error(`${ran} runs for ${units + dropped} events`);
  if (ran < units) await untilStill(server);
  return { perSecond: (ran / took) * 1_000, cpuMs };
};

const measureFromQueue = async (
  server: LambdaServer,
  name: string,
  batchSize: number,
  plan: BesidePlan,
): Promise<Answer> => {
  const { port } = server;
  const { QueueUrl } = await server.sqs('CreateQueue', { QueueName: name, Attributes: { VisibilityTimeout: '300' } });
  const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: EVENT }));
  const body = JSON.stringify({ QueueUrl, Entries });
  const bytes = requestBytes(port, '/', jsonCall('AmazonSQS.SendMessageBatch'), body);
  const unitsMax = plan.messages / 10;
  await runLoad({ port, connections: 4, unitsMax, unit: () => singleRequest(bytes) });
  const before = server.count();
  const cpuMsFor = cpuSince(server);
  const { UUID } = await server.rest('POST', '/2015-03-31/event-source-mappings', {
    FunctionName: 'counting',
    EventSourceArn: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    BatchSize: batchSize,
  });
  try {
    const perSecond = await runsPerSecond(server, before, plan.messages, plan.drainMs);
    return { perSecond, cpuMs: cpuMsFor(server.count() - before) };
  } finally {
    await server.rest('DELETE', `/2015-03-31/event-source-mappings/${UUID}`, {});
    await server.sqs('DeleteQueue', { QueueUrl });
    if (server.count() - before < plan.messages) await untilStill(server);
  }
};

/** One question to one server in one round. */
interface Answer {
  readonly perSecond: number;
  /** Of the server, for each run. */
  readonly cpuMs: number | undefined;
  readonly p50?: number;
  readonly p99?: number;
}

interface Question {
  readonly name: string;
  readonly isForBare: boolean;
  readonly ask: (server: LambdaServer, round: number) => Promise<Answer>;
}

const questionsOf = (plan: BesidePlan): readonly Question[] => [
  { name: 'synchronous, 1 connection', isForBare: true, ask: (server) => measureSync(server, 1, plan) },
  {
    name: `synchronous, ${CONNECTIONS} connections`,
    isForBare: true,
    ask: (server) => measureSync(server, CONNECTIONS, plan),
  },
  { name: 'asynchronous, sent and run', isForBare: true, ask: (server) => measureAsync(server, plan) },
  ...[1, 10].map((size) => ({
    name: `SQS → Lambda, batches of ${size}`,
    isForBare: false,
    ask: (server: LambdaServer, round: number) => measureFromQueue(server, `q${size}-${round}`, size, plan),
  })),
];

/** All servers take turns, round after round; the first round only warms up. Who fails is out of the row, with its reason. */
const measureQuestion = async (
  { name, isForBare, ask }: Question,
  servers: ReadonlyMap<string, LambdaServer>,
  rounds: number,
): Promise<BesideRow> => {
  const answers = new Map<string, Answer[] | string>();
  for (let round = 0; round <= rounds; round++) {
    for (const [server, spoken] of servers) {
      const before = answers.get(server) ?? [];
      if (typeof before === 'string' || (spoken.isBare && !isForBare)) continue;
      try {
        const answer = await ask(spoken, round);
        answers.set(server, round === 0 ? [] : [...before, answer]);
      } catch (error) {
        answers.set(server, String(error));
      }
    }
  }
  const cells = new Map<string, { perSecond: number; more?: string } | string>();
  for (const [server, all] of answers) {
    if (typeof all === 'string') {
      cells.set(server, all);
      continue;
    }
    const perSecond = median(all.map((answer) => answer.perSecond));
    const of = (name: string, key: 'p50' | 'p99' | 'cpuMs'): string[] =>
      all.every((answer) => answer[key] !== undefined)
        ? [`${name} ${short(median(all.map((answer) => answer[key] ?? 0)))} ms`]
        : [];
    const more = [...of('p50', 'p50'), ...of('p99', 'p99'), ...of('CPU', 'cpuMs')];
    cells.set(server, { perSecond, ...(more.length === 0 ? {} : { more: more.join(', ') }) });
  }
  return { name, cells };
};

/** Each of the functions' environments compiles by itself, and compiled code is what a server is measured with. */
const warmUp = async (server: LambdaServer, forMs: number): Promise<void> => {
  if (forMs === 0) return;
  const bytes = invokeBytes(server.port, 'noop', 'RequestResponse', EVENT);
  await server.load(bytes, CONNECTIONS, forMs, WARM_UP_GRACE_MS);
};

/** Those that are asked: the servers of this run, and beside the bare one what a thread takes on top. */
export const besideKinds = (environment: NodeJS.ProcessEnv): readonly ServerKind[] =>
  serverKinds(environment).flatMap((kind) =>
    kind.name === BARE ? [kind, bareKind('../lambda/bare-thread.ts', BARE_THREAD)] : [kind],
  );

/** Starts all servers, asks everything, and stops them. */
export const measureBeside = async (
  kinds: readonly ServerKind[],
  plan: BesidePlan,
  tell: (text: string) => void,
): Promise<readonly BesideRow[]> => {
  // Not below /tmp: that is each function's own.
  const directory = mkdtempSync('/var/tmp/holdfast-bench-');
  const started: ServerUnderTest[] = [];
  try {
    const servers = new Map<string, LambdaServer>();
    for (const kind of kinds) {
      const server = await kind.start();
      started.push(server);
      const spoken = new LambdaServer(server, directory);
      await spoken.setUp();
      await warmUp(spoken, kind.warmUpMs * plan.warmUp);
      servers.set(kind.name, spoken);
    }
    const rows: BesideRow[] = [];
    for (const question of questionsOf(plan)) {
      const begin = performance.now();
      rows.push(await measureQuestion(question, servers, plan.rounds));
      tell(`${question.name}: ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
    }
    return rows;
  } finally {
    for (const server of started) await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};

/** Markdown: rate and share of the bare server's, and how many times slower than Holdfast in memory a rival is. */
export const besideText = (rows: readonly BesideRow[]): string => {
  const servers = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))];
  const cellText = (server: string, { cells }: BesideRow): string => {
    const cell = cells.get(server);
    if (cell === undefined) return '–';
    if (typeof cell === 'string') return 'failed';
    const [bare, ours] = [cells.get(BARE), cells.get(`${OURS}, memory`)];
    const parts = [`${short(cell.perSecond)} /s`];
    if (server !== BARE && typeof bare === 'object') parts.push(`${short((cell.perSecond / bare.perSecond) * 100)} %`);
    if (cell.more !== undefined) parts.push(cell.more);
    if (!server.startsWith(BARE) && !server.startsWith(OURS) && typeof ours === 'object') {
      parts.push(`${short(ours.perSecond / cell.perSecond)} × slower`);
    }
    return parts.join('; ');
  };
  const failures = rows.flatMap(({ name, cells }) =>
    [...cells].flatMap(([server, cell]) => (typeof cell === 'string' ? [`- ${server}, ${name}: ${cell}`] : [])),
  );
  return [
    `| | ${servers.join(' | ')} |`,
    `| --- |${servers.map(() => ' ---: |').join('')}`,
    ...rows.map((row) => `| ${row.name} | ${servers.map((server) => cellText(server, row)).join(' | ')} |`),
    ...(failures.length === 0 ? [] : ['', 'Failed:', '', ...failures]),
  ].join('\n');
};
