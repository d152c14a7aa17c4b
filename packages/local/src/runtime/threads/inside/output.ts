import { StringDecoder } from 'node:string_decoder';

/** Collects what is written without line breaks until one comes; empty lines are dropped. */
class Lines {
  readonly #decoder = new StringDecoder('utf8');
  readonly #write: (line: string) => void;
  #rest = '';

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  take(chunk: unknown): void {
    const lines = (this.#rest + textOf(chunk, this.#decoder)).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) if (line !== '') this.#write(line);
  }

  flush(): void {
    const rest = this.#rest;
    this.#rest = '';
    if (rest !== '') this.#write(rest);
  }
}

const textOf = (chunk: unknown, decoder: StringDecoder): string => {
  if (typeof chunk === 'string') return chunk;
  const { buffer, byteOffset, byteLength } = chunk as Uint8Array;
  return decoder.write(Buffer.from(buffer, byteOffset, byteLength));
};

/** What the function writes past `console`. */
export interface Output {
  /** To standard output or standard error. */
  readonly write: (stream: 1 | 2, chunk: unknown) => void;
  /** What has been begun is a line now. */
  readonly flush: () => void;
}

/** Makes lines of the log of whatever is written to `process.stdout` and `process.stderr`. */
export const installOutput = (log: (line: string) => void): Output => {
  const lines = { 1: new Lines(log), 2: new Lines(log) } as const;
  const write = (stream: 1 | 2, chunk: unknown): void => lines[stream].take(chunk);
  for (const [stream, descriptor] of [
    [process.stdout, 1],
    [process.stderr, 2],
  ] as const) {
    const taken = (chunk: unknown, encoding?: unknown, done?: unknown): boolean => {
      const isEncoded = typeof chunk === 'string' && typeof encoding === 'string' && encoding !== 'utf8';
      write(descriptor, isEncoded ? Buffer.from(chunk, encoding as BufferEncoding) : chunk);
      const callback = typeof encoding === 'function' ? encoding : done;
      if (typeof callback === 'function') process.nextTick(callback);
      return true;
    };
    Object.assign(stream, { write: taken });
    Object.defineProperty(stream, 'fd', { configurable: true, value: descriptor });
  }
  return {
    write,
    flush: () => {
      lines[1].flush();
      lines[2].flush();
    },
  };
};
