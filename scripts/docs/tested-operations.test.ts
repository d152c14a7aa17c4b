import { globSync, readFileSync } from 'node:fs';
import { LocalEngine } from '@holdfast/local';
import { expect, it } from 'vitest';

/** Tests, and what they share: calls of operations by their names, or by commands or methods of the SDK. */
const TEXTS = ['packages/*/src/**/*.test.ts', 'packages/*/src/**/*-bench.ts', 'packages/local/src/contract/*.ts'];

it('every operation is called in some test', async () => {
  await using local = await LocalEngine.start({ port: 0 });
  const { engine } = local;
  const words = new Set(
    TEXTS.flatMap((pattern) => globSync(pattern)).flatMap((path) => readFileSync(path, 'utf8').match(/\w+/g) ?? []),
  );
  const isCalled = (name: string): boolean =>
    [name, `${name}Command`, `${name.charAt(0).toLowerCase()}${name.slice(1)}`].some((word) => words.has(word));
  const untested = engine.descriptors.flatMap(({ id }) =>
    engine
      .actionsOf(id)
      .filter((name) => !isCalled(name))
      .map((name) => `${id} ${name}`),
  );
  expect(untested).toEqual([]);
});
