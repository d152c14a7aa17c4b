import { execFile } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FunctionSpec } from '@holdfast/engine';
import { pythonPathsOf } from '../files/layer-paths.ts';
import type { FileView } from './file-views.ts';
import { nodeParameters, SDK_PARENTS } from './node-start.ts';

const run = promisify(execFile);

/** Why the code of a function cannot be started, in the words of the invocation's error. */
export class EntrypointError extends Error {
  readonly errorType = 'Runtime.InvalidEntrypoint';
}

/** What to start, and with which variables beyond those of every function. */
export interface Entrypoint {
  readonly command: string;
  readonly parameters: readonly string[];
  /** Defaults that the function may override. */
  readonly environment: Readonly<Record<string, string>>;
  /** Directories of this machine without which it does not run, wherever they are. */
  readonly needs: readonly string[];
}

interface Python {
  readonly command: string;
  readonly needs: readonly string[];
}

/** Prints its path and where its files are; nothing when it is too old for our script. */
const PYTHON_PROBE = `import json, os, sys
if sys.version_info >= (3, 9):
    needs = [os.path.dirname(sys.executable), sys.prefix, sys.base_prefix, *filter(os.path.isdir, sys.path)]
    print(json.dumps({"command": sys.executable, "needs": [os.path.abspath(path) for path in needs if path]}))`;
const pythons = new Map<string, Promise<Python | undefined>>();

const probe = async (command: string): Promise<Python | undefined> => {
  try {
    const { stdout } = await run(command, ['-c', PYTHON_PROBE], { timeout: 10_000 });
    return stdout.trim() === '' ? undefined : (JSON.parse(stdout) as Python);
  } catch {
    return undefined;
  }
};

/**
 * The interpreter for a runtime such as `python3.12`: that very version when the machine has it, else its `python3`.
 * Asked once, because what lies in the path may be a slow wrapper.
 */
const pythonFor = (runtime: string): Promise<Python | undefined> => {
  const question = `${runtime} in ${process.env['PATH']}`;
  let python = pythons.get(question);
  if (python === undefined) {
    python = probe(runtime).then((exact) => exact ?? probe('python3'));
    pythons.set(question, python);
    // An interpreter that is installed later is found later.
    void python.then((found) => {
      if (found === undefined) pythons.delete(question);
    });
  }
  return python;
};

/** `e_machine` of ELF files that this machine runs. */
const ELF_MACHINES: Readonly<Record<string, number>> = { x64: 0x3e, arm64: 0xb7 };

/** Whether the kernel would run it. A shell would take anything else for a script. */
const isRunnable = (path: string): boolean => {
  const head = Buffer.alloc(20);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  if (head.toString('latin1', 0, 2) === '#!') return true;
  if (process.platform !== 'linux') return true;
  const machine = ELF_MACHINES[process.arch];
  return head.toString('latin1', 0, 4) === '\x7fELF' && (machine === undefined || head.readUInt16LE(18) === machine);
};

/** The function's own comes before that of a layer. Named as the process sees it. */
const findBootstrap = (taskRoot: string, layersRoot: string | undefined, view: FileView): string => {
  const own = join(taskRoot, 'bootstrap');
  if (existsSync(own)) {
    checkBootstrap(own, '/var/task/bootstrap');
    return join(view.taskRoot, 'bootstrap');
  }
  const shared = layersRoot === undefined ? undefined : join(layersRoot, 'bootstrap');
  if (shared === undefined || !existsSync(shared)) {
    throw new EntrypointError("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]");
  }
  checkBootstrap(shared, '/opt/bootstrap');
  return join(view.layersRoot ?? '', 'bootstrap');
};

/** `shown` is the path as AWS would name it. */
const checkBootstrap = (path: string, shown: string): void => {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new EntrypointError(`fork/exec ${shown}: permission denied`);
  }
  // Root may execute nothing either that has no execute bit, but may read everything.
  if (!isRunnable(path)) throw new EntrypointError(`fork/exec ${shown}: exec format error`);
};

/** Programs that a custom runtime may begin with or call: what is in the path, and the Node.js that runs the engine. */
const programDirectories = (): readonly string[] => [
  dirname(process.execPath),
  ...(process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => (/^s?bin$/.test(basename(directory)) ? dirname(directory) : directory)),
];

/**
 * A wrapper script gets the command that it stands before. One that is not there shows as on AWS, where a shell starts
 * it: as exit status 127.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
 */
const wrapped = (start: readonly [string, ...string[]], wrapper: string | undefined): readonly [string, ...string[]] =>
  wrapper === undefined || wrapper === '' ? start : ['/bin/sh', '-c', 'exec "$0" "$@"', wrapper, ...start];

/**
 * How a function in a child process is started, which finds its files as `view` says.
 *
 * @throws EntrypointError when it cannot be
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
 */
export const entrypointOf = async (
  spec: FunctionSpec,
  taskRoot: string,
  layersRoot: string | undefined,
  view: FileView,
): Promise<Entrypoint> => {
  if (process.platform === 'win32') {
    throw new EntrypointError(`Functions with runtime ${spec.runtime} need a POSIX system (on Windows: WSL)`);
  }
  const libraries = { LD_LIBRARY_PATH: `${view.taskRoot}:${join(view.taskRoot, 'lib')}` };
  if (view.nodeScript !== undefined && spec.runtime.startsWith('nodejs')) {
    return {
      command: process.execPath,
      parameters: nodeParameters(spec, view.nodeScript),
      environment: libraries,
      needs: [dirname(dirname(process.execPath)), ...SDK_PARENTS.map((parent) => dirname(fileURLToPath(parent)))],
    };
  }
  if (!spec.runtime.startsWith('python')) {
    const bootstrap = findBootstrap(taskRoot, layersRoot, view);
    return { command: bootstrap, parameters: [], environment: libraries, needs: programDirectories() };
  }
  const python = await pythonFor(spec.runtime);
  if (python === undefined) {
    throw new EntrypointError(
      `Functions with runtime ${spec.runtime} need Python 3.9 or later on this machine, and no ${spec.runtime} or python3 was found in its PATH`,
    );
  }
  // A directory that somebody works in is not littered with compiled files; our own copy gets them and starts faster.
  const compiled = spec.code.kind === 'directory' ? ['-B'] : [];
  const start = [python.command, ...compiled, '-u', '-X', 'utf8', view.pythonScript] as const;
  const [command, ...parameters] = wrapped(start, spec.environment['AWS_LAMBDA_EXEC_WRAPPER']);
  return {
    command,
    parameters,
    environment: {
      ...libraries,
      PYTHONPATH: [view.taskRoot, ...pythonPathsOf(spec.runtime, view.layersRoot)].join(':'),
    },
    needs: python.needs,
  };
};
