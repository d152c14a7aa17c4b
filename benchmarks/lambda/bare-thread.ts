/**
 * What any design with threads takes at least: a node:http server that gives each body to a thread, and answers with what the
 * thread's handler returns. Prints its port.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';

const CODE = `
const { parentPort } = require('node:worker_threads');
const handler = async () => null;
parentPort.on('message', async (text) => parentPort.postMessage(JSON.stringify(await handler(JSON.parse(text)))));
`;

const thread = new Worker(CODE, { eval: true });
/** The thread answers in the order in which it was asked. */
const waiting: ServerResponse[] = [];
thread.on('message', (body: string) => {
  const response = waiting.shift();
  response?.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response?.end(body);
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    waiting.push(response);
    thread.postMessage(Buffer.concat(chunks).toString());
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
