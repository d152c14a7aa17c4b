import { type HttpRoute, SERVICES } from '@holdfast/engine';
import { idsFrom, ManualClock, seededRandom } from '@holdfast/kernel';
import { expect, it } from 'vitest';
import { Dispatcher } from './dispatcher.ts';
import type { GatewayOptions } from './options.ts';
import { ServiceCatalog } from './service-catalog.ts';
import type { Exchange, WireRequest } from './wire.ts';

const OPTIONS: GatewayOptions = {
  clock: new ManualClock(),
  ids: idsFrom(seededRandom(1).stream('ids')),
  defaultAccount: '000000000000',
  defaultRegion: 'us-east-1',
  durable: () => undefined,
  services: SERVICES,
  call: () => ({}),
};

const GET: WireRequest = {
  method: 'GET',
  path: '/',
  query: '',
  headers: {},
  body: Buffer.alloc(0),
  host: '127.0.0.1',
  sourceIp: undefined,
};

/** Answers in the order in which they are handed to their sockets; `durable` as the store would give it. */
const answersInOrder = async (durable: () => Promise<void> | undefined): Promise<readonly string[]> => {
  let receive: ((output: object) => void) | undefined;
  const options: GatewayOptions = {
    ...OPTIONS,
    durable,
    call: (_, action) => {
      if (action === 'ReceiveMessage') return new Promise((resolve) => (receive = resolve));
      receive?.({ Messages: [] });
      return { MessageId: 'm', MD5OfMessageBody: 'md5' };
    },
  };
  const dispatcher = new Dispatcher(options, new ServiceCatalog(SERVICES));
  const answered: string[] = [];
  const ask = (action: string, input: object): Promise<void> =>
    new Promise((resolve) => {
      const request: WireRequest = {
        ...GET,
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` },
        body: Buffer.from(JSON.stringify(input)),
      };
      const exchange: Exchange = {
        respond: () => {
          answered.push(action);
          resolve();
        },
        onGone: () => {},
      };
      dispatcher.dispatch(request, exchange);
    });
  // Loads the model, so that what follows happens at once.
  await ask('SendMessage', { QueueUrl: 'q', MessageBody: 'first' });
  answered.length = 0;
  const received = ask('ReceiveMessage', { QueueUrl: 'q', WaitTimeSeconds: 20 });
  await ask('SendMessage', { QueueUrl: 'q', MessageBody: 'second' });
  await received;
  return answered;
};

it('who waited is answered before who woke them', async () => {
  expect(await answersInOrder(() => undefined)).toEqual(['ReceiveMessage', 'SendMessage']);
});

it('who waited is answered first also when answers wait for the store', async () => {
  let turn: Promise<void> | undefined;
  const durable = (): Promise<void> => {
    turn ??= new Promise((resolve) =>
      setImmediate(() => {
        turn = undefined;
        resolve();
      }),
    );
    return turn;
  };
  expect(await answersInOrder(durable)).toEqual(['ReceiveMessage', 'SendMessage']);
});

it("takes only who asks code of somebody for one who may wait for the engine's time", async () => {
  const entered: string[] = [];
  const route = (path: string, runsCode: boolean): HttpRoute => ({
    path,
    ...(runsCode ? { runsCode } : {}),
    answer: async () => ({ status: 200, headers: [], body: path }),
  });
  const routes = { '/_holdfast/url': route('url', true), '/_holdfast/asset': route('asset', false) };
  const dispatcher = new Dispatcher(
    {
      ...OPTIONS,
      routeOf: (_, path) => ({ route: routes[path as keyof typeof routes], path: '/' }),
      waits: {
        isVirtual: true,
        looked: () => {},
        enter: ({ action }) => {
          entered.push(action);
          return () => {};
        },
      },
    },
    new ServiceCatalog(SERVICES),
  );
  for (const path of Object.keys(routes)) {
    await new Promise<void>((respond) =>
      dispatcher.dispatch({ ...GET, path }, { respond: () => respond(), onGone: () => {} }),
    );
  }
  expect(entered).toEqual(['GET /_holdfast/url']);
});
