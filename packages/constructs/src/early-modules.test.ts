import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUNDLE_FILE, bundleEntry } from './bundle-entry.ts';
import { withEarlyModules } from './early-modules.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-early-modules-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const FILES: Readonly<Record<string, string>> = {
  // Imported at once, and by what is imported late.
  'shared.mjs': `import { deep } from './deep.mjs'; export const where = () => deep().stack.split('\\n')[1]; export const self = this;`,
  'deep.mjs': `export const failed = new Error('at loading'); export const deep = () => new Error('here');`,
  'late.mjs': `import { self } from './shared.mjs'; export const late = String(self);`,
  'text.mjs': 'export const text = `a\n  }\n});\nb`;',
  // Its quotes are even where the text seems to end.
  'tick.mjs': 'export const tick = "`" + `a\n  }\n});\nb`;',
  'entry.mjs': `import { where } from './shared.mjs'; import { failed } from './deep.mjs'; import { text } from './text.mjs'; import { tick } from './tick.mjs';
export const handler = async () => ({ where: where(), failed: failed.stack, text, tick: tick + (await import('./tick.mjs')).tick, late: (await import('./late.mjs')).late, again: (await import('./text.mjs')).text });`,
};

interface Answer {
  readonly where: string;
  readonly failed: string;
  readonly text: string;
  readonly again: string;
  readonly tick: string;
  readonly late: string;
}

const bundled = (): { readonly path: string; readonly code: string } => {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text);
  const bundle = bundleEntry(join(directory, 'entry.mjs'));
  const path = join(bundle, BUNDLE_FILE);
  return { path, code: readFileSync(path, 'utf8') };
};

it('modules that run at loading are compiled with the bundle, others when they are called', async () => {
  const { path, code } = bundled();

  expect(code).toContain('"shared.mjs": (function() {');
  expect(code).toContain('"deep.mjs": (function() {');
  expect(code).toContain('"late.mjs"() {');

  const { handler } = (await import(pathToFileURL(path).href)) as { handler: () => Promise<Answer> };
  const answer = await handler();
  expect(answer.late).toBe('undefined');
  expect(answer.text).toBe('a\n  }\n});\nb');
  expect(answer.again).toBe(answer.text);
  expect(answer.tick).toBe('`a\n  }\n});\nb'.repeat(2));
  // Lines and names as the bundler left them.
  const lineOf = (text: string): number => code.split('\n').findIndex((line) => line.includes(text)) + 1;
  expect(answer.where).toContain(`:${lineOf('new Error("here")')}:`);
  expect(answer.failed).toMatch(new RegExp(`at deep\\.mjs \\(.*:${lineOf('new Error("at loading")')}:`));
  rmSync(join(path, '..'), { recursive: true });
});

it('leaves a bundle alone that holds another as text', () => {
  const { path, code } = bundled();

  const holding = `${code}\nvar text = \`\n${code}\n\`;\n`;

  expect(withEarlyModules(holding)).toBe(holding);
  rmSync(join(path, '..'), { recursive: true });
});
