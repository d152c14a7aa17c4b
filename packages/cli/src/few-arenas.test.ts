import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../bin/few-arenas.mjs', import.meta.url));
const TELL = 'data:text/javascript,console.log(process.pid,process.env.MALLOC_ARENA_MAX,process.argv.slice(2).join())';

const began = (args: readonly string[], more: Readonly<Record<string, string>> = {}): readonly string[] => {
  const { MALLOC_ARENA_MAX: _, MALLOC_TRIM_THRESHOLD_: __, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--import', TELL, SCRIPT, ...args], {
    env: { ...env, ...more },
    encoding: 'utf8',
  });
  return stdout.trim().split('\n');
};

// The library that keeps what was freed is Linux's: elsewhere no command begins twice.
it.runIf(process.platform === 'linux')(
  'a command that runs functions begins once more, as the same process, with few places to allocate from',
  () => {
    const [first, second, ...others] = began(['serve', '--port', '0']);

    expect(others).toEqual([]);
    const [pid] = (first ?? '').split(' ');
    expect(first).toBe(`${pid} undefined serve,--port,0`);
    expect(second).toMatch(new RegExp(`^${pid} \\d+ serve,--port,0$`));
  },
);

it('other commands, and who has said how memory is kept, begin once', () => {
  expect(began(['dlq', 'ls'])).toHaveLength(1);
  expect(began(['serve'], { MALLOC_ARENA_MAX: '5' })).toHaveLength(1);
});
