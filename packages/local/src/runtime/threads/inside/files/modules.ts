import type { ResolveFnOutput, ResolveHookContext } from 'node:module';
import type { Places } from './places.ts';

const { createRequire, registerHooks } = process.getBuiltinModule('node:module');
const { join } = process.getBuiltinModule('node:path');
const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url');

type Next = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** What a preload is imported as: found from the code's directory. */
const PRELOAD = 'holdfast-preload:';

/** Imports a module as `node --import` does. */
export const importPreload = (specifier: string): Promise<unknown> => import(`${PRELOAD}${specifier}`);

export interface ModuleHooks {
  /** Called with the name of each built-in module that is asked for, before it is handed out. */
  readonly onBuiltin: (name: string) => void;
}

/** Has modules found where the function sees them, in layers, and packages of the AWS SDK as Lambda brings them. */
export const translateModules = (places: Places, { onBuiltin }: ModuleHooks): void => {
  const { files } = places;
  /** Where else a package may be that was not found, as URLs of modules that would find it. */
  const otherParents = (specifier: string, isImport: boolean): readonly string[] => {
    if (/^[./]|^[\w-]+:/.test(specifier)) return [];
    const searched = isImport && files.importsFromNodePath ? (process.env['NODE_PATH'] ?? '').split(':') : [];
    return [
      // A module beside a directory `node_modules` finds what is in it.
      ...searched
        .filter((path) => path.endsWith('/node_modules'))
        .map((path) => pathToFileURL(join(places.realOf(path), '../index.js')).href),
      ...(/^@(aws-sdk|smithy)\//.test(specifier) ? files.sdkParents : []),
    ];
  };
  let isLookingElsewhere = false;
  const resolveElsewhere = (
    specifier: string,
    context: ResolveHookContext,
    next: Next,
    notFound: unknown,
  ): ResolveFnOutput => {
    const { code } = notFound as NodeJS.ErrnoException;
    if (isLookingElsewhere || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) throw notFound;
    const isImport = context.conditions.includes('import');
    isLookingElsewhere = true;
    try {
      for (const parentURL of otherParents(specifier, isImport)) {
        // Looking for a module follows links, through functions that are translated here.
        places.pass(fileURLToPath(parentURL));
        try {
          if (isImport) return next(specifier, { ...context, parentURL });
          return next(createRequire(parentURL).resolve(specifier), context);
        } catch {
          // Not there either.
        }
      }
    } finally {
      isLookingElsewhere = false;
    }
    throw notFound;
  };

  registerHooks({
    resolve: (asked, context, next) => {
      if (asked.startsWith(PRELOAD)) {
        const parentURL = pathToFileURL(join(files.taskRoot, 'index.mjs')).href;
        const specifier = places.realModule(asked.slice(PRELOAD.length));
        return next(specifier, { ...context, parentURL });
      }
      onBuiltin(asked.startsWith('node:') ? asked.slice('node:'.length) : asked);
      let resolved: ResolveFnOutput;
      try {
        resolved = next(places.realModule(asked), context);
      } catch (error) {
        resolved = resolveElsewhere(asked, context, next, error);
      }
      if (resolved.url.startsWith('file:///tmp/') || resolved.url.startsWith('file:///opt/')) {
        places.pass(fileURLToPath(resolved.url));
      }
      return resolved;
    },
  });
};
