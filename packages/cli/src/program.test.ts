import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EXIT } from './exit-code.ts';
import { explainError } from './explain-error.ts';
import { createProgram, run } from './program.ts';

describe('the words of the command', () => {
  let out: string;
  let err: string;

  beforeEach(() => {
    out = '';
    err = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      out += String(text);
      return true;
    });
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      err += String(text);
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  });

  it.each([
    [['--version'], EXIT.ok, /^\d+\.\d+\.\d+\n$/],
    [['--help'], EXIT.ok, /black-friday .*\n[\s\S]*4 not found or no permission/],
    [['help', 'logs'], EXIT.ok, /--since <duration>/],
    [['patterns', '--help'], EXIT.ok, /--burst <duration>[^-]*\(default: 2m\)/],
    [['serve', '--help'], EXIT.ok, /--port <number>[\s\S]*env: HOLDFAST_PORT/],
  ])('%j prints to stdout', async (words, code, expected) => {
    expect(await run(words)).toBe(code);
    expect(out).toMatch(expected);
    expect(err).toBe('');
  });

  it.each([
    [[], 'Usage: holdfast'],
    [['severe'], "unknown command 'severe'\n(Did you mean serve?)"],
    [['dlq', 'peak'], "unknown command 'peak'\n(Did you mean peek?)"],
    [['dlq'], 'Usage: holdfast dlq'],
    [['dlq', 'peek'], "missing required argument 'queue'"],
    [['logs', 'f', '--flter', 'x'], "unknown option '--flter'\n(Did you mean --filter?)"],
    [['serve', 'extra'], "too many arguments for 'serve'. Expected 0 arguments but got 1"],
    [['serve', '--port', '65536'], "option '--port <number>' argument '65536' is invalid. It must be"],
    [['serve', '--memory', '--fsync', 'always'], "option '--memory' cannot be used with option '--fsync <mode>'"],
    [['serve', '--memory', '--data-dir', 'd'], "option '--memory' cannot be used with option '--data-dir <directory>'"],
    [['serve', '--account', '12'], "option '--account <id>' argument '12' is invalid. It must be twelve digits."],
    [
      ['black-friday', '--window', '10'],
      "option '--window <duration>' argument '10' is invalid. It must be a duration",
    ],
    [['clock', 'later'], "value 'later' is invalid for argument 'mode'. Allowed choices are live, virtual."],
    [['dlq', 'ls', '--aws', '--endpoint-url', 'http://x'], 'cannot be used with option'],
    [['patterns', '--report', '/not/there/r.html'], 'It must be in a directory that is there; /not/there is not.'],
    [['patterns', 'dlq-replay', '--chart', '/'], 'It must be a file, and is a directory.'],
  ])('%j is wrong usage, explained on stderr', async (words, expected) => {
    expect(await run(words)).toBe(EXIT.usage);
    expect(err).toContain(expected);
    expect(out).toBe('');
  });

  it('refuses a port of the environment by name and rule', async () => {
    vi.stubEnv('HOLDFAST_PORT', 'banana');
    expect(await run(['serve', '--memory'])).toBe(EXIT.usage);
    expect(err).toContain(
      "value 'banana' from env 'HOLDFAST_PORT' is invalid. It must be a whole number from 0 to 65535.",
    );
  });

  it('refuses a file as the data directory by name', async () => {
    const file = import.meta.filename;
    const thrown = await run(['serve', '--port', '0', '--data-dir', file]).catch(explainError);
    expect(thrown).toMatchObject({
      message: `"${file}" cannot be made a directory: there is a file; choose another with --data-dir`,
      exitCode: EXIT.usage,
    });
  });

  it('describes every command and every option', async () => {
    const visit = (command: Awaited<ReturnType<typeof createProgram>>): void => {
      expect(command.summary(), command.name()).not.toBe('');
      for (const option of command.options) expect(option.description, option.flags).not.toBe('');
      for (const argument of command.registeredArguments) expect(argument.description, argument.name()).not.toBe('');
      command.commands.forEach(visit);
    };
    (await createProgram()).commands.forEach(visit);
  });

  it.each(['bash', 'zsh', 'fish'])('prints a completion for %s that knows every command and option', async (shell) => {
    expect(await run(['completion', shell])).toBeUndefined();
    const visit = (command: Awaited<ReturnType<typeof createProgram>>): void => {
      expect(out).toContain(command.name());
      for (const { long } of command.options) expect(out).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long);
      command.commands.forEach(visit);
    };
    visit(await createProgram());
  });

  it('completes commands, options and values in bash', async () => {
    await run(['completion', 'bash']);
    const complete = (...words: string[]): string[] => {
      const line = words.map((word) => `'${word}'`).join(' ');
      const script = `${out}\nCOMP_WORDS=(holdfast ${line}); COMP_CWORD=${words.length}; _holdfast; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
    };
    expect(complete('cl')).toEqual(['clock']);
    expect(complete('dlq', '')).toEqual(expect.arrayContaining(['ls', 'peek']));
    expect(complete('dlq', 'peek', '--m')).toEqual(['--max']);
    expect(complete('clock', 'v')).toEqual(['virtual']);
    expect(complete('dlq', 'failures', '--state', 're')).toEqual(['resolved', 'regressed']);
    expect(complete('serve', '--port', '')).toEqual(['']);
  });
});
