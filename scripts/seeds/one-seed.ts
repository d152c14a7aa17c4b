/**
 * Stands in for fast-check in `npm test`: every property with the same seed each time, so that `main` turns red by a change and
 * not by luck. New cases are what `npm run test:seeds` looks for; `SEED=n npm test` asserts with another one.
 */
// By its path: an import of the name leads here.
import { configureGlobal } from '../../node_modules/fast-check/lib/fast-check.js';

export * from '../../node_modules/fast-check/lib/fast-check.js';
export { default } from '../../node_modules/fast-check/lib/fast-check.js';

configureGlobal({ seed: Number(process.env['SEED'] ?? 1) });
