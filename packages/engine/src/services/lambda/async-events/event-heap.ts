import { topHeap } from '@holdfast/kernel';

/** What waiting events are ordered by: earliest first, first accepted first among equals. */
export interface Due {
  nextAttemptAt: number;
  readonly sequence: number;
}

export const dueHeap = <Event extends Due>() =>
  topHeap<Event>(
    (a, b) => a.nextAttemptAt < b.nextAttemptAt || (a.nextAttemptAt === b.nextAttemptAt && a.sequence < b.sequence),
  );
