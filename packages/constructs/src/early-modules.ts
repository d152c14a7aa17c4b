/** What puts each module into a function of its own; once in a bundle, unless the bundle holds another as text. */
const WRAPPER = /^var __esm = /gm;
/** As far as the path of the next, which the bundler writes above it. */
const MODULE = /^var (init_\w+) = __esm\(\{\n {2}("(?:[^"\\]|\\.)*")\(\) \{\n(.*?)^ {2}\}\n\}\);$(?=\n\n\/\/ )/gms;

const calls = (code: string, indentation: string): readonly string[] =>
  [...code.matchAll(new RegExp(`^${indentation}(init_\\w+)\\(\\);$`, 'gm'))].map(([, name = '']) => name);

/** Where a template may still be open the end that was found is perhaps a line of that template. */
const isWhole = (body: string): boolean => body.split('`').length % 2 === 1;

/** Modules that run whenever the bundle is loaded, by their names. */
const early = (code: string, modules: ReadonlyMap<string, string>): ReadonlySet<string> => {
  const found = new Set<string>();
  const open = [...calls(code, '')];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const body = modules.get(name);
    if (body === undefined || found.has(name)) continue;
    found.add(name);
    open.push(...calls(body, ' {4}'));
  }
  return found;
};

/**
 * Has modules compiled with the bundle that run whenever it is loaded.
 *
 * What is imported late the bundler puts into functions, and with it all that this shares with the rest: of the AWS SDK
 * most. An engine reads such a function twice, to skip it and when it is called, and its code is in no compile cache.
 * Parentheses around it say that it is called soon. Lines and names in stack traces stay what they are.
 */
export const withEarlyModules = (code: string): string => {
  if (code.match(WRAPPER)?.length !== 1) return code;
  const modules = new Map([...code.matchAll(MODULE)].map(([, name = '', , body = '']) => [name, body]));
  const called = early(code, modules);
  return code.replace(MODULE, (module: string, name: string, path: string, body: string) =>
    called.has(name) && isWhole(body) ? `var ${name} = __esm({\n  ${path}: (function() {\n${body}  })\n});` : module,
  );
};
