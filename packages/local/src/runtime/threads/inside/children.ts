import { type Callable, replace } from './files/functions.ts';
import type { Places } from './files/places.ts';

const { isAbsolute } = process.getBuiltinModule('node:path');
const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');

export interface ChildrenOptions {
  readonly places: Places;
  readonly ownsDescriptor: (descriptor: number) => boolean;
  /** Descriptor whose other end is the function's log; `undefined` when there can be none. */
  readonly logDescriptor: () => number | undefined;
  /** Variable that tells whose child a process is, as `name=value`. */
  readonly mark: string;
  /** A child is about to be started. */
  readonly onStart: () => void;
}

/** Programs begin in the code's directory, and are found where they are seen. What they themselves see is the machine. */
export class Children {
  readonly #options: ChildrenOptions;
  /** Of those started and not yet waited for. */
  readonly #alive = new Set<number>();

  constructor(options: ChildrenOptions) {
    this.#options = options;
  }

  has(pid: number): boolean {
    return this.#alive.has(Math.abs(pid));
  }

  /** To be called once, before the function gets `child_process`. */
  install(): void {
    const { places, mark, onStart } = this.#options;
    const children = process.getBuiltinModule('node:child_process');
    const program = (file: unknown): unknown =>
      typeof file === 'string' && isAbsolute(file) ? places.realOf(file) : file;
    const prototype = (children.ChildProcess as unknown as { prototype: Callable }).prototype;
    const { spawn } = prototype;
    const started = (child: { pid?: number; once(event: 'exit', run: () => void): void }): void => {
      const { pid } = child;
      if (pid === undefined) return;
      this.#alive.add(pid);
      child.once('exit', () => this.#alive.delete(pid));
    };
    const stdioOf = (stdio: unknown): unknown => this.#stdio(stdio);
    prototype['spawn'] = function (this: unknown, options: unknown): unknown {
      onStart();
      const { file, cwd, stdio, envPairs } = options as Record<string, unknown>;
      Object.assign(options as object, {
        file: program(file),
        cwd: places.real(cwd ?? places.directory),
        stdio: stdioOf(stdio),
        envPairs: [...((envPairs as string[] | undefined) ?? []), mark],
      });
      const answer = spawn?.call(this, options);
      started(this as Parameters<typeof started>[0]);
      return answer;
    };
    const [name = '', value] = mark.split('=');
    for (const key of ['execFileSync', 'execSync', 'spawnSync']) {
      replace(children as unknown as Callable, key, (original) => (file, ...rest) => {
        onStart();
        const last = rest.at(-1);
        const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last);
        const options = (hasOptions ? rest.pop() : {}) as { cwd?: unknown; stdio?: unknown; env?: object };
        return original(key === 'execSync' ? file : program(file), ...rest, {
          ...options,
          cwd: places.real(options.cwd ?? places.directory),
          env: { ...(options.env ?? process.env), [name]: value },
          ...(options.stdio === undefined ? {} : { stdio: stdioOf(options.stdio) }),
        });
      });
    }
    syncBuiltinESMExports();
  }

  /** What a child inherits of us leads to the function's log, never to the engine's terminal. */
  #stdio(stdio: unknown): unknown {
    if (stdio === 'inherit') return this.#stdio(['inherit', 'inherit', 'inherit']);
    if (!Array.isArray(stdio)) return stdio;
    return stdio.map((entry: unknown, index) => {
      const isStandard = entry === process.stdout || entry === process.stderr;
      const descriptor = entry === 'inherit' ? index : isStandard ? 1 : entry === process.stdin ? 0 : entry;
      if (typeof descriptor !== 'number' || this.#options.ownsDescriptor(descriptor)) return entry;
      if (descriptor === 1 || descriptor === 2) return this.#options.logDescriptor() ?? 'ignore';
      return 'ignore';
    });
  }
}
