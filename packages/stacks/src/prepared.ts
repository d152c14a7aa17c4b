import { fileURLToPath } from 'node:url';
import type * as Stacks from './index.ts';

/*
 * Stands in for index.ts in the installed command: the assembly was synthesised when the package was built, so that
 * nobody installs CDK to start an engine.
 */

export { PIPELINE } from '@holdfast/functions/pipeline-names';
export { RECOVERIES } from './recoveries.ts';
export { STACK_NAMES } from './stack-names.ts';

/** The assemblies of one stack as they came with the package; an output directory is not needed. */
export const synthesizeStack: typeof Stacks.synthesizeStack = async (name, _, { recovery = 'schedule' } = {}) => {
  const variant = name === 'VendorOnboarding' ? `${name}-${recovery}` : name;
  return fileURLToPath(new URL(`./assemblies/${variant}`, import.meta.url));
};

/** A sample of the real files; see the attribution beside them. */
export const VENDOR_UPLOADS_DIR: typeof Stacks.VENDOR_UPLOADS_DIR = fileURLToPath(
  new URL('./vendor-uploads', import.meta.url),
);
