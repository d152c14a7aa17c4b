import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CommandError, EXIT } from './exit-code.ts';
import { accountId, duration, httpUrl, portNumber, wholeNumber } from './option-values.ts';
import { engineOptions } from './serve-options.ts';
import { resolveTarget } from './target.ts';

describe('values of options', () => {
  it.each([
    ['65536', portNumber],
    ['banana', portNumber],
    ['0x10', portNumber],
    ['0', wholeNumber(1)],
    ['1.5', wholeNumber(1)],
    ['1e3', wholeNumber(1)],
    ['', wholeNumber(0)],
    ['-3', wholeNumber(0)],
    ['10', duration],
    ['soon', duration],
    ['127.0.0.1:4566', httpUrl],
    ['http://', httpUrl],
    ['123', accountId],
  ])('"%s" is refused with the rule', (text, read) => {
    expect(() => read(text)).toThrow(InvalidArgumentError);
    expect(() => read(text)).toThrow(/^It must be /);
  });

  it('reads what is right', () => {
    expect([portNumber('0'), wholeNumber(1)('1000'), duration('1m'), duration('PT5M')]).toEqual([
      0, 1_000, 60_000, 300_000,
    ]);
  });
});

describe('options of the engine', () => {
  it('takes the directory of the option, then of the environment, then the usual one', () => {
    const values = { port: 1, host: 'h', isolation: 'thread' } as const;
    const env = { HOLDFAST_DATA_DIR: '/d' };
    expect(engineOptions(values, {}).dataDir).toBe('.holdfast');
    expect(engineOptions(values, env).dataDir).toBe('/d');
    expect(engineOptions({ ...values, dataDir: '/e' }, env).dataDir).toBe('/e');
    expect(engineOptions({ ...values, memory: true }, env).dataDir).toBeUndefined();
  });
});

describe('whom a command talks to', () => {
  let engine: Server;
  let said: string[];
  let mode: 'live' | 'virtual';
  let port: string;

  beforeEach(async () => {
    mode = 'live';
    said = [];
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
    engine = createServer((_, response) => response.end(JSON.stringify({ mode, now: '2026-01-01T00:00:00.000Z' })));
    await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
    port = String((engine.address() as AddressInfo).port);
  });

  afterEach(() => {
    engine.close();
    vi.restoreAllMocks();
  });

  it('is a named endpoint first, with credentials that mean nothing when there are none', async () => {
    expect(await resolveTarget({ endpointUrl: 'http://127.0.0.1:1' }, { env: {} })).toMatchObject({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: {},
    });
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'x', HOLDFAST_PORT: port };
    expect(await resolveTarget({}, { env })).toEqual({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1' });
  });

  it('is AWS only when that is asked for', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'x', AWS_PROFILE: 'p', AWS_REGION: 'eu-west-1', HOLDFAST_PORT: port };
    const local = { endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1' };
    expect(await resolveTarget({}, { env })).toEqual(local);
    expect(await resolveTarget({ aws: true }, { env })).toEqual({ region: 'eu-west-1' });
    expect(await resolveTarget({ profile: 'ops' }, { env })).toEqual({ region: 'eu-west-1', profile: 'ops' });
    expect(said.map((line) => line.trim())).toEqual([
      `talking to the engine at ${local.endpoint}`,
      'talking to AWS in eu-west-1',
      'talking to AWS in eu-west-1 as profile ops',
    ]);
  });

  it('is not where the environment points when AWS is asked for', async () => {
    const env: NodeJS.ProcessEnv = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_SQS: 'http://x' };
    expect(await resolveTarget({ aws: true }, { env })).toEqual({ region: 'us-east-1' });
    expect(env).toEqual({});
  });

  it('is nobody when no engine answers, whatever credentials there are', async () => {
    const refused = resolveTarget({}, { env: { HOLDFAST_PORT: '1', AWS_ACCESS_KEY_ID: 'x' } });
    await expect(refused).rejects.toThrow('no engine answers at http://127.0.0.1:1; start one');
    await expect(refused).rejects.toMatchObject({ exitCode: EXIT.notFound });
  });

  it('refuses variables that hold nonsense, by name and rule', async () => {
    for (const [name, value] of [
      ['HOLDFAST_PORT', 'banana'],
      ['AWS_ENDPOINT_URL', '127.0.0.1:4566'],
    ] as const) {
      const refused = resolveTarget({}, { env: { [name]: value } });
      await expect(refused).rejects.toThrow(CommandError);
      await expect(refused).rejects.toThrow(`${name}: "${value}"`);
      await expect(refused).rejects.toMatchObject({ exitCode: EXIT.usage });
    }
  });

  it('says that time stands still there, and how to let it run', async () => {
    mode = 'virtual';
    await resolveTarget({}, { env: { HOLDFAST_PORT: port } });
    expect(said.join('')).toContain('time stands still at 2026-01-01T00:00:00.000Z');
    expect(said.join('')).toContain('holdfast clock live');
  });
});
