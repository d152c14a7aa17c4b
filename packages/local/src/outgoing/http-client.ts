import type { IncomingMessage } from 'node:http';
import type { HttpCall, HttpOutcome, HttpSender } from '@holdfast/engine';
import { type EpochMs, type Quiescence, type Timer, TimerQueue, type Wakeable } from '@holdfast/kernel';
import { http, https } from '../node-http.ts';
import type { EngineTime } from '../runtime/index.ts';

/**
 * How long virtual time waits, in real milliseconds, for an endpoint that does not answer. One that waits for the
 * engine's time itself would wait for ever otherwise.
 */
const PATIENCE_MS = 1_000;

/** What is read of an answer; the rest is let go. */
const ANSWER_BYTES_MAX = 256 * 1024;

const OF_THIS_MACHINE = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/;

interface Sent {
  readonly sentAtRealMs: number;
  end(outcome: HttpOutcome): void;
  abort(): void;
}

/**
 * Sends the engine's HTTP requests, to this machine only. An HTTPS endpoint needs a certificate that Node.js trusts:
 * `NODE_EXTRA_CA_CERTS` names further authorities.
 */
export class HttpClient implements HttpSender, Wakeable, Quiescence {
  readonly timers = new TimerQueue();
  readonly #time: EngineTime;
  readonly #isSomethingDue: () => boolean;
  readonly #sent = new Set<Sent>();

  /** `isSomethingDue`: whether the engine has something to do now, so that nobody may wait for answers before it is done. */
  constructor(time: EngineTime, isSomethingDue: () => boolean) {
    this.#time = time;
    this.#isSomethingDue = isSomethingDue;
  }

  refusalOf(url: string): string | undefined {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) return 'it is no HTTP URL';
    if (OF_THIS_MACHINE.test(parsed.hostname)) return undefined;
    return 'it is not on this machine, and nothing is sent beyond';
  }

  send(call: HttpCall, onDone: (outcome: HttpOutcome) => void): void {
    const refusal = this.refusalOf(call.url);
    const timers: Timer[] = [];
    const sent: Sent = {
      sentAtRealMs: performance.now(),
      end: (outcome) => {
        if (!this.#sent.delete(sent)) return;
        for (const timer of timers) timer.cancel();
        onDone(outcome);
      },
      abort: () => {},
    };
    this.#sent.add(sent);
    if (refusal !== undefined) {
      setImmediate(() => sent.end({ kind: 'failed', reason: 'unreachable', message: `${call.url}: ${refusal}` }));
      return;
    }
    sent.abort = exchange(call, (outcome) => sent.end(outcome));
    timers.push(
      this.timers.schedule(this.#time.now() + call.timeoutMs, () => {
        sent.abort();
        sent.end({ kind: 'failed', reason: 'timeout', message: `no answer within ${call.timeoutMs} ms` });
      }),
    );
  }

  nextWakeAt(): EpochMs | undefined {
    return this.timers.nextWakeAt();
  }

  wake(now: EpochMs): void {
    this.timers.wake(now);
  }

  async whenQuiet(): Promise<void> {
    while (this.#isAwaited()) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  /** Lets go of all that is under way; nobody is told. */
  close(): void {
    for (const { abort } of this.#sent) abort();
    this.#sent.clear();
    this.timers.clear();
  }

  #isAwaited(): boolean {
    if (this.#sent.size === 0 || this.#isSomethingDue()) return false;
    const now = performance.now();
    for (const { sentAtRealMs } of this.#sent) if (now - sentAtRealMs < PATIENCE_MS) return true;
    return false;
  }
}

/** Sends, and tells what became of it; answers how to break it off. */
const exchange = (call: HttpCall, end: (outcome: HttpOutcome) => void): (() => void) => {
  const url = new URL(call.url);
  const body = call.bytes ?? call.body;
  const fail = (error: Error): void => end({ kind: 'failed', reason: 'unreachable', message: error.message });
  const request = (url.protocol === 'https:' ? https() : http).request(url, {
    method: call.method,
    headers: { ...call.headers, 'Content-Length': Buffer.byteLength(body) },
    // Names below localhost are this machine by definition, whatever a resolver says.
    ...(url.hostname.endsWith('.localhost') ? { host: '127.0.0.1', servername: url.hostname } : {}),
    agent: false,
  });
  request.on('error', fail);
  request.on('response', (response) => {
    const { rawBytesMax } = call;
    void read(response, rawBytesMax === undefined ? ANSWER_BYTES_MAX : rawBytesMax + 1).then((body) => {
      if (body.length > (rawBytesMax ?? ANSWER_BYTES_MAX)) {
        fail(new Error(`the answer is longer than ${rawBytesMax} bytes`));
        return;
      }
      const [status, headers] = [response.statusCode ?? 0, headersOf(response)];
      const answer = { kind: 'answered', status, headers } as const;
      if (rawBytesMax === undefined) end({ ...answer, body: body.toString('utf8') });
      else end({ ...answer, body: '', raw: { headers: response.rawHeaders, body: new Uint8Array(body) } });
    }, fail);
  });
  request.end(body);
  return () => request.destroy();
};

const read = async (response: IncomingMessage, bytesMax: number): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    if (bytes < bytesMax) chunks.push(chunk);
    bytes += chunk.length;
  }
  return Buffer.concat(chunks).subarray(0, bytesMax);
};

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
