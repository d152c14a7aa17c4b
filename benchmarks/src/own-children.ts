import type { ChildProcess } from 'node:child_process';

const children = new Set<ChildProcess>();
let isWatching = false;

/** A benchmark that is interrupted, or fails, leaves no process behind that would be in the way of the next one. */
export const ownChild = <Child extends ChildProcess>(child: Child): Child => {
  if (!isWatching) {
    isWatching = true;
    process.once('exit', () => {
      for (const each of children) each.kill('SIGKILL');
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
};
