import { globSync } from 'node:fs';
import { read } from './pages.ts';

/** A row of the table of packages: all before the lines, lines of source, lines of tests. */
const ROW = /^(\| `([\w-]+)` \|.*\| )([\d.]+) \(([\d.]+|–)\) \|$/gm;

export interface PackageLines {
  readonly name: string;
  /** In thousands. */
  readonly source: number;
  readonly tests: number;
}

const thousandsIn = (paths: readonly string[]): number =>
  paths.reduce((lines, path) => lines + read(path).split('\n').length - 1, 0) / 1_000;

const linesOf = (name: string): PackageLines => {
  const paths = globSync(`packages/${name}/**/*.{ts,tsx}`, {
    exclude: (path) => path === 'node_modules' || path === 'dist' || path === 'cdk.out',
  });
  const isTest = (path: string): boolean => /\.test\.tsx?$/.test(path);
  return {
    name,
    source: thousandsIn(paths.filter((path) => !isTest(path))),
    tests: thousandsIn(paths.filter(isTest)),
  };
};

/** What `docs/architecture.md` says of each package, and what is so. */
export const toldLines = (page: string): readonly (readonly [told: PackageLines, is: PackageLines])[] =>
  [...page.matchAll(ROW)].map(([, , name = '', source, tests]) => [
    { name, source: Number(source), tests: tests === '–' ? 0 : Number(tests) },
    linesOf(name),
  ]);

/** The page with the lines of today. */
export const withLines = (page: string): string =>
  page.replace(ROW, (_row, before: string, name: string) => {
    const { source, tests } = linesOf(name);
    return `${before}${source.toFixed(1)} (${tests === 0 ? '–' : tests.toFixed(1)}) |`;
  });
