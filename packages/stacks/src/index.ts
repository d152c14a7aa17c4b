export { CONCURRENCY_ALLOCATION } from './concurrency.ts';
export { synthesizeVendorOnboarding } from './synthesize.ts';
