import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundledCode } from '../bundled-code.ts';

const run = promisify(execFile);

/** Where a process finds what belongs to it. */
export interface FileView {
  /** The code: `LAMBDA_TASK_ROOT`. */
  readonly taskRoot: string;
  /** The layers, if the function has any. */
  readonly layersRoot: string | undefined;
  readonly pythonScript: string;
  /** Only where a Node.js function runs in a process. */
  readonly nodeScript: string | undefined;
}

/** Directories of this machine that one environment sees in the places where AWS has them. */
export interface EnvironmentFiles {
  readonly taskRoot: string;
  readonly layersRoot: string | undefined;
  readonly temporary: string;
  /** Where compiled Python modules are kept, if anywhere: the code itself is read-only. */
  readonly compiled: string | undefined;
  /** Directories that have to stay where they are although `/tmp` or `/opt` lies over them. */
  readonly kept: readonly string[];
}

const PYTHON_SCRIPT = fileURLToPath(new URL('./python-bootstrap.py', import.meta.url));

const TASK_ROOT = '/var/task';
const LAYERS_ROOT = '/opt';
const TEMPORARY = '/tmp';
const RUNTIME_DIRECTORY = '/var/runtime';

const NODE_SCRIPT = 'index.mjs';

/** The shell's own descriptors begin below. */
const FIRST_DESCRIPTOR = 3;

/** What processes see where they cannot have a view of their own: the machine's files in their real places. */
export const machineView = (taskRoot: string, layersRoot: string | undefined): FileView => ({
  taskRoot,
  layersRoot,
  pythonScript: PYTHON_SCRIPT,
  nodeScript: undefined,
});

/** What processes see that have their own. */
export const ownView = (layersRoot: string | undefined): FileView => ({
  taskRoot: TASK_ROOT,
  layersRoot: layersRoot === undefined ? undefined : LAYERS_ROOT,
  pythonScript: `${RUNTIME_DIRECTORY}/python-bootstrap.py`,
  nodeScript: `${RUNTIME_DIRECTORY}/${NODE_SCRIPT}`,
});

/** Paths that may not be looked at count as absent. */
const kindOf = (path: string): 'directory' | 'file' | undefined => {
  try {
    const stats = statSync(path);
    return stats.isDirectory() ? 'directory' : stats.isFile() ? 'file' : undefined;
  } catch {
    return undefined;
  }
};

const isBelow = (path: string, root: string): boolean => path.startsWith(`${root}/`);

/** Those below a root, each once, none that lies within another. */
const outermostBelow = (root: string, paths: readonly string[]): readonly string[] => {
  const existing = paths.flatMap((path) => {
    const isThere = isBelow(path, root) && kindOf(path) === 'directory';
    return isThere ? [path, realpathSync(path)] : [];
  });
  const below = [...new Set(existing)].filter((path) => isBelow(path, root));
  return below.filter((path) => !below.some((other) => isBelow(path, other)));
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Ways to a mount namespace: as root, and as anybody where the kernel lets users have namespaces. */
const WAYS: readonly (readonly string[])[] = [['--mount'], ['--user', '--map-root-user', '--mount']];

const findProgram = (name: string): string | undefined =>
  `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => kindOf(path) === 'file');

/**
 * Gives processes on Linux a view of the file system in which the code is `/var/task`, the layers are `/opt`, both
 * read-only as the whole of `/var`, and `/tmp` is theirs alone: each in a mount namespace of its own.
 *
 * The namespace is made by unshare(1) and mount(8), which end in the process itself: its id, group, signals and exit
 * status are as without. Mounting costs about ten milliseconds. Where namespaces cannot be had (other systems, most
 * containers, users on hardened machines) processes see the machine's files.
 *
 * @see https://man7.org/linux/man-pages/man7/mount_namespaces.7.html
 */
export class FileViews {
  readonly #directory: string;
  readonly #isWanted: boolean;
  #mount: string | undefined;
  #launcher: Promise<readonly string[] | undefined> | undefined;
  #found: 'own' | 'machine' | undefined;
  #hasNodeScript = false;

  /** `directory` is ours and holds what lies below `/var`. */
  constructor(directory: string, isWanted = true) {
    this.#directory = directory;
    this.#isWanted = isWanted;
  }

  /** Which of the two processes get here; unknown until the first of them is started. */
  get kind(): 'own' | 'machine' | undefined {
    return this.#found;
  }

  /** Whether processes can have a view of their own; asked once, at the first process. */
  async areOwn(): Promise<boolean> {
    this.#launcher ??= this.#findWay();
    const areOwn = (await this.#launcher) !== undefined;
    this.#found = areOwn ? 'own' : 'machine';
    return areOwn;
  }

  /** The view of a process that runs Node.js; its script is written where its view finds it. */
  nodeView(view: FileView): FileView {
    const script = join(this.#directory, 'runtime', NODE_SCRIPT);
    if (!this.#hasNodeScript) {
      mkdirSync(dirname(script), { recursive: true });
      writeFileSync(script, bundledCode('node-bootstrap', './processes/node-bootstrap.ts'));
      this.#hasNodeScript = true;
    }
    return { ...view, nodeScript: view.nodeScript ?? script };
  }

  /** Program and parameters to put before those of the process. Only where views {@link areOwn}. */
  async launcher(files: EnvironmentFiles, begin: string): Promise<readonly string[]> {
    const way = (await this.#launcher) ?? [];
    return [...way, '/bin/sh', '-c', `${begin}${this.#script(files)}exec "$@"`, 'holdfast'];
  }

  async #findWay(): Promise<readonly string[] | undefined> {
    if (!this.#isWanted || process.platform !== 'linux' || kindOf(LAYERS_ROOT) === undefined) return undefined;
    const unshare = findProgram('unshare');
    this.#mount = findProgram('mount');
    if (unshare === undefined || this.#mount === undefined) return undefined;
    const empty = join(this.#directory, 'task');
    for (const directory of [empty, join(this.#directory, 'runtime/compiled')])
      mkdirSync(directory, { recursive: true });
    copyFileSync(PYTHON_SCRIPT, join(this.#directory, 'runtime/python-bootstrap.py'));
    const files = { taskRoot: empty, layersRoot: empty, temporary: empty, compiled: empty, kept: [] };
    const script = `${this.#script(files)}test -r ${RUNTIME_DIRECTORY}/python-bootstrap.py`;
    for (const way of WAYS) {
      try {
        await run(unshare, [...way, '/bin/sh', '-c', script], { timeout: 10_000 });
        return [unshare, ...way];
      } catch {
        // The next one, or none.
      }
    }
    return undefined;
  }

  #script({ taskRoot, layersRoot, temporary, compiled, kept }: EnvironmentFiles): string {
    const mount = `${quoted(this.#mount ?? 'mount')} -n -c -o`;
    const keep = (root: string, place: string): string[] =>
      outermostBelow(root, kept).map((path) => {
        const target = join(place, relative(root, path));
        mkdirSync(target, { recursive: true });
        return `${mount} rbind ${quoted(path)} ${quoted(target)}`;
      });
    mkdirSync(temporary, { recursive: true });
    // Opened before anything is mounted: each may lie where something else is going to.
    const sources: string[] = [];
    const open = (directory: string): string => {
      const descriptor = FIRST_DESCRIPTOR + sources.length;
      sources.push(`${descriptor}<${quoted(directory)}`);
      return `/proc/self/fd/${descriptor}`;
    };
    const bind = (directory: string, to: string): string => `${mount} rbind ${open(directory)} ${to}`;
    // In a namespace of a user, what the machine has mounted with certain options cannot be made read-only.
    const bindReadOnly = (directory: string, to: string): string => {
      const from = open(directory);
      return `{ ${mount} rbind,ro ${from} ${to} 2>/dev/null || ${mount} rbind ${from} ${to}; }`;
    };
    const steps = [
      ...keep(TEMPORARY, temporary),
      ...(layersRoot === undefined ? [] : [...keep(LAYERS_ROOT, layersRoot), bindReadOnly(layersRoot, LAYERS_ROOT)]),
      `${mount} lowerdir=.:/var -t overlay overlay /var`,
      bindReadOnly(taskRoot, TASK_ROOT),
      ...(compiled === undefined ? [] : [bind(compiled, `${RUNTIME_DIRECTORY}/compiled`)]),
      bind(temporary, TEMPORARY),
      `cd ${TASK_ROOT}`,
    ];
    const closed = sources.map((_, index) => `${FIRST_DESCRIPTOR + index}<&-`).join(' ');
    return `cd ${quoted(this.#directory)} && exec ${sources.join(' ')} && ${steps.join(' && ')} && exec ${closed} && `;
  }
}
