import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../packages/cli/src/program.ts';
import { operationSections, withSection } from './operations.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const pagesOf = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) => `${directory}/${path}`);

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

describe('what the documents say', () => {
  it('names each operation and each resource type in its fidelity page (else: npm run docs)', async () => {
    for (const [id, section] of await operationSections()) {
      const page = read(`docs/fidelity/${id}.md`);
      expect(page, id).toBe(withSection(page, section));
    }
  });

  it('names each command, and no command or option that there is not', async () => {
    const program = await createProgram();
    const commands = new Map(program.commands.map((command) => [command.name(), command]));
    const readme = read('packages/cli/README.md');
    expect([...commands.keys()].filter((name) => !readme.includes(`holdfast ${name}`))).toEqual([]);

    const pages = ['README.md', 'packages/cli/README.md', ...pagesOf('docs')].filter((page) => !page.includes('/adr/'));
    const strays = pages.flatMap((page) =>
      [...read(page).matchAll(/npx holdfast ([a-z][a-z-]*)([^\n`#;&|]*)/g)].flatMap(([call, name = '', rest = '']) => {
        const command = commands.get(name);
        if (command === undefined) return [`${page}: ${call}`];
        const below = command.commands.find((sub) => rest.trim().startsWith(sub.name()));
        const known = new Set([command, below].flatMap((one) => one?.options.map(({ long }) => long) ?? []));
        return [...rest.matchAll(/--[a-z-]+/g)]
          .filter(([option]) => !known.has(option) && option !== '--help')
          .map(([option]) => `${page}: ${option} in "${call.trim()}"`);
      }),
    );
    expect(strays).toEqual([]);
  });

  it('leads to pages and headings that are there', () => {
    const pages = globSync('**/*.md', { exclude: (name) => name === 'node_modules' || name === 'dist' });
    const astray = pages.flatMap((page) =>
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
    const quoted = pagesOf('docs').flatMap((page) =>
      [...read(page).matchAll(/<!-- (examples\/\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(([, path = '', text]) => ({
        path,
        text,
      })),
    );
    expect(quoted.length).toBeGreaterThan(0);
    for (const { path, text } of quoted) expect(text, path).toBe(read(path));
  });
});
