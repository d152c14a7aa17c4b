import { fileURLToPath } from 'node:url';
import type { RecoveryKind } from './recoveries.ts';
import type { StackName } from './stack-names.ts';

/** For tests: where the assembly of a stack is kept from one to the next. Whoever comes first makes it, or makes it anew. */
export const keptAssembly = (name: StackName, recovery: RecoveryKind = 'schedule'): string =>
  fileURLToPath(new URL(`../../../node_modules/.cache/holdfast/${name}-${recovery}`, import.meta.url));
