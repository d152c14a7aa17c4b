/**
 * Runs inside the thread of an execution environment: shows the function's code the files that it would see on AWS.
 *
 * Threads have one view of the file system between them, so paths are translated on their way into Node's own
 * functions: `/tmp` is a directory of the environment's own, `/opt` the layers, `/var/task` the code, and relative paths
 * begin at the code. Code and layers are read-only. What modules are loaded from stays in its real place, `__dirname`
 * included. Native addons and what they open see the machine.
 *
 * The hooks for modules cost handlers of many files about a tenth of their cold start, those of one file nothing.
 */
import type { ResolveFnOutput, ResolveHookContext } from 'node:module';

export interface ThreadFiles {
  readonly taskRoot: string;
  readonly layersRoot: string | undefined;
  /** Made when it is first used. */
  readonly temporary: string;
  /** `import` looks into NODE_PATH, as `require` does everywhere: Lambda's Node.js 18 and later. */
  readonly importsFromNodePath: boolean;
  /** URLs of modules that the AWS SDK can be loaded from when the function brings none, as Lambda does. */
  readonly sdkParents: readonly string[];
}

type Call = (...parts: unknown[]) => unknown;
type Callable = Record<string, Call | undefined>;

// No imports, so that the text can become a part of another module.
const fs = process.getBuiltinModule('node:fs');
const { createRequire, registerHooks, syncBuiltinESMExports } = process.getBuiltinModule('node:module');
const { isAbsolute, join, normalize, sep } = process.getBuiltinModule('node:path');
const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url');
const { lstatSync, mkdirSync, realpathSync, statSync } = fs;
/** Flags of `open` for more than reading. */
const WRITING =
  fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC | fs.constants.O_APPEND;

const TASK_ROOT = '/var/task';
const LAYERS_ROOT = '/opt';
const TEMPORARY = '/tmp';
/** Second characters of the three: most other paths are told apart by it. */
const SECOND = new Set([TASK_ROOT, LAYERS_ROOT, TEMPORARY].map((path) => path.charCodeAt(1)));

/** Functions of `fs` that begin with one path, and of `fs.promises` with the same names. */
const WITH_PATH =
  'access appendFile chmod chown lchmod lchown lstat lutimes mkdir mkdtemp mkdtempDisposable open opendir readFile readdir readlink realpath rm rmdir stat statfs truncate unlink utimes writeFile'.split(
    ' ',
  );
const WITH_TWO_PATHS = ['copyFile', 'cp', 'link', 'rename', 'symlink'];
/** Those that change what is there, or make it, with the positions of the paths that are concerned. */
const WRITES = new Map<string, readonly number[]>([
  ...['appendFile', 'mkdir', 'mkdtemp', 'mkdtempDisposable', 'writeFile'].map((name) => [name, [0]] as const),
  ...['chmod', 'chown', 'lchmod', 'lchown', 'lutimes', 'rm', 'rmdir', 'truncate', 'unlink', 'utimes'].map(
    (name) => [name, [0]] as const,
  ),
  ...['copyFile', 'cp', 'link', 'symlink'].map((name) => [name, [1]] as const),
  ['rename', [0, 1]],
  // These only with certain flags.
  ['access', [0]],
  ['open', [0]],
]);
/** Those that need something to be there. */
const CHANGES = new Set('chmod chown lchmod lchown lutimes rm rmdir truncate unlink utimes rename'.split(' '));
/** Those whose last function does not get an error first. */
const WITH_LISTENER = ['exists', 'existsSync', 'openAsBlob', 'unwatchFile', 'watch', 'watchFile'];
const ANSWERS_PATHS = new Set(['mkdir', 'mkdtemp', 'readdir', 'readlink', 'realpath']);

const isWithin = (path: string, root: string): boolean =>
  path.startsWith(root) && (path.length === root.length || path[root.length] === '/');

/** `/tmp/a` of `/tmp/a/b/c`: whole trees stay reachable, not single directories. */
const treeOf = (path: string, root: string): string => path.split('/', root.split('/').length + 1).join('/');

export const showFiles = (files: ThreadFiles): void => {
  const { taskRoot, layersRoot, temporary } = files;
  /** Trees of the machine that hide what is seen in their place. */
  const passed = new Set<string>();
  const pass = (path: string): void => {
    for (const root of [LAYERS_ROOT, TEMPORARY]) if (isWithin(path, root)) passed.add(treeOf(path, root));
  };
  for (const path of [taskRoot, layersRoot, temporary]) if (path !== undefined) pass(path);
  const isPassed = (path: string): boolean => {
    for (const tree of passed) if (isWithin(path, tree)) return true;
    return false;
  };

  let directory = taskRoot;
  let isTemporaryMade = false;

  /** Where an absolute path really leads. */
  const realOf = (given: string): string => {
    if (!SECOND.has(given.charCodeAt(1))) return given;
    const path = given.includes('/.') || given.includes('//') ? normalize(given) : given;
    if (isWithin(path, TEMPORARY) && !isPassed(path)) {
      if (!isTemporaryMade) mkdirSync(temporary, { recursive: true });
      isTemporaryMade = true;
      return temporary + path.slice(TEMPORARY.length);
    }
    if (isWithin(path, LAYERS_ROOT) && layersRoot !== undefined && !isPassed(path)) {
      return layersRoot + path.slice(LAYERS_ROOT.length);
    }
    return isWithin(path, TASK_ROOT) ? taskRoot + path.slice(TASK_ROOT.length) : given;
  };

  /** The same for whatever Node takes for a path; descriptors and the like are given back. */
  const real = (given: unknown): unknown => {
    if (typeof given === 'string') {
      if (isAbsolute(given)) return realOf(given);
      return given === '' ? given : realOf(`${directory}${sep}${given}`);
    }
    if (given instanceof URL) {
      if (given.protocol !== 'file:' || !SECOND.has(given.pathname.charCodeAt(1))) return given;
      const path = fileURLToPath(given);
      const translated = realOf(path);
      return translated === path ? given : translated;
    }
    return Buffer.isBuffer(given) ? real(given.toString()) : given;
  };

  /** Real directories and where they are seen; with the names they have when links are followed. */
  const places = (): readonly (readonly [string, string])[] => {
    const pairs: [string, string][] = [[temporary, TEMPORARY]];
    if (layersRoot !== undefined) pairs.push([layersRoot, LAYERS_ROOT]);
    const followed = pairs.flatMap(([path, seen]): [string, string][] =>
      statSync(path, { throwIfNoEntry: false }) === undefined ? [] : [[realpathSync(path), seen]],
    );
    return [...pairs, ...followed];
  };
  const seen = (path: string): string => {
    const place = places().find(([root]) => isWithin(path, root));
    return place === undefined ? path : place[1] + path.slice(place[0].length);
  };

  const seenAnswer = (answer: unknown): unknown => {
    if (typeof answer === 'string') return isAbsolute(answer) ? seen(answer) : answer;
    if (!Array.isArray(answer)) return answer;
    for (const entry of answer) {
      if (entry instanceof fs.Dirent) (entry as { parentPath: string }).parentPath = seen(entry.parentPath);
    }
    return answer;
  };
  const seenError = (error: unknown): unknown => {
    if (!(error instanceof Error)) return error;
    const named = error as NodeJS.ErrnoException & { dest?: string };
    for (const [root, place] of places()) {
      for (const key of ['message', 'stack', 'path', 'dest'] as const) {
        const text = named[key];
        if (typeof text === 'string' && text.includes(root)) named[key] = text.replaceAll(root, place);
      }
    }
    return error;
  };

  /** Translates the first parts in place; whether any of them was another. */
  const translate = (name: string, parts: unknown[], count: number): boolean => {
    let isOther = false;
    for (let index = 0; index < count; index += 1) {
      const given = parts[index];
      // What a link says is relative to the link.
      const isTarget = name === 'symlink' && index === 0 && typeof given === 'string' && !isAbsolute(given);
      const translated = isTarget ? given : real(given);
      if (translated === given) continue;
      parts[index] = translated;
      isOther = true;
    }
    return isOther;
  };

  const replace = (on: Callable, key: string, make: (original: Call) => Call): void => {
    const original = on[key];
    if (typeof original !== 'function') return;
    const made = make(original);
    // Such as the form that `promisify` asks for, and `realpath.native`.
    for (const own of Reflect.ownKeys(original)) {
      const property = Object.getOwnPropertyDescriptor(original, own);
      if (property !== undefined && own !== 'prototype') Object.defineProperty(made, own, property);
    }
    on[key] = made;
  };

  let promised: Callable | undefined;
  const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  const isReadOnly = (path: unknown): path is string =>
    typeof path === 'string' &&
    (isWithin(path, taskRoot) || (layersRoot !== undefined && isWithin(path, layersRoot))) &&
    !isWithin(path, temporary);

  /** The error of a write to the code or the layers, which are read-only on AWS. `real` is `given`, translated. */
  const refusalOf = (name: string, given: readonly unknown[], real: readonly unknown[]): Error | undefined => {
    for (const index of WRITES.get(name) ?? []) {
      const path = real[index];
      if (!isReadOnly(path)) continue;
      const { [1]: flags } = given;
      if (
        name === 'open' &&
        !(typeof flags === 'number' ? (flags & WRITING) !== 0 : /[wa+]/.test(String(flags ?? 'r')))
      ) {
        continue;
      }
      if (name === 'access' && !(typeof flags === 'number' && (flags & fs.constants.W_OK) !== 0)) continue;
      // Linux looks at what is there first.
      if (name === 'mkdir' ? isThere(path) : CHANGES.has(name) && index === 0 && !isThere(path)) continue;
      const syscall = ['appendFile', 'truncate', 'writeFile'].includes(name) ? 'open' : name;
      const shown = String(given[index]);
      const error = new Error(`EROFS: read-only file system, ${syscall} '${shown}'`);
      return Object.assign(error, { errno: -30, code: 'EROFS', syscall, path: shown });
    }
    return undefined;
  };

  const wrap = (on: Callable, key: string, name: string, count: number): void => {
    const answered = ANSWERS_PATHS.has(name) ? seenAnswer : (answer: unknown): unknown => answer;
    const mayBeRefused = WRITES.has(name);
    replace(on, key, (original) => (...parts) => {
      const given = mayBeRefused ? [...parts] : parts;
      const isOther = translate(name, parts, count);
      const callback = parts.at(-1);
      const refusal = mayBeRefused ? refusalOf(name, given, parts) : undefined;
      if (refusal !== undefined) {
        if (on === promised) return Promise.reject(refusal);
        if (typeof callback !== 'function') throw refusal;
        process.nextTick(callback, refusal);
        return undefined;
      }
      if (!isOther) return original(...parts);
      if (typeof callback === 'function') {
        parts[parts.length - 1] = (error: unknown, answer: unknown, ...rest: unknown[]) =>
          callback(...(error === null ? [error, answered(answer), ...rest] : [seenError(error)]));
      }
      try {
        const answer = original(...parts);
        if (!(answer instanceof Promise)) return answered(answer);
        return answer.then(answered, (error: unknown) => {
          throw seenError(error);
        });
      } catch (error) {
        throw seenError(error);
      }
    });
  };

  const counts = new Map<string, number>();
  for (const name of WITH_PATH) counts.set(name, 1);
  for (const name of WITH_TWO_PATHS) counts.set(name, 2);
  const plain = fs as unknown as Callable;
  for (const [name, count] of counts) {
    wrap(plain, name, name, count);
    wrap(plain, `${name}Sync`, name, count);
  }
  wrap(fs.realpath as unknown as Callable, 'native', 'realpath', 1);
  wrap(fs.realpathSync as unknown as Callable, 'native', 'realpath', 1);
  for (const name of WITH_LISTENER) {
    replace(
      plain,
      name,
      (original) =>
        (path, ...rest) =>
          original(real(path), ...rest),
    );
  }
  // To load them takes longer than all the rest here, and not every function wants them.
  const promises = Object.getOwnPropertyDescriptor(fs, 'promises');
  const loadPromises = (): Callable => {
    if (promised !== undefined) return promised;
    promised = promises?.get?.call(fs) as Callable;
    for (const [name, count] of counts) wrap(promised, name, name, count);
    replace(
      promised,
      'watch',
      (original) =>
        (path, ...rest) =>
          original(real(path), ...rest),
    );
    return promised;
  };
  Object.defineProperty(fs, 'promises', { configurable: true, enumerable: true, get: loadPromises });

  process.cwd = () => directory;
  process.chdir = (to) => {
    const target = isAbsolute(to) ? to : join(directory, to);
    if (!fs.statSync(target).isDirectory()) throw new Error(`ENOTDIR: not a directory, chdir '${to}'`);
    directory = target;
  };

  /** What a module is asked for by, if that is a path or the URL of one. */
  const realModule = (specifier: string): string => {
    if (specifier.startsWith('/')) return realOf(specifier);
    if (!specifier.startsWith('file:///')) return specifier;
    const path = fileURLToPath(specifier);
    const translated = realOf(path);
    return translated === path ? specifier : pathToFileURL(translated).href;
  };
  /** Where else a package may be that was not found, as URLs of modules that would find it. */
  const otherParents = (specifier: string, isImport: boolean): readonly string[] => {
    if (/^[./]|^[\w-]+:/.test(specifier)) return [];
    const searched = isImport && files.importsFromNodePath ? (process.env['NODE_PATH'] ?? '').split(':') : [];
    return [
      // A module beside a directory `node_modules` finds what is in it.
      ...searched
        .filter((path) => path.endsWith('/node_modules'))
        .map((path) => pathToFileURL(join(realOf(path), '../index.js')).href),
      ...(/^@(aws-sdk|smithy)\//.test(specifier) ? files.sdkParents : []),
    ];
  };
  let isLookingElsewhere = false;
  const resolveElsewhere = (
    specifier: string,
    context: ResolveHookContext,
    next: (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput,
    notFound: unknown,
  ): ResolveFnOutput => {
    const { code } = notFound as NodeJS.ErrnoException;
    if (isLookingElsewhere || (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')) throw notFound;
    const isImport = context.conditions.includes('import');
    isLookingElsewhere = true;
    try {
      for (const parentURL of otherParents(specifier, isImport)) {
        // Looking for a module follows links, through functions that are translated here.
        pass(fileURLToPath(parentURL));
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
    resolve: (specifier, context, next) => {
      if (specifier === 'child_process' || specifier === 'node:child_process') startChildrenHere();
      if (specifier === 'fs/promises' || specifier === 'node:fs/promises') loadPromises();
      let resolved: ResolveFnOutput;
      try {
        resolved = next(realModule(specifier), context);
      } catch (error) {
        resolved = resolveElsewhere(specifier, context, next, error);
      }
      if (resolved.url.startsWith('file:///tmp/') || resolved.url.startsWith('file:///opt/')) {
        pass(fileURLToPath(resolved.url));
      }
      return resolved;
    },
  });

  /** Programs begin in the code's directory, and are found where they are seen. What they themselves see is the machine. */
  let areChildrenStartedHere = false;
  const startChildrenHere = (): void => {
    if (areChildrenStartedHere) return;
    areChildrenStartedHere = true;
    const children = process.getBuiltinModule('node:child_process');
    const program = (file: unknown): unknown => (typeof file === 'string' && isAbsolute(file) ? realOf(file) : file);
    const prototype = (children.ChildProcess as unknown as { prototype: Callable }).prototype;
    const { spawn } = prototype;
    prototype['spawn'] = function (this: unknown, options: unknown): unknown {
      const { file, cwd } = options as { file: unknown; cwd: unknown };
      Object.assign(options as object, { file: program(file), cwd: real(cwd ?? directory) });
      return spawn?.call(this, options);
    };
    for (const key of ['execFileSync', 'execSync', 'spawnSync']) {
      replace(children as unknown as Callable, key, (original) => (file, ...rest) => {
        const last = rest.at(-1);
        const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last);
        const options = (hasOptions ? rest.pop() : {}) as { cwd?: unknown };
        const started = key === 'execSync' ? file : program(file);
        return original(started, ...rest, { ...options, cwd: real(options.cwd ?? directory) });
      });
    }
    syncBuiltinESMExports();
  };
};
