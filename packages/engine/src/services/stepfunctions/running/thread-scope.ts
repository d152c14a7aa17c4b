import type { EpochMs } from '@holdfast/kernel';
import type { Json, ServiceEnvironment } from '../../../core/index.ts';
import type { Scope } from '../language/scope.ts';
import { contextObject } from './context-object.ts';
import type { Course } from './course.ts';
import type { Thread } from './execution.ts';

/** States that can be tried again. */
const HAVE_RETRIES: ReadonlySet<string> = new Set(['Task', 'Parallel', 'Map']);

/** What expressions of a thread's state may look into; each part is made when somebody asks for it. */
export const threadScope = (
  tools: ServiceEnvironment,
  course: Course,
  thread: Thread,
  token: string | undefined,
  nowMs: EpochMs,
): Scope => {
  let context: Json | undefined;
  let variables: Readonly<Record<string, Json>> | undefined;
  return {
    get input() {
      return course.inputOf(thread);
    },
    get context() {
      const hasRetries = HAVE_RETRIES.has(course.program.state(thread.level, thread.state).type);
      context ??= contextObject(course.record, course.input, thread, course.itemOf(thread), token, hasRetries);
      return context;
    },
    get variables() {
      variables ??= course.variablesOf(thread);
      return variables;
    },
    tools,
    nowMs,
  };
};
