import { describe, expect, test } from 'vitest';
import { readCount, readOptions } from './command.ts';
import { CommandError } from './exit-code.ts';
import { resolveServeOptions } from './serve-options.ts';
import { resolveTarget } from './target.ts';

const refusal = (act: () => unknown): CommandError => {
  try {
    act();
  } catch (error) {
    if (error instanceof CommandError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('options of the engine', () => {
  test('flags win over the environment, the environment over defaults', () => {
    expect(resolveServeOptions({}, {})).toMatchObject({ port: 4566, host: '127.0.0.1', dataDir: '.holdfast' });
    expect(resolveServeOptions({}, { HOLDFAST_PORT: '5000', HOLDFAST_DATA_DIR: '/d' })).toMatchObject({
      port: 5000,
      dataDir: '/d',
    });
    expect(
      resolveServeOptions({ port: '6000', 'data-dir': '/e' }, { HOLDFAST_PORT: '5000', HOLDFAST_DATA_DIR: '/d' }),
    ).toMatchObject({ port: 6000, dataDir: '/e' });
    expect(resolveServeOptions({ memory: true }, { HOLDFAST_DATA_DIR: '/d' }).dataDir).toBeUndefined();
  });

  test.each([
    [{ port: '65536' }, '--port'],
    [{ port: 'x' }, '--port'],
    [{ account: '123' }, '--account'],
    [{ memory: true, 'data-dir': '/d' }, '--memory'],
    [{ seed: '-1' }, '--seed'],
  ])('%j is refused with exit code 2, naming the option', (values, option) => {
    const error = refusal(() => resolveServeOptions(values, {}));
    expect(error.exitCode).toBe(2);
    expect(error.message).toContain(option);
  });
});

describe('words of a command', () => {
  test('an unknown option is refused with the usage', () => {
    const error = refusal(() => readOptions(['--wrong'], {}, 'holdfast x'));
    expect(error).toMatchObject({ exitCode: 2 });
    expect(error.message).toContain('usage: holdfast x');
  });

  test.each(['0', '1.5', 'many', '-3'])('"%s" is no count', (text) => {
    expect(refusal(() => readCount('files', text, 1)).message).toContain('--files');
  });
});

describe('whom a command talks to', () => {
  test('an endpoint that is named wins, with credentials that mean nothing when there are none', async () => {
    expect(await resolveTarget({ 'endpoint-url': 'http://127.0.0.1:1' }, {})).toMatchObject({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
      credentials: {},
    });
    expect(await resolveTarget({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'x' })).toEqual({
      endpoint: 'http://127.0.0.1:1',
      region: 'us-east-1',
    });
  });

  test('credentials or a profile mean AWS itself', async () => {
    expect(await resolveTarget({}, { AWS_ACCESS_KEY_ID: 'x', AWS_REGION: 'eu-west-1' })).toEqual({
      region: 'eu-west-1',
    });
    expect(await resolveTarget({ profile: 'ops' }, {})).toEqual({ region: 'us-east-1', profile: 'ops' });
  });

  test('with neither, an engine is looked for where HOLDFAST_PORT puts it', async () => {
    await expect(resolveTarget({}, { HOLDFAST_PORT: '1' })).rejects.toThrow(
      'no engine answers at http://127.0.0.1:1 and',
    );
  });
});
