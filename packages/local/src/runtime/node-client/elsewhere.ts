import type { ResolveFnOutput, ResolveHookContext } from 'node:module';

const { createRequire } = process.getBuiltinModule('node:module');
const { join } = process.getBuiltinModule('node:path');
const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url');

export type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** Where packages are looked for that are not where Node.js looks. */
export interface OtherPlaces {
  /** `import` looks into NODE_PATH, as `require` does everywhere: Lambda's Node.js 18 and later. */
  readonly importsFromNodePath: boolean;
  /** URLs of modules that the AWS SDK can be loaded from when the function brings none, as Lambda does. */
  readonly sdkParents: readonly string[];
  /** The real path of one that the function knows. */
  readonly realOf: (path: string) => string;
  /** Something is going to be looked for from here. */
  readonly onLook: (path: string) => void;
}

/** Looks for a package in other places once it was not found; throws what was thrown first when it is not there. */
export const elsewhere = (places: OtherPlaces) => {
  const otherParents = (specifier: string, isImport: boolean): readonly string[] => {
    if (/^[./]|^[\w-]+:/.test(specifier)) return [];
    const searched = isImport && places.importsFromNodePath ? (process.env['NODE_PATH'] ?? '').split(':') : [];
    return [
      // A module beside a directory `node_modules` finds what is in it.
      ...searched
        .filter((path) => path.endsWith('/node_modules'))
        .map((path) => pathToFileURL(join(places.realOf(path), '../index.js')).href),
      ...(/^@(aws-sdk|smithy)\//.test(specifier) ? places.sdkParents : []),
    ];
  };
  let isLooking = false;
  return (specifier: string, context: ResolveHookContext, next: NextResolve, notFound: unknown): ResolveFnOutput => {
    const { code } = notFound as NodeJS.ErrnoException;
    if (isLooking || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) throw notFound;
    const isImport = context.conditions.includes('import');
    isLooking = true;
    try {
      for (const parentURL of otherParents(specifier, isImport)) {
        places.onLook(fileURLToPath(parentURL));
        try {
          if (isImport) return next(specifier, { ...context, parentURL });
          return next(createRequire(parentURL).resolve(specifier), context);
        } catch {
          // Not there either.
        }
      }
    } finally {
      isLooking = false;
    }
    throw notFound;
  };
};
