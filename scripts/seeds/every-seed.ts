/** Stands in for fast-check in a sweep: asserts a property once for each seed. */
import { createRequire } from 'node:module';

// Required: an import of the name leads here.
const original = createRequire(import.meta.url)('fast-check') as typeof import('fast-check');

const seeds = Number(process.env['SEEDS'] ?? 200);
const first = Number(process.env['FIRST_SEED'] ?? 1);

const assert = (property: never, parameters: object = {}): unknown => {
  const once = (seed: number): unknown => original.assert(property, { ...parameters, seed });
  // A synchronous property must not become a promise that nobody awaits.
  let last = once(first);
  for (let seed = first + 1; seed < first + seeds; seed++) {
    last = last instanceof Promise ? last.then(() => once(seed)) : once(seed);
  }
  return last;
};

export default { ...original, assert };
