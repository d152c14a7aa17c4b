import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { type Reason, reasonOfLine } from './reason.ts';

/** Lines about errors, as far as a pattern of CloudWatch Logs can say it: they know capitals from small letters. */
const ERROR_PATTERN = '?error ?Error ?ERROR ?exception ?Exception ?EXCEPTION ?"timed out"';

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Of 10,000 lines or a megabyte each. */
const PAGES_MAX = 50;

/** What somebody asks for may have been written just now; who asks for many asks once. */
const READ_AGAIN_AFTER_MS = 1_000;

/** Messages of one queue were sent at about the same time: a little more is read, and once. */
const READ_BEFORE_MS = 3_600_000;

/** The error lines of one function's log, each read once, by the ids of messages and runs that they name. */
export class FunctionErrors {
  readonly #logs: CloudWatchLogsClient;
  readonly #logGroupName: string;
  readonly #monotonicMs: () => number;
  readonly #found = new Map<string, Reason>();
  #fromMs = Number.POSITIVE_INFINITY;
  /** Of the youngest line. */
  #untilMs = 0;
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(logs: CloudWatchLogsClient, functionName: string, monotonicMs: () => number) {
    this.#logs = logs;
    this.#logGroupName = `/aws/lambda/${functionName}`;
    this.#monotonicMs = monotonicMs;
  }

  /** @param sinceMs - epoch milliseconds: nothing before is of interest */
  async of(id: string, sinceMs: number): Promise<Reason | undefined> {
    await this.#reading;
    if (sinceMs < this.#fromMs) {
      const endTime = Number.isFinite(this.#fromMs) ? this.#fromMs : undefined;
      const startTime = Math.max(0, sinceMs - READ_BEFORE_MS);
      this.#fromMs = startTime;
      await this.#read(startTime, endTime);
    } else if (!this.#found.has(id) && this.#monotonicMs() - this.#readAt >= READ_AGAIN_AFTER_MS) {
      await this.#read(Math.max(this.#fromMs, this.#untilMs));
    }
    // Of several who waited for one reading, the first has begun the next by now.
    await this.#reading;
    return this.#found.get(id);
  }

  #read(startTime: number, endTime?: number): Promise<void> {
    this.#readAt = this.#monotonicMs();
    this.#reading = this.#readLines(startTime, endTime).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readLines(startTime: number, endTime: number | undefined): Promise<void> {
    const asked = { logGroupName: this.#logGroupName, filterPattern: ERROR_PATTERN, startTime, endTime };
    try {
      let pages = 0;
      for await (const { events = [] } of paginateFilterLogEvents({ client: this.#logs }, asked)) {
        for (const { message = '', timestamp = 0 } of events) {
          this.#untilMs = Math.max(this.#untilMs, timestamp);
          const reason = reasonOfLine(message);
          if (reason === undefined) continue;
          for (const [id] of message.matchAll(ID)) {
            // What was read earlier is older only when it is read on, and not when what is before it is read.
            if (endTime === undefined || !this.#found.has(id)) this.#found.set(id, reason);
          }
        }
        pages += 1;
        if (pages >= PAGES_MAX) return;
      }
    } catch {
      // Who may not read a log, or has none, is told where to look.
    }
  }
}
