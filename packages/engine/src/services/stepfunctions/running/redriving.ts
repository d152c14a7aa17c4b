import { DAY_MS } from '@holdfast/kernel';
import type { Course } from './course.ts';
import type { Thread } from './execution.ts';
import type { Runner } from './runner.ts';
import { itemsOf } from './states.ts';

/** How long after its end an execution can be taken up again. */
export const REDRIVE_MS_MAX = 14 * DAY_MS;

/**
 * Takes up a closed execution where it failed. What succeeded stays as it is: of branches and items those go on that
 * failed or were stopped with them.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
export const takeUp = (runner: Runner, course: Course): void => {
  for (const thread of [...course.threads.values()].sort((a, b) => a.id - b.id)) {
    const { phase } = thread;
    if (phase.kind === 'done') continue;
    thread.attempts = [];
    thread.retryCount = 0;
    if (phase.kind !== 'enter') {
      if (rejoins(runner, course, thread)) continue;
      if (phase.kind === 'mapRun' && runner.desk.port.redriveMapRun(runner, course, thread)) continue;
      thread.phase = { kind: 'work' };
    }
    course.push(thread);
  }
};

/** Whether a state goes on waiting for its branches or items. */
const rejoins = (runner: Runner, course: Course, thread: Thread): boolean => {
  const { phase } = thread;
  const children = course.childrenOf(thread);
  const open = children.filter((child) => child.phase.kind !== 'done').length;
  if (phase.kind !== 'children' || open === 0) {
    for (const child of children) course.remove(child);
    return false;
  }
  thread.phase = { ...phase, done: children.length - open, running: open };
  course.changed.add(thread.id);
  if (phase.isMap) {
    course.items.set(thread.id, itemsOf(runner.nodeOf(course, thread), runner.scopeOf(course, thread)));
  }
  return true;
};
