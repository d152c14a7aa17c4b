/**
 * What the packages promise, as `docs/api` holds it: a change of it is seen in review. `npm run api` writes it anew from what
 * was built.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackages, builtFolder } from './build.ts';
import { PUBLISHED, type PublishedPackage } from './published.ts';

const reportPath = ({ folder }: PublishedPackage): string => join('docs/api', `${folder}.md`);

const declarationsOf = (published: PublishedPackage, entry: string): string =>
  readFileSync(join(builtFolder(published), `lib/${entry}.d.ts`), 'utf8').trim();

/** What can be imported from one module; those beside `index` say from where. */
const sectionOf = (published: PublishedPackage, entry: string): string => {
  const title = entry === 'index' ? '' : `## \`${published.name}/${entry}\`\n\n`;
  return `${title}\`\`\`ts\n${declarationsOf(published, entry)}\n\`\`\`\n`;
};

const reportOf = (published: PublishedPackage): string => {
  const sections = Object.keys(published.entries).map((entry) => sectionOf(published, entry));
  return `# \`${published.name}\`\n\nEverything that can be imported. Written by \`npm run api\`; the pack test fails when it is not what was built.\n\n${sections.join('\n')}`;
};

/** What the report of a package complains of, if anything. */
export const apiComplaint = (published: PublishedPackage): string | undefined => {
  const path = reportPath(published);
  if (!existsSync(path) || readFileSync(path, 'utf8') !== reportOf(published)) {
    return `${path} is not what was built; if the change is meant, run "npm run api"`;
  }
  const bare = Object.keys(published.entries).flatMap((entry) => undocumented(declarationsOf(published, entry)));
  return bare.length === 0 ? undefined : `without a doc comment: ${bare.join(', ')}`;
};

/** Names that are exported and have no comment. */
const undocumented = (declarations: string): readonly string[] => {
  const lines = declarations.split('\n');
  const [, listed = ''] = /^export (?:type )?\{ (.*) \};$/m.exec(declarations) ?? [];
  const exported = new Set(listed.split(', ').map((name) => name.replace('type ', '')));
  return lines.flatMap((line, index) => {
    const [, isExported, name = ''] =
      /^(export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/.exec(line) ?? [];
    const isPublic = isExported !== undefined || exported.has(name);
    return name !== '' && isPublic && !lines[index - 1]?.endsWith('*/') ? [name] : [];
  });
};

if (import.meta.main) {
  await buildPackages();
  mkdirSync('docs/api', { recursive: true });
  for (const published of PUBLISHED) if (published.hasTypes) writeFileSync(reportPath(published), reportOf(published));
}
