import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toldLines } from './lines.ts';
import { operationSections, withSection } from './operations.ts';
import { allPages, codeOf, currentPages, inlineCode, read } from './pages.ts';

/** Headings of a page as links name them. */
const headingsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );

/** Of two words or more: one word may be anything. */
const NAME = /(?<![\w-])[A-Za-z]+[a-z][A-Z]\w+/g;

/** All operations and members of the services' clients: a page may tell of one that is refused. */
const SCHEMAS_OF_AWS = 'node_modules/@aws-sdk/client-*/dist-es/schemas/schemas_0.js';

/** Names that pages tell of, and our code has no reason to. */
const OF_OTHERS = {
  'refused or left out': [
    'ApproximateNumberOf', // beginning of three
    'BodyS3Location',
    'DeploymentPreference',
    'ForEach',
    'HostedRotationLambda',
    'PublishLambdaVersion',
    'SecretTargetAttachment',
    'ToJsonString',
    'initRuntimeDone',
  ],
  'other programs': [
    'AwsCustomResource',
    'SqsAsyncBatchManager',
    'SqsTemplate',
    'TestPublishSubscribeInOrder',
    'cacheMiddleware',
    'getCacheUsage',
    'trackUnmanagedFds',
  ],
  'placeholders of examples': ['RequiredOne'],
};

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
}

describe('what the documents say', () => {
  it('names each operation and each resource type in its fidelity page (else: npm run docs)', async () => {
    for (const [id, section] of await operationSections()) {
      const page = read(`docs/fidelity/${id}.md`);
      expect(page, id).toBe(withSection(page, section));
    }
  });

  it('has a fidelity page of each service, and none of anything else that the index does not tell of', async () => {
    const pages = globSync('*.md', { cwd: 'docs/fidelity' }).map((page) => page.replace('.md', ''));
    const index = read('docs/fidelity/README.md');
    const services = [...(await operationSections()).keys()];
    const orphans = pages.filter((page) => !services.includes(page) && !index.includes(`(${page}.md)`));
    expect(services.filter((id) => !pages.includes(id))).toEqual([]);
    expect(orphans).toEqual(['README']);
  });

  it('lists every package with about as many lines as it has (else: npm run docs)', () => {
    const told = toldLines(read('docs/architecture.md'));
    expect(told.map(([{ name }]) => name).sort()).toEqual(globSync('*', { cwd: 'packages' }).sort());
    const isAbout = (one: number, other: number): boolean => Math.abs(one - other) <= 0.3 + other / 10;
    const wrong = told.filter(([said, is]) => !isAbout(said.source, is.source) || !isAbout(said.tests, is.tests));
    expect(wrong).toEqual([]);
  });

  it('leads to pages and headings that are there', () => {
    const astray = allPages().flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)#\s]*)(?:#([^)\s]*))?\)/g)].flatMap(([link, path = '', heading]) => {
        if (/^(https?|mailto):/.test(path)) return [];
        const target = path === '' ? page : join(dirname(page), path);
        if (!existsSync(target)) return [`${page}: ${link}`];
        const isThere = heading === undefined || !target.endsWith('.md') || headingsOf(target).has(heading);
        return isThere ? [] : [`${page}: ${link}`];
      }),
    );
    expect(astray).toEqual([]);
  });

  it('speaks of files, scripts, resource types and paths of the engine that there are', () => {
    const sources = globSync('packages/*/src/**/*.{ts,tsx}').map(read).join('\n');
    const scriptsOf = (folder: string) => Object.keys((JSON.parse(read(`${folder}package.json`)) as Manifest).scripts);
    const isThere: readonly (readonly [RegExp, (name: string, whole: string) => boolean])[] = [
      [/^(?:packages|docs|scripts|examples|benchmarks)\/[\w./-]+$/g, (_name, path) => existsSync(path)],
      [/\bAWS::\w+::\w+/g, (_name, type) => sources.includes(`'${type}'`)],
      [/\/_holdfast\/([\w-]+)/g, (name) => new RegExp(`[/']${name}['/]`).test(sources)],
      [/\bnpm run (\w[\w:-]*)(?! -w|[\w:-])/g, (name) => scriptsOf('').includes(name)],
      [
        /\bnpm run (\w[\w:-]*) -w @holdfast\/(\w+)/g,
        (name, call) => scriptsOf(`packages/${/\w+$/.exec(call)?.[0]}/`).includes(name),
      ],
    ];
    const strays = currentPages().flatMap((page) =>
      codeOf(read(page)).flatMap((code) =>
        isThere.flatMap(([pattern, isOne]) =>
          [...code.matchAll(pattern)]
            .filter(([whole, name = '']) => !isOne(name, whole))
            .map(([whole]) => `${page}: ${whole}`),
        ),
      ),
    );
    expect(strays).toEqual([]);
  });

  it('uses no name that code does not: of errors, operations, members, options and our own', () => {
    const ours = globSync(['{packages,benchmarks,examples,scripts}/**/*.{ts,tsx,mjs,py,yaml}', 'package.json'], {
      exclude: (name) => name === 'node_modules' || name === 'docs' || name === 'dist',
    });
    const sources = [...ours, ...globSync(SCHEMAS_OF_AWS)];
    const known = new Set([
      ...Object.values(OF_OTHERS).flat(),
      ...sources.flatMap((path) => read(path).match(/\w+/g) ?? []),
    ]);
    const names = currentPages().flatMap((page) =>
      inlineCode(read(page))
        .flatMap((code) => code.match(NAME) ?? [])
        .map((name) => [page, name] as const),
    );
    expect(names.length).toBeGreaterThan(1_000);
    expect(names.filter(([, name]) => !known.has(name)).map((one) => one.join(': '))).toEqual([]);
  });

  it('lists each error code with its class and its fields, and none that there is not', () => {
    const sources = globSync('packages/*/src/**/*.ts').filter((path) => !path.includes('node_modules'));
    const declared = sources.flatMap((path) =>
      [...read(path).matchAll(/class (\w+) extends HoldfastError \{([\s\S]*?)\n\}/g)].map(
        ([, name = '', body = '']) => {
          const code = /readonly code = '(\w+)'/.exec(body)?.[1] ?? '';
          const fields = [...body.matchAll(/^ {2}readonly (\w+):/gm)].map(([, field = '']) => field);
          return `${code} ${name} ${fields.sort().join(' ')}`.trim();
        },
      ),
    );
    const rows = [...read('docs/errors.md').matchAll(/^\| `(\w+)` \| `(\w+)` \|([^|]*)\|/gm)];
    const documented = rows.map(([, code = '', name = '', cell = '']) => {
      const fields = [...cell.matchAll(/`(\w+)`/g)].map(([, field = '']) => field);
      return `${code} ${name} ${fields.sort().join(' ')}`.trim();
    });
    expect(documented.sort()).toEqual(declared.sort());
    expect(new Set(declared.map((row) => row.split(' ')[0])).size).toBe(declared.length);
  });

  it('shows examples as they are: what is compiled and run is what is read', () => {
    const quoted = currentPages().flatMap((page) =>
      [...read(page).matchAll(/<!-- (examples\/\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(([, path = '', text]) => ({
        path,
        text,
      })),
    );
    expect(quoted.length).toBeGreaterThan(0);
    for (const { path, text } of quoted) expect(text, path).toBe(read(path));
  });
});
