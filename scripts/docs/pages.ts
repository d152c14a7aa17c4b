import { globSync, readFileSync } from 'node:fs';

export const read = (path: string): string => readFileSync(path, 'utf8');

/** What people read: all pages below the root, and what is for language models. */
export const allPages = (): readonly string[] => [
  'llms.txt',
  ...globSync('**/*.md', { exclude: (name) => name === 'node_modules' || name === 'dist' }),
];

/** Those that say how things are now. Decisions and the log of changes say how they were. */
export const currentPages = (): readonly string[] =>
  allPages().filter((page) => page !== 'CHANGELOG.md' && !page.startsWith('docs/adr/'));

const FENCED = /^```[^\n]*\n([\s\S]*?)^```/gm;

/** What stands between backticks within the sentences of a text. */
export const inlineCode = (text: string): readonly string[] =>
  [...text.replace(FENCED, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));

/** All code of a text, a command each: lines of blocks, put together where they go on, and what stands between backticks. */
export const codeOf = (text: string): readonly string[] => [
  ...[...text.matchAll(FENCED)].flatMap(([, block = '']) => block.replace(/\\\n\s*/g, ' ').split('\n')),
  ...inlineCode(text),
];
