import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LambdaServer } from '../lambda/lambda-server.ts';
import { call } from '../src/beside.ts';
import { measureBareHttp } from '../src/ceilings.ts';
import { type LoadResult, requestBytes, runLoad } from '../src/http-load.ts';
import { signedHeaders } from '../src/lambda-requests.ts';
import { resultTable, short } from '../src/numbers.ts';
import { type ServerUnderTest, startEngine } from '../src/servers.ts';

const CONNECTIONS = 16;
const WARM_UP_POSTS = 2_000;
const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/bench`;
const EVENT = JSON.stringify({ orderId: 'order-1', amount: 42.5, note: 'x'.repeat(100) });
const POST = { 'Content-Type': 'application/json' };

/** What is behind the routes of the API. */
const ROUTES = {
  queue: 'POST → SQS, durable',
  function: 'POST → Lambda no-op, durable',
} as const;

type Route = keyof typeof ROUTES;

export type HttpApiResult = { readonly bare: LoadResult } & Readonly<Record<Route, LoadResult>>;

const apiGateway = async (server: ServerUnderTest, path: string, input: object): Promise<Record<string, string>> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}/v2/apis${path}`, {
    method: 'POST',
    headers: { ...signedHeaders('apigateway'), ...POST },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST /v2/apis${path} answers ${answer.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as Record<string, string>;
};

/** An API with both routes; answers the path below which it is served. */
const createApi = async (server: ServerUnderTest): Promise<string> => {
  const { QueueUrl } = await call<{ QueueUrl: string }>(server, 'sqs', 'AmazonSQS.CreateQueue', {
    QueueName: 'events',
  });
  const { apiId = '' } = await apiGateway(server, '', { name: 'bench', protocolType: 'HTTP' });
  const integrations: Record<Route, object> = {
    queue: {
      integrationType: 'AWS_PROXY',
      integrationSubtype: 'SQS-SendMessage',
      payloadFormatVersion: '1.0',
      credentialsArn: ROLE,
      requestParameters: { QueueUrl, MessageBody: '$request.body' },
    },
    function: {
      integrationType: 'AWS_PROXY',
      payloadFormatVersion: '2.0',
      credentialsArn: ROLE,
      integrationUri: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:noop`,
    },
  };
  for (const [route, input] of Object.entries(integrations)) {
    const { integrationId } = await apiGateway(server, `/${apiId}/integrations`, input);
    const target = `integrations/${integrationId}`;
    await apiGateway(server, `/${apiId}/routes`, { routeKey: `POST /${route}`, target });
  }
  await apiGateway(server, `/${apiId}/stages`, { stageName: '$default', autoDeploy: true });
  return `/_holdfast/execute-api/${apiId}`;
};

/** One post that has to be taken, before as many as possible are counted. */
const check = async (server: ServerUnderTest, path: string): Promise<void> => {
  const answer = await fetch(`http://127.0.0.1:${server.port}${path}`, { method: 'POST', headers: POST, body: EVENT });
  if (answer.status !== 200) throw new Error(`POST ${path} answers ${answer.status}: ${await answer.text()}`);
};

/** A post that is of use only when it was not refused: refusals are JSON with a message alone. */
function* taken(bytes: Buffer): Generator<Buffer, boolean, string> {
  return !(yield bytes).includes('"message":');
}

/** What was answered has to lie in the queue, or nothing was measured. */
const checkQueue = async (server: ServerUnderTest, posts: number): Promise<void> => {
  const { Attributes } = await call<{ Attributes: Record<string, string> }>(
    server,
    'sqs',
    'AmazonSQS.GetQueueAttributes',
    { QueueUrl: `http://127.0.0.1:${server.port}/${ACCOUNT}/events`, AttributeNames: ['ApproximateNumberOfMessages'] },
  );
  const lies = Number(Attributes['ApproximateNumberOfMessages']);
  if (lies !== posts) throw new Error(`${posts} posts were answered, ${lies} messages lie in the queue`);
};

/** Posts to an HTTP API of a durable engine, and to a bare server that only parses, hashes and answers. */
export const measureHttpApi = async (posts: number): Promise<HttpApiResult> => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    const bare = await measureBareHttp(posts, CONNECTIONS);
    const server = await startEngine('holdfast', { directory: join(directory, 'data') });
    try {
      await new LambdaServer(server, directory).setUp();
      const api = await createApi(server);
      const measure = async (route: Route): Promise<LoadResult> => {
        await check(server, `${api}/${route}`);
        const bytes = requestBytes(server.port, `${api}/${route}`, POST, EVENT);
        const load = (unitsMax: number) =>
          runLoad({ port: server.port, connections: CONNECTIONS, unitsMax, unit: () => taken(bytes) });
        await load(Math.min(posts, WARM_UP_POSTS));
        const result = await load(posts);
        if (result.units < posts) throw new Error(`${posts - result.units} posts were not taken`);
        return result;
      };
      const queue = await measure('queue');
      await checkQueue(server, posts + Math.min(posts, WARM_UP_POSTS) + 1);
      return { bare, queue, function: await measure('function') };
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

export const httpApiText = ({ bare, ...routes }: HttpApiResult): string => {
  const latency = ({ p50, p99 }: LoadResult): string => `p50 ${short(p50)} ms, p99 ${short(p99)} ms`;
  return resultTable([
    ['bare node:http', `${short(bare.perSecond)} /s; ${latency(bare)}`],
    ...(Object.keys(ROUTES) as Route[]).map((route): readonly [string, string] => {
      const result = routes[route];
      const share = (result.perSecond / bare.perSecond).toFixed(3);
      return [ROUTES[route], `${short(result.perSecond)} /s = ${share} of bare HTTP; ${latency(result)}`];
    }),
  ]);
};
