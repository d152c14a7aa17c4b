import type { Json } from '../../../core/index.ts';
import { innerLevel } from '../definition/program.ts';
import type { Course } from './course.ts';
import type { Thread } from './execution.ts';
import { selectItem } from './item-selector.ts';
import type { Runner } from './runner.ts';

/** A branch or an item has come to its end. */
export const childDone = (runner: Runner, course: Course, parent: Thread, child: Thread): void => {
  const { phase } = parent;
  if (phase.kind !== 'children') return;
  phase.done += 1;
  phase.running -= 1;
  course.changed.add(parent.id);
  let last = child.previousEventId;
  if (phase.isMap) {
    const details = { name: parent.state, index: child.index };
    last = runner.emit(course, undefined, 'MapIterationSucceeded', details, child.previousEventId);
    if (phase.next < phase.total) {
      runner.attempt(course, parent, () => startItem(runner, course, parent, phase.next, child.previousEventId));
      return;
    }
  }
  if (phase.done < phase.total) return;
  const children = course.childrenOf(parent);
  const texts = children.map(({ phase: ended }) => (ended.kind === 'done' ? ended.output : 'null'));
  const outputs = texts.map((text) => JSON.parse(text) as Json);
  runner.keepText(outputs, `[${texts.join(',')}]`);
  for (const each of children) course.remove(each);
  course.items.delete(parent.id);
  childrenSucceeded(runner, course, parent, outputs, last);
};

/** All branches or items of a state have come to an end, the last of them with the event `last`. */
export const childrenSucceeded = (
  runner: Runner,
  course: Course,
  parent: Thread,
  outputs: readonly Json[],
  last: number,
): void => {
  const node = runner.nodeOf(course, parent);
  runner.emit(course, undefined, `${node.type}StateSucceeded`, undefined, last);
  parent.previousEventId = last;
  runner.attempt(course, parent, () => runner.exit(course, parent, node, outputs));
};

/** Starts on an item of a map; `after` is the event that made room for it. */
export const startItem = (runner: Runner, course: Course, parent: Thread, index: number, after: number): void => {
  const { phase } = parent;
  if (phase.kind !== 'children') return;
  phase.next = index + 1;
  phase.running += 1;
  course.changed.add(parent.id);
  const details = { name: parent.state, index };
  const started = runner.emit(course, undefined, 'MapIterationStarted', details, after);
  const item = course.items.get(parent.id)?.[index] ?? null;
  const input = JSON.stringify(selectItem(runner, course, parent, runner.nodeOf(course, parent), index, item));
  const level = innerLevel(parent.level, parent.state, 0);
  runner.addThread(course, { parent: parent.id, index, level, input, after: started, item });
};
