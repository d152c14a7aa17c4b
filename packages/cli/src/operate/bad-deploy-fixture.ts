import { cpSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the parser is called with in its bundle; the bug goes in front of it. */
const SEAM = 'await processUpload(deps, object, key, context,';

/** Fails for a third of the vendors, always the same ones. */
const BUG = 'await totalOfOrder(key) ?? await processUpload(deps, object, key, context,';
const BUGGY = `
const totalOfOrder = async ({ vendorId }) => {
  const prices = Number(vendorId.replace(/\\D/g, '')) % 3 === 0 ? undefined : { total: 0 };
  return prices.total === 0 ? undefined : prices;
};
`;

/**
 * Copies a cloud assembly and puts a bug into the parser, as a deployment with a mistake would: the asset has other bytes
 * and therefore another name.
 */
export const withBug = (assembly: string, copy: string): string => {
  cpSync(assembly, copy, { recursive: true });
  const assets = readdirSync(copy).filter((name) => /^asset\./.test(name) && statSync(join(copy, name)).isDirectory());
  const parser = assets.find((name) => {
    const files = readdirSync(join(copy, name));
    return files.includes('index.mjs') && readFileSync(join(copy, name, 'index.mjs'), 'utf8').includes(SEAM);
  });
  if (parser === undefined) throw new Error(`no parser in ${assembly}`);
  const file = join(copy, parser, 'index.mjs');
  writeFileSync(file, readFileSync(file, 'utf8').replace(SEAM, BUG) + BUGGY);
  const hash = parser.slice('asset.'.length);
  const buggy = `${hash.slice(0, -4)}dead`;
  renameSync(join(copy, parser), join(copy, `asset.${buggy}`));
  // The template names the asset, so it is another one, too.
  const manifest = readFileSync(join(copy, 'manifest.json'), 'utf8');
  const [, template = ''] = /\/([0-9a-f]{64})\.json/.exec(manifest) ?? [];
  for (const name of readdirSync(copy)) {
    if (!name.endsWith('.json')) continue;
    const text = readFileSync(join(copy, name), 'utf8').replaceAll(hash, buggy);
    writeFileSync(join(copy, name), text.replaceAll(template, `${template.slice(0, -4)}dead`));
  }
  return copy;
};
