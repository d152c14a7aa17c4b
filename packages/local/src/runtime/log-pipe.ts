import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, constants, openSync, readSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest line kept together, in UTF-16 units; what goes on without a line break is cut here. */
const LINE_MAX_UNITS = 262_144;
/** More than a pipe holds; what is written while we read need not be read now. */
const DRAIN_BLOCKS_MAX = 16;
/** Inside a line: a line break that does not end it. Our Python script joins the lines of one log event with it. */
const LINE_BREAK_WITHIN = '\u001e';

/**
 * What a process writes, line by line.
 *
 * A named pipe that serves as standard output and standard error at once, because Node's own would not do: they are
 * two sockets, so the order of lines between them is lost and scripts cannot reopen them as `/dev/stderr`. And what
 * was written before a result has to be read before the result counts, hence {@link drain}.
 */
export class LogPipe {
  /** Standard output and error for the process; to be given up with {@link closeWriter} once it has them. */
  readonly writer: number;
  readonly #reader: number;
  readonly #socket: Socket;
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #block = Buffer.allocUnsafe(65_536);
  #rest = '';
  #isReaderOpen = true;
  #isWriterOpen = true;

  private constructor(path: string, onLine: (line: string) => void) {
    this.#onLine = onLine;
    this.#reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    this.writer = openSync(path, constants.O_WRONLY);
    this.#socket = new Socket({ fd: this.#reader, readable: true, writable: false });
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#isReaderOpen = false;
    });
    this.#socket.unref();
  }

  static async open(onLine: (line: string) => void): Promise<LogPipe> {
    const path = join(tmpdir(), `holdfast-log-${randomUUID()}`);
    await run('mkfifo', ['-m', '600', path]);
    try {
      return new LogPipe(path, onLine);
    } finally {
      unlinkSync(path);
    }
  }

  closeWriter(): void {
    if (!this.#isWriterOpen) return;
    this.#isWriterOpen = false;
    closeSync(this.writer);
  }

  /** Reads everything that has been written so far, a last line without its end included. */
  drain(): void {
    this.#read();
    this.#rest += this.#decoder.end();
    const last = this.#rest;
    this.#rest = '';
    this.#write(last);
  }

  #read(): void {
    for (let blocks = 0; blocks < DRAIN_BLOCKS_MAX && this.#isReaderOpen; blocks += 1) {
      let bytes: number;
      try {
        bytes = readSync(this.#reader, this.#block);
      } catch {
        break; // EAGAIN: nothing more at the moment.
      }
      if (bytes === 0) break;
      this.#take(this.#block.subarray(0, bytes));
    }
  }

  close(): void {
    this.closeWriter();
    this.#isReaderOpen = false;
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) this.#write(line);
    while (this.#rest.length > LINE_MAX_UNITS) {
      this.#write(this.#rest.slice(0, LINE_MAX_UNITS));
      this.#rest = this.#rest.slice(LINE_MAX_UNITS);
    }
  }

  #write(line: string): void {
    if (line !== '') this.#onLine(line.replaceAll(LINE_BREAK_WITHIN, '\n'));
  }
}
