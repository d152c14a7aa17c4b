import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Kills what it has been told of when its input ends, that is when this process ends, however that happens. A
 * function that asks for work in a loop would otherwise go on for ever, against a port that nobody listens on.
 */
const WATCHDOG = `groups=
while read -r change group; do
  rest=
  for each in $groups; do [ "$each" = "$group" ] || rest="$rest $each"; done
  groups=$rest
  [ "$change" = + ] && groups="$groups $group"
done
for each in $groups; do kill -KILL -"$each"; done`;

const alive = new Set<number>();
let watchdog: ChildProcess | undefined;

const tell = (change: '+' | '-', group: number): void => {
  watchdog?.stdin?.write(`${change} ${group}\n`);
};

const startWatchdog = (): void => {
  const started = spawn('/bin/sh', ['-c', WATCHDOG], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watchdog = started;
  const forget = (): void => {
    if (watchdog === started) watchdog = undefined;
  };
  started.once('error', forget);
  started.once('exit', forget);
  started.stdin.on('error', forget);
  started.unref();
  (started.stdin as typeof started.stdin & { unref(): void }).unref();
  for (const group of alive) tell('+', group);
};

/** Puts a process group under watch: it will not outlive this process. `leader` is its process id. */
export const watchGroup = (leader: number): void => {
  alive.add(leader);
  if (watchdog === undefined) startWatchdog();
  else tell('+', leader);
};

/** Kills a group that is under watch, with everything it has started. */
export const killGroup = (leader: number): void => {
  if (!alive.has(leader)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
};

/** The leader is gone: kills what is left of the group, whose number may mean others from now on. */
export const forgetGroup = (leader: number): void => {
  killGroup(leader);
  if (alive.delete(leader)) tell('-', leader);
};
