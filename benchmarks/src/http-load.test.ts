import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { requestBytes, runLoad, singleRequest, type WorkUnit } from './http-load.ts';

let server: Server;

const listen = async (answer: RequestListener): Promise<number> => {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const request = (port: number): Buffer => requestBytes(port, '/', {}, '{}');

it('a load goes on when the server closes connections, with and without an answer', async () => {
  let requests = 0;
  const port = await listen((_, response) => {
    requests += 1;
    if (requests % 3 === 0) response.destroy();
    else response.writeHead(200, { connection: 'close', 'content-length': 2 }).end('ok');
  });
  const { units, requests: answered } = await runLoad({
    port,
    connections: 2,
    unitsMax: 20,
    unit: () => singleRequest(request(port)),
  });
  expect(units).toBe(20);
  expect(answered).toBe(20);
});

it('what is not answered in time is dropped', async () => {
  const port = await listen((_, response) => {
    setTimeout(() => response.end(), 5_000).unref();
  });
  const unit = (): WorkUnit => singleRequest(request(port));
  const { units, dropped } = await runLoad({ port, connections: 3, forMs: 10, graceMs: 40, unit });
  expect(units).toBe(0);
  expect(dropped).toBe(3);
});

it('units that were of no use do not count', async () => {
  const port = await listen((_, response) => {
    response.writeHead(200, { 'content-length': 0 }).end();
  });
  let begun = 0;
  function* unit(): Generator<Buffer, boolean, string> {
    begun += 1;
    const isOfUse = begun % 2 === 0;
    yield request(port);
    return isOfUse;
  }
  const { units, requests } = await runLoad({ port, connections: 1, unitsMax: 10, unit });
  expect(units).toBe(5);
  expect(requests).toBe(10);
});

it('an error of the server ends the load', async () => {
  const port = await listen((_, response) => {
    response.writeHead(500, { 'content-length': 4 }).end('oops');
  });
  const unit = (): WorkUnit => singleRequest(request(port));
  await expect(runLoad({ port, connections: 1, unitsMax: 1, unit })).rejects.toThrow('500');
});
