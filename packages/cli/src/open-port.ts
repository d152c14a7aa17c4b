import { networkInterfaces, userInfo } from 'node:os';
import { note, style } from './output.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/;
const EVERY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

/** Addresses under which other machines reach what listens on `host`. */
const addressesOf = (host: string, port: string): string[] => {
  if (!EVERY_ADDRESS.has(host)) return [`http://${host.includes(':') ? `[${host}]` : host}:${port}`];
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => `http://${address}:${port}`);
};

/** What listening beyond loopback opens; `undefined` when nothing is opened. */
export const openPortWarning = (host: string, port: string, user = userInfo().username): string | undefined => {
  if (LOOPBACK.test(host)) return undefined;
  const addresses = addressesOf(host, port);
  const where = addresses.length === 0 ? `${host}, port ${port}` : addresses.join(', ');
  return `warning: --host ${host} opens ${where} to every machine that reaches this one. Nobody is asked for a password: they can read and delete everything in the engine, and run code on this machine as ${user} by creating functions.`;
};

export const warnWhenOpen = (host: string | undefined, endpoint: string): void => {
  const warning = openPortWarning(host ?? '127.0.0.1', new URL(endpoint).port);
  if (warning !== undefined) note(style('yellow', warning));
};
