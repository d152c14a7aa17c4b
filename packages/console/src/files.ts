import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the pages are: beside the built code, in a checkout where the build put them. */
const FOLDERS = ['./console/', '../../cli/dist/console/'] as const;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
  woff: 'font/woff',
  svg: 'image/svg+xml',
};

export interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Its name has its content's hash in it. */
  readonly isForEver: boolean;
}

const folderOf = (): string | undefined =>
  FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url))).find((folder) =>
    existsSync(join(folder, 'index.html')),
  );

/** A file of the pages. Addresses within the console are all the same page. */
export const pageFile = (path: string): PageFile | undefined => {
  const folder = folderOf();
  if (folder === undefined) return undefined;
  const isFile = /^[\w.-]+\.\w+$/.test(path) && !path.startsWith('.');
  const file = join(folder, isFile ? path : 'index.html');
  if (!existsSync(file)) return undefined;
  const extension = file.slice(file.lastIndexOf('.') + 1);
  return {
    contentType: TYPES[extension] ?? 'application/octet-stream',
    body: readFileSync(file),
    isForEver: isFile && path !== 'index.html',
  };
};
