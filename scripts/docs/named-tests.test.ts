import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';

/** Pages whose sentences are shown by tests that they name: `file.test.ts`: the beginning of a test's name. */
const PAGES = ['docs/guarantees.md', 'docs/comparison.md'];

/** Some files have the same name. */
const FILES = new Map<string, string>();
for (const path of globSync('packages/*/src/**/*.test.ts')) {
  FILES.set(basename(path), `${FILES.get(basename(path)) ?? ''}${readFileSync(path, 'utf8')}`);
}

it.each(PAGES)('%s names tests that there are', (page) => {
  const strays = [...readFileSync(page, 'utf8').matchAll(/`([\w.-]+\.test\.ts)`(?:: ([^|]+))?/g)].flatMap(
    ([, file = '', names = '']) => {
      const text = FILES.get(file)?.replace(/\\'/g, "'").replace(/\s+/g, ' ');
      if (text === undefined) return [file];
      return names
        .split('…')
        .map((name) => name.trim().replace(/^, /, ''))
        .filter((name) => name !== '' && !text.includes(name))
        .map((name) => `${file}: ${name}`);
    },
  );
  expect(strays).toEqual([]);
});
