import type { Places } from './places.ts';

type Call = (...parts: unknown[]) => unknown;
export type Callable = Record<string, Call | undefined>;

// To import them would load `fs.promises` as well.
const fs = process.getBuiltinModule('node:fs');
const { isAbsolute, join } = process.getBuiltinModule('node:path');
const { lstatSync } = fs;

/** Flags of `open` for more than reading. */
const WRITING =
  fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_TRUNC | fs.constants.O_APPEND;

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

const NOWHERE = '/dev/null/nowhere';

/** Puts what `make` makes in the place of a function, with all that the function has on it. */
export const replace = (on: Callable, key: string, make: (original: Call) => Call): void => {
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

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** The error of a write to the code or the layers, which are read-only on AWS. `real` is `given`, translated. */
const refusalOf = (
  places: Places,
  name: string,
  given: readonly unknown[],
  real: readonly unknown[],
): Error | undefined => {
  for (const index of WRITES.get(name) ?? []) {
    const path = real[index];
    if (!places.isReadOnly(path)) continue;
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

/** Translates the first parts in place; whether any of them was another. */
const translate = (places: Places, name: string, parts: unknown[], count: number): boolean => {
  let isOther = false;
  for (let index = 0; index < count; index += 1) {
    const given = parts[index];
    // What a link says is relative to the link.
    const isTarget = name === 'symlink' && index === 0 && typeof given === 'string' && !isAbsolute(given);
    const translated = isTarget ? given : places.real(given);
    if (translated === given) continue;
    parts[index] = translated;
    isOther = true;
  }
  return isOther;
};

/** Translates paths in the functions of `fs`; what is given back loads those of `fs.promises` and does the same. */
export const translateFunctions = (places: Places, onPromises: (promises: Callable) => void): (() => Callable) => {
  let promised: Callable | undefined;
  /** An error of ours reaches the function the way it asked to hear of errors. */
  const refuse = (on: Callable, callback: unknown, refusal: unknown): unknown => {
    if (on === promised) return Promise.reject(refusal);
    if (typeof callback !== 'function') throw refusal;
    process.nextTick(callback, refusal);
    return undefined;
  };
  const wrap = (on: Callable, key: string, name: string, count: number): void => {
    const answered = ANSWERS_PATHS.has(name)
      ? (answer: unknown): unknown => places.seenAnswer(answer)
      : (answer: unknown): unknown => answer;
    const mayBeRefused = WRITES.has(name);
    replace(on, key, (original) => (...parts) => {
      const given = mayBeRefused ? [...parts] : parts;
      const callback = parts.at(-1);
      let isOther: boolean;
      try {
        isOther = translate(places, name, parts, count);
      } catch (error) {
        return refuse(on, callback, error);
      }
      const refusal = mayBeRefused ? refusalOf(places, name, given, parts) : undefined;
      if (refusal !== undefined) return refuse(on, callback, refusal);
      if (!isOther) return original(...parts);
      if (typeof callback === 'function') {
        parts[parts.length - 1] = (error: unknown, answer: unknown, ...rest: unknown[]) =>
          callback(...(error === null ? [error, answered(answer), ...rest] : [places.seenError(error)]));
      }
      try {
        const answer = original(...parts);
        if (!(answer instanceof Promise)) return answered(answer);
        return answer.then(answered, (error: unknown) => {
          throw places.seenError(error);
        });
      } catch (error) {
        throw places.seenError(error);
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
  const listening = (original: Call): Call => {
    return (path, ...rest) => {
      let real: unknown = NOWHERE;
      try {
        real = places.real(path);
      } catch {
        // What may not be opened is not there.
      }
      return original(real, ...rest);
    };
  };
  for (const name of WITH_LISTENER) replace(plain, name, listening);

  // To load them takes longer than all the rest here, and not every function wants them.
  const promises = Object.getOwnPropertyDescriptor(fs, 'promises');
  const loadPromises = (): Callable => {
    if (promised !== undefined) return promised;
    promised = promises?.get?.call(fs) as Callable;
    for (const [name, count] of counts) wrap(promised, name, name, count);
    replace(promised, 'watch', listening);
    onPromises(promised);
    return promised;
  };
  Object.defineProperty(fs, 'promises', { configurable: true, enumerable: true, get: loadPromises });

  process.cwd = () => places.directory;
  process.chdir = (to) => {
    const target = isAbsolute(to) ? to : join(places.directory, to);
    if (!fs.statSync(target).isDirectory()) throw new Error(`ENOTDIR: not a directory, chdir '${to}'`);
    places.directory = target;
  };
  return loadPromises;
};
