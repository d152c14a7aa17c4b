import { globSync, readFileSync } from 'node:fs';
import { STANDS_STILL } from '@holdfast/local';
import * as testing from '@holdfast/testing';
import { describe, expect, it } from 'vitest';

/** Code between backticks, in the order in which it stands. */
const codeIn = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

const sectionOf = (page: string, title: string): string => {
  const section = readFileSync(page, 'utf8')
    .split(/^## /m)
    .find((one) => one.startsWith(`${title}\n`));
  return section ?? expect.fail(`${page} has no section ${title}`);
};

/** First cells of the tables of a text. */
const firstCells = (text: string): readonly string[] =>
  [...text.matchAll(/^\| ([^|]*`[^|]*) \|/gm)].map(([, cell = '']) => cell);

/** `advance({ days: 13 })` is `advance`, `messageSpy.waitFor(…)` both of it. */
const namesIn = (code: string): readonly string[] => /^[\w.]+/.exec(code)?.[0].split('.') ?? [];

describe('docs/testing.md', () => {
  const page = 'docs/testing.md';

  it('lists what an engine has', async () => {
    await using aws = await testing.startTestEngine();
    const rows = firstCells(sectionOf(page, 'What there is')).filter((cell) => !cell.startsWith('spy:'));
    expect(rows.length).toBeGreaterThan(12);
    for (const [name = '', inner] of rows.flatMap(codeIn).map(namesIn)) {
      const member = (aws as unknown as Record<string, object>)[name];
      expect([name, typeof member]).toEqual([name, inner === undefined ? 'function' : 'object']);
      if (inner !== undefined) expect(inner in (member as object)).toBe(true);
    }
  });

  it('lists what a spy has, and its faults', async () => {
    await using aws = await testing.startTestEngine();
    const spy = aws.bind('f', () => 'done');
    const seen = firstCells(sectionOf(page, 'What there is')).filter((cell) => cell.startsWith('spy:'));
    const names = [...seen, ...firstCells(sectionOf(page, 'Faults'))].flatMap(codeIn).flatMap(namesIn);
    expect(names).toContain('killFirst');
    for (const name of names) expect([name, name in spy]).toEqual([name, true]);
  });

  it('names matchers and event factories that there are, and all of them', () => {
    const matchers = sectionOf(page, 'What there is').match(/\bto[A-Z]\w+/g) ?? [];
    expect(new Set(matchers)).toEqual(new Set(Object.keys(testing.matchers)));
    const factories = codeIn(sectionOf(page, 'Events for a handler alone').split('\n\n')[1] ?? '');
    expect([...factories].sort()).toEqual(
      Object.keys(testing)
        .filter((name) => name.endsWith('Event'))
        .sort(),
    );
  });

  it('names the options of an engine, and all of them', () => {
    const [, named = ''] = /`startTestEngine\(\{ ([^}]+) \}\)`/.exec(sectionOf(page, 'Set up a suite')) ?? [];
    const source = readFileSync('packages/testing/src/test-engine-options.ts', 'utf8');
    const [, declared = ''] = /interface TestEngineOptions \{([\s\S]*?)\n\}/.exec(source) ?? [];
    const options = [...declared.matchAll(/readonly (\w+)\?:/g)].map(([, name]) => name);
    expect(named.split(', ').sort()).toEqual(options.sort());
  });
});

describe('docs/constructs.md', () => {
  const page = readFileSync('docs/constructs.md', 'utf8');

  it('has every warning that a construct gives, and no other', () => {
    const told = new Set(firstCells(page).flatMap(codeIn));
    const sources = globSync('packages/constructs/src/*.ts', { exclude: ['**/*.test.ts'] });
    const given = sources.flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bid: '([a-z]\w+)',\s+message:/g)].map(([, id]) => id),
    );
    expect(given.length).toBeGreaterThan(8);
    expect(told).toEqual(new Set(given));
  });

  it('has a section with a compiled example of each construct', () => {
    const titles = [...page.matchAll(/^## (.+)$/gm)].flatMap(([, title = '']) => title.split(', '));
    const exported = readFileSync('packages/constructs/src/index.ts', 'utf8');
    for (const title of titles) expect([title, exported.includes(title)]).toEqual([title, true]);
    const examples = [...page.matchAll(/<!-- examples\/constructs\/([\w-]+\.ts) -->/g)].map(([, file]) => file);
    expect(examples.sort()).toEqual(globSync('*.ts', { cwd: 'examples/constructs' }).sort());
  });
});

it('llms.txt names what there is', async () => {
  await using aws = await testing.startTestEngine();
  const spy = aws.bind('f', () => 'done');
  const handlers = readFileSync('docs/api/constructs.md', 'utf8');
  const names = codeIn(readFileSync('llms.txt', 'utf8')).filter((code) => /^\w+$/.test(code));
  expect(names.length).toBeGreaterThan(8);
  const isThere = (name: string): boolean =>
    name in testing || name in aws || name in spy || name === STANDS_STILL || handlers.includes(name);
  expect(names.filter((name) => !isThere(name))).toEqual([]);
});
