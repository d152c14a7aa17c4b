/** Stands in for fast-check in a sweep: asserts a property once for each seed. */
// By its path: an import of the name leads here.
import * as original from '../../node_modules/fast-check/lib/fast-check.js';

export * from '../../node_modules/fast-check/lib/fast-check.js';

const seeds = Number(process.env['SEEDS'] ?? 200);
const first = Number(process.env['FIRST_SEED'] ?? 1);

export const assert = (property: never, parameters: object = {}): unknown => {
  const once = (seed: number): unknown => original.assert(property, { ...parameters, seed });
  // A synchronous property must not become a promise that nobody awaits.
  let last = once(first);
  for (let seed = first + 1; seed < first + seeds; seed++) {
    last = last instanceof Promise ? last.then(() => once(seed)) : once(seed);
  }
  return last;
};

export default { ...original, assert };
