import { fileURLToPath } from 'node:url';
import type * as Stacks from './index.ts';

/*
 * Stands in for index.ts in the installed command: the assembly was synthesised when the package was built, so that
 * nobody installs CDK to start an engine.
 */

export { RECOVERIES } from './recoveries.ts';

/** The assembly as it came with the package; `outputDirectory` is not needed. */
export const synthesizeVendorOnboarding: typeof Stacks.synthesizeVendorOnboarding = async (_, recovery = 'schedule') =>
  fileURLToPath(new URL(`./vendor-onboarding-${recovery}`, import.meta.url));

/** A sample of the real files; see the attribution beside them. */
export const VENDOR_UPLOADS_DIR: typeof Stacks.VENDOR_UPLOADS_DIR = fileURLToPath(
  new URL('./vendor-uploads', import.meta.url),
);
