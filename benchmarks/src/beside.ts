import { jsonCall, type LoadResult, runLoad, singleRequest } from './http-load.ts';
import { median, short } from './numbers.ts';
import { BARE, type ServerKind, type ServerUnderTest } from './servers.ts';

/** Headers of an AWS JSON call, as long as real ones are, signed for a service. */
export const callTo = (service: string, target: string): Record<string, string> => {
  const headers = jsonCall(target);
  return { ...headers, Authorization: (headers['Authorization'] as string).replace('/sqs/', `/${service}/`) };
};

/** Calls an action of a server and answers its output. */
export const call = async <Output>(
  server: ServerUnderTest,
  service: string,
  target: string,
  input: object,
): Promise<Output> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/`, {
    method: 'POST',
    headers: callTo(service, target),
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${server.name} answers ${target} with ${answer.status}: ${text.slice(0, 200)}`);
  return (text === '' ? {} : JSON.parse(text)) as Output;
};

/** A question: what is prepared on a server, and the request of which as many as possible are made. */
export interface Question {
  readonly name: string;
  /** What one request counts for. */
  readonly weight: number;
  /** Answers the request, as bytes. */
  prepare(server: ServerUnderTest): Promise<Buffer>;
}

export interface BesideResult {
  readonly servers: readonly string[];
  readonly rows: readonly { readonly name: string; readonly perSecond: ReadonlyMap<string, number | string> }[];
}

const CONNECTIONS = 16;

/**
 * Asks every server every question, in rounds that take turns, and keeps the median of the rounds. A server is started once
 * for each question, so that none carries what another has left behind.
 */
export const measureBeside = async (
  kinds: readonly ServerKind[],
  questions: readonly Question[],
  plan: { readonly rounds: number; readonly stretchMs: number; readonly warmUpMs?: number },
): Promise<BesideResult> => {
  const contestants = kinds.filter(({ name }) => name !== BARE);
  const rows = [];
  for (const question of questions) {
    const perSecond = new Map<string, number | string>();
    const running: { server: ServerUnderTest; bytes: Buffer; found: number[] }[] = [];
    try {
      for (const kind of contestants) {
        const server = await kind.start();
        try {
          const bytes = await question.prepare(server);
          running.push({ server, bytes, found: [] });
          await load(server, bytes, plan.warmUpMs ?? kind.warmUpMs);
        } catch (error) {
          perSecond.set(kind.name, (error as Error).message);
          await server.stop();
        }
      }
      for (let round = 0; round < plan.rounds; round++) {
        for (const { server, bytes, found } of running) {
          found.push((await load(server, bytes, plan.stretchMs)).perSecond * question.weight);
        }
      }
      for (const { server, found } of running) perSecond.set(server.name, median(found));
    } finally {
      for (const { server } of running) await server.stop();
    }
    rows.push({ name: question.name, perSecond });
  }
  return { servers: contestants.map(({ name }) => name), rows };
};

const load = (server: ServerUnderTest, bytes: Buffer, forMs: number): Promise<LoadResult> =>
  runLoad({ port: server.port, connections: CONNECTIONS, forMs, graceMs: 10_000, unit: () => singleRequest(bytes) });

/** The medians, and in brackets how often the last server's one goes into each. */
export const besideText = ({ servers, rows }: BesideResult): string => {
  const last = servers.at(-1) as string;
  const cell = (values: ReadonlyMap<string, number | string>, name: string): string => {
    const value = values.get(name);
    if (typeof value !== 'number') return value ?? '–';
    const other = values.get(last);
    return name === last || typeof other !== 'number' ? short(value) : `${short(value)} (× ${short(value / other)})`;
  };
  return [
    `| | ${servers.join(' | ')} |`,
    `|---|${servers.map(() => '---:').join('|')}|`,
    ...rows.map(
      ({ name, perSecond }) => `| ${name} | ${servers.map((server) => cell(perSecond, server)).join(' | ')} |`,
    ),
  ].join('\n');
};
