import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const VERSION = '1.5.33';

/**
 * Where MiniStack's command is: as the environment says, or installed from PyPI into a directory of its own beside other
 * temporary files, once; `undefined` when it cannot be had.
 */
export const miniStackCommand = (): string | undefined => {
  const given = process.env['HOLDFAST_BENCH_MINISTACK'];
  if (given !== undefined) return given;
  const directory = join(tmpdir(), `holdfast-bench-ministack-${VERSION}`);
  const command = join(directory, 'bin', 'ministack');
  if (existsSync(command)) return command;
  try {
    mkdirSync(directory, { recursive: true });
    execFileSync('python3', ['-m', 'venv', directory], { stdio: 'ignore' });
    execFileSync(join(directory, 'bin', 'pip'), ['install', '--quiet', `ministack==${VERSION}`], { stdio: 'ignore' });
    return command;
  } catch {
    return undefined;
  }
};
