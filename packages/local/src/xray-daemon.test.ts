import { createSocket } from 'node:dgram';
import { afterEach, expect, it, vi } from 'vitest';
import { XRayDaemon } from './xray-daemon.ts';

const HEADER = '{"format": "json", "version": 1}\n';

afterEach(() => {
  vi.restoreAllMocks();
});

it('the daemon takes documents behind a header, and whatever else arrives harms nobody', async () => {
  const taken: string[] = [];
  const told = vi.spyOn(console, 'error').mockImplementation(() => {});
  const daemon = await XRayDaemon.listen('127.0.0.1', 0, (document) => {
    if (document === 'bad') throw new Error('not taken');
    taken.push(document);
  });
  const client = createSocket('udp4');
  const port = Number(daemon.address.split(':').at(-1));
  const send = (text: string | Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      client.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  try {
    const manyHeaders = `{${'"format"}'.repeat(6_000)}`;
    for (const odd of [
      '',
      '\n',
      'null\nx',
      '[]\nx',
      '{"format":\n',
      '{"other":1}\nx',
      manyHeaders,
      Uint8Array.of(255, 10),
    ]) {
      await send(odd);
    }
    await send(`${HEADER}bad`);
    await send(`${HEADER}{"id":"1"}`);
    await vi.waitFor(() => expect(taken).toEqual(['{"id":"1"}']));
    expect(told).toHaveBeenCalledOnce();
  } finally {
    client.close();
    daemon.close();
  }
});
