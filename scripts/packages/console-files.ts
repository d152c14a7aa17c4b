import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

const PAGE = 'packages/console/page';

const OPTIONS = {
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  logLevel: 'error',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
} as const satisfies BuildOptions;

const FONT = /url\(data:font\/(woff2);base64,([^)]+)\)/g;

/** Fonts that came inside the stylesheet become files: a browser loads the few that a page uses. */
const extractFonts = (css: string, to: string): string =>
  css.replaceAll(FONT, (_, kind: string, content: string) => {
    const bytes = Buffer.from(content, 'base64');
    const name = `font-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.${kind}`;
    writeFileSync(join(to, name), bytes);
    return `url(${name})`;
  });

/** The stylesheets of all pages as one file: those of a page that is loaded later would come after its content. */
const buildStyle = async (to: string): Promise<string> => {
  const { outputFiles } = await build({ ...OPTIONS, entryPoints: [`${PAGE}/main.tsx`], outdir: to, write: false });
  const css = extractFonts(outputFiles.find(({ path }) => path.endsWith('.css'))?.text ?? '', to);
  const name = `style-${createHash('sha256').update(css).digest('hex').slice(0, 8)}.css`;
  writeFileSync(join(to, name), css);
  return name;
};

/** The pages of the console, each with the code it needs when it is opened. Names have the hash of what is in the file. */
export const addConsoleFiles = async (lib: string): Promise<void> => {
  const to = join(lib, 'console');
  mkdirSync(to, { recursive: true });
  const { metafile } = await build({
    ...OPTIONS,
    entryPoints: { main: `${PAGE}/main.tsx` },
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    splitting: true,
    metafile: true,
    outdir: to,
  });
  // Files of earlier builds stay: an engine that runs may still load them.
  for (const path of Object.keys(metafile.outputs).filter((each) => each.endsWith('.css'))) rmSync(path);
  const style = await buildStyle(to);
  const script = Object.keys(metafile.outputs)
    .map((path) => basename(relative('.', path)))
    .find((name) => /^main-.*\.js$/.test(name));
  writeFileSync(
    join(to, 'index.html'),
    readFileSync(`${PAGE}/index.html`, 'utf8')
      .replace('%STYLE%', style)
      .replace('%SCRIPT%', script ?? ''),
  );
};
