/** As the bundler writes it; of built-in modules, since all else is within. */
const IMPORT = /^import (?:(\w+)|\{ ([^}]*) \}) from "(node:[\w/]+)";$/gm;
/** What a script cannot have. */
const OF_MODULES = /^(?:import|export)\b(?!\()|\bimport\.meta\b/m;

/**
 * The text of a script whose value is an async function that does what a bundled module does when it is evaluated: of scripts
 * compiled code can be kept that has been run. Strict, with its imports as they are at the beginning, and on its own lines.
 *
 * @throws Error for a module that has more than imports of built-in modules
 */
export const moduleAsScript = (module: string): string => {
  const imports: string[] = [];
  const body = module.replace(IMPORT, (_, whole: string | undefined, names: string | undefined, from: string) => {
    imports.push(`const ${whole ?? `{ ${names?.replaceAll(' as ', ': ')} }`} = process.getBuiltinModule("${from}");`);
    return '';
  });
  const rest = OF_MODULES.exec(body)?.[0];
  if (rest !== undefined) throw new Error(`a script cannot have "${rest}"`);
  return `(async function () { "use strict"; ${imports.join(' ')} ${body}\n})`;
};
