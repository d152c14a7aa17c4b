import type { EventEmitter } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Output } from '../output.ts';
import { type Callable, replace } from './functions.ts';

const fs = process.getBuiltinModule('node:fs');

/** Functions of `fs` that begin with a descriptor. */
const WITH_DESCRIPTOR = 'close fchmod fchown fdatasync fstat fsync ftruncate futimes read readv write writev'.split(
  ' ',
);
/** Those that take a path or a descriptor. */
const WITH_EITHER = ['appendFile', 'readFile', 'writeFile'];

const NOTHING = Symbol('the machine answers');

/** The descriptors that the function has opened: all it can reach of the process that it shares with the engine. */
export class Descriptors {
  readonly #own = new Set<number>();

  owns(descriptor: number): boolean {
    return this.#own.has(descriptor);
  }

  /** Follows what is opened and closed, and answers for what is not the function's. Standard output is its log. */
  guard(output: Output): void {
    const plain = fs as unknown as Callable;
    replace(
      plain,
      'openSync',
      (original) =>
        (...parts) =>
          this.#opened(original(...parts)),
    );
    replace(plain, 'open', (original) => (...parts) => {
      const callback = parts.at(-1);
      if (typeof callback === 'function') {
        parts[parts.length - 1] = (error: unknown, descriptor: unknown) =>
          callback(error, error ? descriptor : this.#opened(descriptor));
      }
      return original(...parts);
    });
    for (const name of [...WITH_DESCRIPTOR, ...WITH_EITHER]) {
      replace(plain, name, (original) => (...parts) => {
        const callback = parts.at(-1);
        let answer: unknown;
        try {
          answer = this.#answer(name, parts, output);
        } catch (error) {
          if (typeof callback !== 'function') throw error;
          process.nextTick(callback, error);
          return undefined;
        }
        if (answer === NOTHING) return original(...parts);
        if (typeof callback === 'function') process.nextTick(callback, null, answer, parts[1]);
        return undefined;
      });
      replace(plain, `${name}Sync`, (original) => (...parts) => {
        const answer = this.#answer(name, parts, output);
        return answer === NOTHING ? original(...parts) : answer;
      });
    }
  }

  /** The same for files that were opened with promises. */
  guardPromises(promises: Callable): void {
    replace(promises, 'open', (original) => async (...parts) => {
      const handle = (await original(...parts)) as FileHandle & EventEmitter;
      const { fd } = handle;
      this.#own.add(fd);
      handle.on('close', () => this.#own.delete(fd));
      return handle;
    });
  }

  #opened(descriptor: unknown): unknown {
    this.#own.add(descriptor as number);
    return descriptor;
  }

  /** What is answered without asking the machine. */
  #answer(name: string, parts: readonly unknown[], output: Output): unknown {
    const [descriptor, data] = parts;
    if (typeof descriptor !== 'number') return NOTHING;
    if (this.#own.has(descriptor)) {
      if (name === 'close') this.#own.delete(descriptor);
      return NOTHING;
    }
    if (descriptor === 1 || descriptor === 2) {
      if (name === 'write') return this.#written(descriptor, parts, output);
      if (name === 'writev') {
        return (data as Uint8Array[]).reduce(
          (bytes, part) => bytes + this.#written(descriptor, [descriptor, part], output),
          0,
        );
      }
      if (name === 'writeFile' || name === 'appendFile') {
        output.write(descriptor, data);
        return undefined;
      }
      if (name === 'fsync' || name === 'fdatasync' || name === 'close') return undefined;
      if (name === 'fstat') return NOTHING;
    }
    if (descriptor === 0) {
      if (name === 'read' || name === 'readv') return 0;
      if (name === 'readFile') return typeof data === 'string' ? '' : Buffer.alloc(0);
    }
    const error = new Error(`EBADF: bad file descriptor, ${name}`);
    throw Object.assign(error, { errno: -9, code: 'EBADF', syscall: name });
  }

  #written(stream: 1 | 2, [, data, second, third]: readonly unknown[], output: Output): number {
    if (typeof data === 'string') {
      const encoding = (typeof third === 'string' ? third : 'utf8') as BufferEncoding;
      const bytes = Buffer.from(data, encoding);
      output.write(stream, bytes);
      return bytes.length;
    }
    const view = data as Uint8Array;
    const options = (typeof second === 'object' && second !== null ? second : { offset: second, length: third }) as {
      offset?: unknown;
      length?: unknown;
    };
    const offset = typeof options.offset === 'number' ? options.offset : 0;
    const length = typeof options.length === 'number' ? options.length : view.byteLength - offset;
    output.write(stream, new Uint8Array(view.buffer, view.byteOffset + offset, length));
    return length;
  }
}
