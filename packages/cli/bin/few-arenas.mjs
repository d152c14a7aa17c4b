// Linux's C library gives threads places of their own to allocate from, eight for each processor, and keeps there what
// was freed: a quarter of a gigabyte with fifty functions. What it may keep is read when a process begins, so a command
// that runs functions takes its own place once, for the price of another start of Node.js. Where somebody has said what
// may be kept, and where there is another library, nothing changes.
import { availableParallelism } from 'node:os';

const RUNS_FUNCTIONS = new Set(['up', 'serve', 'black-friday', 'patterns', 'gameday']);
/** Memory at the end of a place is given back from here on; said, it stays so, and large buffers are given back at once. */
const KEPT_BYTES_MAX = 128 * 1024;

const { platform, execPath, execArgv, argv, env, channel } = process;
const isSaid = Object.keys(env).some((name) => name.startsWith('MALLOC_') || name === 'GLIBC_TUNABLES');
if (platform === 'linux' && RUNS_FUNCTIONS.has(argv[2]) && !isSaid && channel === undefined && process.execve) {
  process.execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], {
    ...env,
    MALLOC_ARENA_MAX: String(Math.max(2, availableParallelism())),
    MALLOC_TRIM_THRESHOLD_: String(KEPT_BYTES_MAX),
  });
}
