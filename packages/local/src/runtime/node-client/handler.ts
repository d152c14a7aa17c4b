import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RuntimeError } from './errors.ts';
import type { Generation } from './generation.ts';
import type { Handler } from './platform.ts';

/** Reads files as the function would see them. */
export interface HandlerFiles {
  existsSync(path: string): boolean;
  readFileSync(path: string, encoding: 'utf8'): string;
}

/** Where AWS has its client: modules that are missing name it as the last that asked for them. */
const CLIENT_PATH = '/var/runtime/index.mjs';

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

type Exports = Readonly<Record<string, unknown>> | undefined;

interface HandlerName {
  readonly full: string;
  /** Directory of the module, as written. */
  readonly root: string;
  readonly module: string;
  /** Path within what the module exports. */
  readonly path: readonly string[];
}

const parseName = (full: string, generation: Generation): HandlerName => {
  if (full.includes('..')) {
    throw new RuntimeError(
      generation,
      'MalformedHandlerName',
      `'${full}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const last = basename(full);
  const match = /^([^.]*)\.(.*)$/.exec(last);
  if (match === null) throw new RuntimeError(generation, 'MalformedHandlerName', 'Bad handler');
  const [, module = '', path = ''] = match;
  return { full, root: full.slice(0, full.indexOf(last)), module, path: path.split('.') };
};

/** Whether the nearest package says that `.js` are ES modules. */
const isModulePackage = (directory: string, files: HandlerFiles): boolean => {
  if (directory.endsWith('/node_modules')) return false;
  const description = join(directory, 'package.json');
  if (files.existsSync(description)) {
    try {
      return (JSON.parse(files.readFileSync(description, 'utf8')) as { type?: unknown } | null)?.type === 'module';
    } catch (error) {
      console.warn(`${description} cannot be read, it will be ignored for ES module detection purposes.`, error);
      return false;
    }
  }
  return directory === '/' ? false : isModulePackage(dirname(directory), files);
};

/** The order in which the client of `nodejs22.x` and before looks: `require` first, wherever it can. */
const loadWithRequire = async (taskRoot: string, name: HandlerName, files: HandlerFiles): Promise<Exports> => {
  const require = createRequire(CLIENT_PATH);
  const path = resolve(taskRoot, name.root, name.module);
  const required = (file: string): Exports => (files.existsSync(file) ? (require(file) as Exports) : undefined);
  const imported = async (file: string): Promise<Exports> =>
    files.existsSync(file) ? ((await import(pathToFileURL(file).href)) as Exports) : undefined;
  const isModule = files.existsSync(`${path}.js`) && isModulePackage(dirname(`${path}.js`), files);
  return (
    required(path) ??
    (isModule ? undefined : required(`${path}.js`)) ??
    (isModule ? await imported(`${path}.js`) : undefined) ??
    (await imported(`${path}.mjs`)) ??
    required(`${path}.cjs`) ??
    (require(require.resolve(name.module, { paths: [taskRoot, resolve(taskRoot, name.root)] })) as Exports)
  );
};

/** The order in which the client of `nodejs24.x` looks: `import` of files, `require` of packages. */
const loadWithImport = async (taskRoot: string, name: HandlerName, files: HandlerFiles): Promise<Exports> => {
  const path = resolve(taskRoot, name.root, name.module);
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const file = `${path}${extension}`;
    if (files.existsSync(file)) return (await import(pathToFileURL(file).href)) as Exports;
  }
  const require = createRequire(CLIENT_PATH);
  return require(require.resolve(name.module, { paths: [taskRoot, join(taskRoot, name.root)] })) as Exports;
};

/** Generation 4 does not look into functions, as which classes count. */
const within = (exports: unknown, path: readonly string[], generation: Generation): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      !at || (generation === 4 && typeof at !== 'object') ? undefined : (at as Record<string, unknown>)[key],
    exports,
  );

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'MODULE_NOT_FOUND';

/**
 * Loads what the function's setting `Handler` names.
 *
 * @param generation that of AWS's client: 4 for `nodejs24.x` and later, 3 for everything before
 * @throws RuntimeError and whatever the module throws
 */
export const loadHandler = async (
  taskRoot: string,
  handler: string,
  generation: Generation,
  files: HandlerFiles,
): Promise<Handler> => {
  const name = parseName(handler, generation);
  let exports: Exports;
  try {
    exports = await (generation === 3 ? loadWithRequire : loadWithImport)(taskRoot, name, files);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new RuntimeError(
        generation,
        'UserCodeSyntaxError',
        String(error),
        generation === 4 ? error.stack : undefined,
      );
    }
    if (isMissing(error)) throw new RuntimeError(generation, 'ImportModuleError', String(error));
    throw error;
  }
  let found = within(exports, name.path, generation);
  if (!found && generation === 4) found = within(exports?.['default'], name.path, generation);
  if (!found) throw new RuntimeError(generation, 'HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function')
    throw new RuntimeError(generation, 'HandlerNotFound', `${handler} is not a function`);
  if ((found as unknown as Record<symbol, unknown>)[STREAMING]) {
    throw new RuntimeError(generation, 'NotSupported', `Holdfast does not support response streaming (${handler})`);
  }
  return found as Handler;
};

/** What AWS's client gives to handlers as a global. Streams are refused when the handler is loaded. */
export const provideGlobals = (): void => {
  if (['1', 'true'].includes(process.env['AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA'] ?? '')) return;
  const HttpResponseStream = { from: (stream: unknown): unknown => stream };
  const streamifyResponse = (handler: object): object => Object.assign(handler, { [STREAMING]: 'response' });
  Object.assign(globalThis, { awslambda: { streamifyResponse, HttpResponseStream } });
};
