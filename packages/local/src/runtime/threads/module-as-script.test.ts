import { Script } from 'node:vm';
import { expect, it } from 'vitest';
import { moduleAsScript } from './module-as-script.ts';

const evaluate = (module: string): unknown =>
  (new Script(moduleAsScript(module), { filename: 'there.mjs' }).runInThisContext() as () => unknown)();

it('does what the module does: waits, is strict, and has its imports from the beginning', async () => {
  const kept: unknown[] = [];
  Object.assign(globalThis, { kept });
  const module = [
    'kept.push(joined("a", "b"), typeof syncBuiltinESMExports, this);',
    'import { join as joined, sep } from "node:path";',
    'import util from "node:util";',
    'import { syncBuiltinESMExports } from "node:module";',
    'await 0;',
    'kept.push(util.inspect(sep), (() => { try { undeclared = 1; } catch (error) { return error.name; } })());',
  ].join('\n');

  await evaluate(module);

  expect(kept).toEqual(['a/b', 'function', undefined, "'/'", 'ReferenceError']);
  Reflect.deleteProperty(globalThis, 'kept');
});

it('fails as the module fails, on its lines', async () => {
  const failing = evaluate('import util from "node:util";\n\nthrow new Error("here");') as Promise<never>;

  const { stack } = await failing.catch((error: Error) => error);

  expect(stack).toContain('there.mjs:3:');
});

it.each([
  'import { x } from "./x.js";',
  'import * as path from "node:path";',
  'import "node:path";',
  'export const x = 1;',
  'console.log(import.meta.url);',
])('refuses %s', (module) => {
  expect(() => moduleAsScript(module)).toThrow('a script cannot have');
});

it('leaves imports that happen later alone', async () => {
  expect(await evaluate('return import("node:path").catch(({ code }) => code);')).toBe(
    'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING',
  );
});
