import { fileURLToPath } from 'node:url';

export { PIPELINE } from '@holdfast/functions/pipeline-names';
export { CONCURRENCY_ALLOCATION } from './concurrency.ts';
export { RECOVERIES, type RecoveryKind } from './recoveries.ts';
export { STACK_NAMES, type StackName } from './stack-names.ts';
export { type SynthesizeOptions, synthesizeStack } from './synthesize.ts';

/** The 1,000 real files of 40 vendors that come with the project; see the attribution beside them. */
export const VENDOR_UPLOADS_DIR = fileURLToPath(new URL('../data/vendor-uploads', import.meta.url));
