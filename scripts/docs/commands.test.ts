import { globSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { createProgram } from '../../packages/cli/src/program.ts';
import { codeOf, currentPages, inlineCode, read } from './pages.ts';

/** The program, and each command below it. */
type Program = Awaited<ReturnType<typeof createProgram>>;

/** Files beside the pages that call the command. */
const CALLERS = ['Dockerfile', 'action.yml'];

/** Options that stand alone between backticks and are of other programs. */
const OF_OTHERS = {
  aws: ['--filter-pattern', '--follow'],
  cdk: ['--all', '--express', '--hotswap'],
  sam: ['--resolve-s3'],
  'npm run bench:…': ['--targets'],
  'the suites of other engines': ['--everything', '--slow', '--timeout'],
  'V8, where heaps are measured': [
    '--expose-gc',
    '--invocation-count-for-maglev',
    '--max-lazy',
    '--min-semi-space-size',
    '--no-maglev',
    '--no-parallel-scavenge',
    '--no-sparkplug',
    '--optimize-for-size',
    '--random-seed',
    '--single-threaded-gc',
  ],
};

const VARIABLE = /\bHOLDFAST_[A-Z_]+\b/g;
const OPTION = /(?<![\w-])--[a-z][a-z0-9-]*/g;

const optionsOf = (command: Program): readonly string[] => ['--help', ...command.options.map(({ long }) => long ?? '')];

const everyOption = (command: Program): readonly string[] => [
  ...optionsOf(command),
  ...command.commands.flatMap(everyOption),
];

/** What is wrong with a call, given what stands behind the program's name. */
const complaintOf = (program: Program, call: string): string | undefined => {
  const words = call.replace(/[[\]()|]/g, ' ').split(/\s+/);
  const known = new Set(optionsOf(program));
  let command = program;
  for (const word of words) {
    const below = command.commands.find((one) => one.name() === word);
    if (below === undefined) {
      const mustBeCommand = command.commands.length > 0 && command.registeredArguments.length === 0;
      if (mustBeCommand && /^[a-z][a-z-]*$/.test(word)) return `no command ${word}`;
      break;
    }
    command = below;
    for (const option of optionsOf(command)) known.add(option);
  }
  const stray = call.match(OPTION)?.find((option) => !known.has(option));
  return stray === undefined ? undefined : `no option ${stray}`;
};

/** Calls in a text, each as what stands behind the program's name: `holdfast dlq ls` and `npm start -- --stack all`. */
const callsIn = (code: string): readonly string[] => [
  ...[...code.matchAll(/(?<![\w/@.:=-])holdfast((?: (?:<\w+>|[^\s`#;&|>])+)+)/g)].map(([, words = '']) => words.trim()),
  ...[...code.matchAll(/npm start -- ([^`#;&|]+)/g)].map(([, words = '']) => `up ${words.trim()}`),
];

describe('commands in the documents', () => {
  let program: Program;
  beforeAll(async () => {
    program = await createProgram();
  });

  it('are all named by the page of the command', () => {
    const page = read('packages/cli/README.md');
    const names = program.commands.map((command) => command.name());
    expect(names.filter((name) => !page.includes(`holdfast ${name}`))).toEqual([]);
  });

  it('are there, with what stands below them, and have the options that are shown', () => {
    const calls = [
      ...currentPages().flatMap((page) => codeOf(read(page)).map((code) => [page, code])),
      ...CALLERS.flatMap((file) =>
        read(file)
          .split('\n')
          .map((line) => [file, line]),
      ),
    ].flatMap(([page = '', code = '']) => callsIn(code).map((call) => ({ page, call })));
    expect(calls.length).toBeGreaterThan(100);
    const strays = calls.flatMap(({ page, call }) => {
      const complaint = complaintOf(program, call);
      return complaint === undefined ? [] : [`${page}: ${complaint} in "${call}"`];
    });
    expect(strays).toEqual([]);
  });

  it('have options that are told of alone, unless they are of Node.js or of a program that is named here', () => {
    const known = new Set([
      ...everyOption(program),
      ...process.allowedNodeEnvironmentFlags,
      ...Object.values(OF_OTHERS).flat(),
    ]);
    const strays = currentPages().flatMap((page) =>
      inlineCode(read(page))
        .filter((code) => code.startsWith('--'))
        .flatMap((code) => code.match(OPTION) ?? [])
        .filter((option) => !known.has(option))
        .map((option) => `${page}: ${option}`),
    );
    expect(strays).toEqual([]);
  });

  it('read variables that are told of, and none else is told of', () => {
    const variables = (paths: readonly string[]) => new Set(paths.flatMap((path) => read(path).match(VARIABLE) ?? []));
    const sources = globSync('{packages,scripts,benchmarks}/**/*.{ts,py}', {
      exclude: (name) => name === 'node_modules',
    });
    const told = variables(currentPages());
    const ofCommands = variables(globSync('packages/cli/src/**/*.ts'));
    expect([...ofCommands].filter((variable) => !told.has(variable))).toEqual([]);
    expect([...told].filter((variable) => !variables(sources).has(variable))).toEqual([]);
  });
});

it.each([
  ['dlq lst', 'no command lst'],
  ['quues ls', 'no command quues'],
  ['dlq redrive orders --speed 5', 'no option --speed'],
  ['serve [--memry]', 'no option --memry'],
  ['up --stack all', undefined],
  ['logs -f csv-parser', undefined],
])('a call `holdfast %s`: %s', async (call, complaint) => {
  expect(complaintOf(await createProgram(), call)).toBe(complaint);
});
