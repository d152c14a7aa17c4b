import type { AddressInfo, ListenOptions, Server } from 'node:net';

const net = process.getBuiltinModule('node:net');

/**
 * Listening by host has Node.js resolve the name, and hold each answer against a pattern of IPv6 that takes it some milliseconds to
 * compile: a third of the time in which an engine starts. An address of IPv4 can be bound as it is, since Node.js 24.
 */
const boundTo = (port: number, host: string): ListenOptions => {
  const { BoundSocket } = net as Partial<typeof net>;
  try {
    if (BoundSocket !== undefined && net.isIPv4(host)) return { handle: new BoundSocket({ port, host }) };
  } catch {
    // What is wrong with the address, listening says in the words that people know.
  }
  return { port, host };
};

/** Port 0 takes any free port; the answer says which. */
export const listenOn = async (server: Server, port: number, host: string): Promise<{ port: number }> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(boundTo(port, host), () => {
      server.off('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port };
};
