import type { ResolveFnOutput } from 'node:module';
import { elsewhere } from '../../../node-client/elsewhere.ts';
import type { Places } from './places.ts';

const { registerHooks } = process.getBuiltinModule('node:module');
const { join } = process.getBuiltinModule('node:path');
const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url');

/** What a preload is imported as: found from the code's directory. */
const PRELOAD = 'holdfast-preload:';

/** Imports a module as `node --import` does. */
export const importPreload = (specifier: string): Promise<unknown> => import(`${PRELOAD}${specifier}`);

export interface ModuleHooks {
  /** By names of built-in modules: called when the module is first asked for, before it is handed out. */
  readonly onBuiltin: Readonly<Record<string, () => void>>;
}

/** Has modules found where the function sees them, in layers, and packages of the AWS SDK as Lambda brings them. */
export const translateModules = (places: Places, { onBuiltin }: ModuleHooks): void => {
  const { files } = places;
  const resolveElsewhere = elsewhere({
    importsFromNodePath: files.importsFromNodePath,
    sdkParents: files.sdkParents,
    realOf: (path) => places.realOf(path),
    // Looking for a module follows links, through functions that are translated here.
    onLook: (path) => places.pass(path),
  });
  const toCome = new Map(Object.entries(onBuiltin));
  registerHooks({
    resolve: (asked, context, next) => {
      if (asked.startsWith(PRELOAD)) {
        const parentURL = pathToFileURL(join(files.taskRoot, 'index.mjs')).href;
        const specifier = places.realModule(asked.slice(PRELOAD.length));
        return next(specifier, { ...context, parentURL });
      }
      const builtin = asked.startsWith('node:') ? asked.slice('node:'.length) : asked;
      const prepare = toCome.get(builtin);
      toCome.delete(builtin);
      prepare?.();
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
