import { SEEN_STDERR, SEEN_STDIN, SEEN_STDOUT, type ThreadFiles } from './thread-files.ts';

const fs = process.getBuiltinModule('node:fs');
const { isAbsolute, normalize, sep } = process.getBuiltinModule('node:path');
const { fileURLToPath, pathToFileURL } = process.getBuiltinModule('node:url');
const { mkdirSync, realpathSync, statSync } = fs;

const TASK_ROOT = '/var/task';
const LAYERS_ROOT = '/opt';
const TEMPORARY = '/tmp';
/** Second characters of these, and of `/dev` and `/proc`: most other paths are told apart by it. */
const SECOND = new Set([TASK_ROOT, LAYERS_ROOT, TEMPORARY, '/dev', '/proc'].map((path) => path.charCodeAt(1)));

const STANDARD_STREAM = /^\/(?:dev\/std(in|out|err)|(?:dev|proc\/(?:self|thread-self|\d+))\/fd\/(\d+))$/;
/** What the engine's own process keeps for itself; of other processes the kernel decides. */
const SECRET_OF_PROCESS =
  /^\/proc\/(self|thread-self|\d+)\/(?:task\/\d+\/)?(?:environ|mem|fd|fdinfo|root|cwd|map_files)(?:\/|$)/;

export const isWithin = (path: string, root: string): boolean =>
  path.startsWith(root) && (path.length === root.length || path[root.length] === '/');

/** `/tmp/a` of `/tmp/a/b/c`: whole trees stay reachable, not single directories. */
const treeOf = (path: string, root: string): string => path.split('/', root.split('/').length + 1).join('/');

export class AccessError extends Error {
  readonly code = 'EACCES';
  readonly errno = -13;
  readonly path: string;
  constructor(path: string) {
    super(`EACCES: permission denied, open '${path}'`);
    this.path = path;
  }
}

/** Which real path stands behind each that the function knows, and back. */
export class Places {
  readonly files: ThreadFiles;
  /** The working directory, a real path. */
  directory: string;
  readonly #enginePid = String(process.pid);
  /** Trees of the machine that hide what is seen in their place. */
  readonly #passed = new Set<string>();
  #isTemporaryMade = false;

  constructor(files: ThreadFiles) {
    this.files = files;
    this.directory = files.taskRoot;
    for (const path of [files.taskRoot, files.layersRoot, files.temporary]) if (path !== undefined) this.pass(path);
  }

  /** From now on the tree around `path` is the machine's. */
  pass(path: string): void {
    for (const root of [LAYERS_ROOT, TEMPORARY]) if (isWithin(path, root)) this.#passed.add(treeOf(path, root));
  }

  /**
   * Where an absolute path really leads.
   *
   * @throws AccessError for what is nobody's business
   */
  realOf(given: string): string {
    if (!SECOND.has(given.charCodeAt(1))) return given;
    const path = given.includes('/.') || given.includes('//') ? normalize(given) : given;
    const { taskRoot, layersRoot, temporary } = this.files;
    if (isWithin(path, TEMPORARY) && !this.#isPassed(path)) {
      if (!this.#isTemporaryMade) mkdirSync(temporary, { recursive: true });
      this.#isTemporaryMade = true;
      return temporary + path.slice(TEMPORARY.length);
    }
    if (isWithin(path, LAYERS_ROOT) && layersRoot !== undefined && !this.#isPassed(path)) {
      return layersRoot + path.slice(LAYERS_ROOT.length);
    }
    if (isWithin(path, TASK_ROOT)) return taskRoot + path.slice(TASK_ROOT.length);
    if (path.startsWith('/dev/') || path.startsWith('/proc/')) return this.#deviceOf(path, given);
    return given;
  }

  /** The same for whatever Node takes for a path; descriptors and the like are given back. */
  real(given: unknown): unknown {
    if (typeof given === 'string') {
      if (isAbsolute(given)) return this.realOf(given);
      return given === '' ? given : this.realOf(`${this.directory}${sep}${given}`);
    }
    if (given instanceof URL) {
      if (given.protocol !== 'file:' || !SECOND.has(given.pathname.charCodeAt(1))) return given;
      const path = fileURLToPath(given);
      const translated = this.realOf(path);
      return translated === path ? given : translated;
    }
    return Buffer.isBuffer(given) ? this.real(given.toString()) : given;
  }

  /** What a module is asked for by, if that is a path or the URL of one. */
  realModule(specifier: string): string {
    if (specifier.startsWith('/')) return this.realOf(specifier);
    if (!specifier.startsWith('file:///')) return specifier;
    const path = fileURLToPath(specifier);
    const translated = this.realOf(path);
    return translated === path ? specifier : pathToFileURL(translated).href;
  }

  /** An answer of the file system, with the paths that the function knows. */
  seenAnswer(answer: unknown): unknown {
    if (typeof answer === 'string') return isAbsolute(answer) ? this.#seen(answer) : answer;
    if (!Array.isArray(answer)) return answer;
    for (const entry of answer) {
      if (entry instanceof fs.Dirent) (entry as { parentPath: string }).parentPath = this.#seen(entry.parentPath);
    }
    return answer;
  }

  seenError(error: unknown): unknown {
    if (!(error instanceof Error)) return error;
    const named = error as NodeJS.ErrnoException & { dest?: string };
    for (const [root, place] of this.#pairs()) {
      for (const key of ['message', 'stack', 'path', 'dest'] as const) {
        const text = named[key];
        if (typeof text === 'string' && text.includes(root)) named[key] = text.replaceAll(root, place);
      }
    }
    return error;
  }

  isReadOnly(path: unknown): path is string {
    const { taskRoot, layersRoot, temporary } = this.files;
    return (
      typeof path === 'string' &&
      (isWithin(path, taskRoot) || (layersRoot !== undefined && isWithin(path, layersRoot))) &&
      !isWithin(path, temporary)
    );
  }

  /** Standard streams lead to the function's log; of the engine's process nothing else is to be had. */
  #deviceOf(path: string, given: string): string {
    const stream = STANDARD_STREAM.exec(path);
    const process = /^\/proc\/(\d+)\//.exec(path)?.[1];
    if (process !== undefined && process !== this.#enginePid) return given;
    if (stream !== null) {
      const which = stream[1] ?? stream[2];
      if (which === 'in' || which === '0') return SEEN_STDIN;
      if (which === 'out' || which === '1') return this.files.logPath(SEEN_STDOUT);
      if (which === 'err' || which === '2') return this.files.logPath(SEEN_STDERR);
      if (this.files.ownsDescriptor(Number(which))) return given;
      throw new AccessError(given);
    }
    if (SECRET_OF_PROCESS.test(path)) throw new AccessError(given);
    return given;
  }

  #isPassed(path: string): boolean {
    for (const tree of this.#passed) if (isWithin(path, tree)) return true;
    return false;
  }

  /** Real directories and where they are seen; with the names they have when links are followed. */
  #pairs(): readonly (readonly [string, string])[] {
    const { layersRoot, temporary } = this.files;
    const pairs: [string, string][] = [[temporary, TEMPORARY]];
    if (layersRoot !== undefined) pairs.push([layersRoot, LAYERS_ROOT]);
    const followed = pairs.flatMap(([path, seen]): [string, string][] =>
      statSync(path, { throwIfNoEntry: false }) === undefined ? [] : [[realpathSync(path), seen]],
    );
    return [...pairs, ...followed];
  }

  #seen(path: string): string {
    const place = this.#pairs().find(([root]) => isWithin(path, root));
    return place === undefined ? path : place[1] + path.slice(place[0].length);
  }
}
