import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Called with the body of a successful answer, or with what went wrong. */
export type Answered = (answer: string, failure?: Error) => void;

/** In a row, without an answer in between: then the server is taken for dead. */
const REOPENINGS_MAX = 20;
const REOPEN_AFTER_MS = 10;

/**
 * One HTTP/1.1 connection that carries one request at a time: the smallest client there is, so that the server is what is
 * measured. Some servers close connections when they please; the request is then sent again on a new one.
 */
export class HttpConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #buffered: Buffer = Buffer.alloc(0);
  #pending: { readonly bytes: Buffer; readonly answered: Answered } | undefined;
  #reopenings = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Resolves when connected, so that connecting is not part of what is measured afterwards. */
  async open(): Promise<void> {
    if (this.#socket !== undefined) return;
    await new Promise<void>((resolve) => this.#open().once('connect', resolve).once('close', resolve));
  }

  request(bytes: Buffer, answered: Answered): void {
    this.#pending = { bytes, answered };
    const socket = this.#socket ?? this.#open();
    socket.write(bytes);
  }

  call(bytes: Buffer): Promise<string> {
    return new Promise((resolve, reject) => {
      this.request(bytes, (answer, failure) => (failure === undefined ? resolve(answer) : reject(failure)));
    });
  }

  /** What is not answered yet never will be. */
  end(): void {
    this.#pending = undefined;
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    this.#socket = socket;
    this.#buffered = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      if (socket === this.#socket) this.#onData(chunk);
    });
    // A 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => void this.#onClose(socket));
    return socket;
  }

  #onData(chunk: Buffer): void {
    this.#buffered = this.#buffered.length === 0 ? chunk : Buffer.concat([this.#buffered, chunk]);
    const headEnd = this.#buffered.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#buffered.toString('latin1', 0, headEnd);
    // Without a length the answer ends when the server closes the connection; nobody here sends chunks.
    const length = /content-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined && /transfer-encoding/i.test(head)) {
      this.#settle('', new Error(`an answer in chunks: ${head.slice(0, 200)}`));
      return;
    }
    const end = length === undefined ? Number.POSITIVE_INFINITY : headEnd + 4 + Number(length);
    if (this.#buffered.length < end) return;
    if (head.startsWith('HTTP/1.0') || /connection: *close/i.test(head)) {
      this.#socket?.destroy();
      this.#socket = undefined;
    }
    this.#finish(head, this.#buffered.toString('utf8', headEnd + 4, end));
  }

  #finish(head: string, body: string): void {
    this.#buffered = Buffer.alloc(0);
    this.#reopenings = 0;
    const isSuccess = /^HTTP\/1\.[01] 2/.test(head);
    this.#settle(body, isSuccess ? undefined : new Error(`${head.slice(0, 60)} ${body.slice(0, 500)}`));
  }

  #settle(body: string, failure: Error | undefined): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.answered(body, failure);
  }

  async #onClose(socket: Socket): Promise<void> {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    if (this.#pending === undefined) return;
    const headEnd = this.#buffered.indexOf('\r\n\r\n');
    if (headEnd >= 0 && !/content-length/i.test(this.#buffered.toString('latin1', 0, headEnd))) {
      this.#finish(this.#buffered.toString('latin1', 0, headEnd), this.#buffered.toString('utf8', headEnd + 4));
      return;
    }
    this.#reopenings += 1;
    if (this.#reopenings > REOPENINGS_MAX) {
      this.#settle('', new Error(`nothing on port ${this.#port} keeps a connection until it has answered`));
      return;
    }
    if (this.#reopenings > 1) await sleep(REOPEN_AFTER_MS);
    if (this.#pending !== undefined) this.request(this.#pending.bytes, this.#pending.answered);
  }
}
