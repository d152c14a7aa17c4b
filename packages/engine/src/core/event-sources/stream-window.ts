import { type EpochMs, utf8Length } from '@holdfast/kernel';
import { BATCH_ENVELOPE_BYTES } from './batch-consumer.ts';

/** State that a shard's window may carry from one invocation to the next. */
export const WINDOW_STATE_MAX_BYTES = 1_048_576;

/** Window, flags, shard and stream around the state, generously. */
const WINDOW_ENVELOPE_BYTES = 1_024;

/** A tumbling window that records have come into; kept with the checkpoint of its shard. */
export interface OpenWindow {
  readonly startsAt: EpochMs;
  readonly endsAt: EpochMs;
  /** What the function returned last, as JSON. */
  readonly state: string;
  /** The function has yet to be told that the window is terminated early. */
  readonly isTooLarge?: true;
}

/** Why a window's state is handed over without records: its end, or its size. */
export type WindowClosing = 'end' | 'size';

const withState = (window: Omit<OpenWindow, 'isTooLarge'>, state: string): OpenWindow => {
  const { startsAt, endsAt } = window;
  const isTooLarge = utf8Length(state) > WINDOW_STATE_MAX_BYTES;
  return { startsAt, endsAt, state, ...(isTooLarge ? { isTooLarge } : {}) };
};

/** The window that a record belongs to. Windows begin at whole multiples of their width since 1970. */
const windowAt = (arrivedAt: EpochMs, widthMs: number): OpenWindow => {
  const startsAt = Math.floor(arrivedAt / widthMs) * widthMs;
  return { startsAt, endsAt: startsAt + widthMs, state: '{}' };
};

/** What one lane knows of its tumbling windows: at most one is open, and it closes before the next one opens. */
export class TumblingWindows {
  /** 0: none are opened any more; one that is open is still worked on to its end. */
  readonly #widthMs: number;
  #open: OpenWindow | undefined;

  constructor(widthMs: number, open: OpenWindow | undefined) {
    this.#widthMs = widthMs;
    this.#open = open;
  }

  get open(): OpenWindow | undefined {
    return this.#open;
  }

  /** Whether a record may go into the open window. Opens one for it when there is none. */
  admits(arrivedAt: EpochMs): boolean {
    if (this.#open === undefined && this.#widthMs > 0) this.#open = windowAt(arrivedAt, this.#widthMs);
    return this.#open === undefined || arrivedAt < this.#open.endsAt;
  }

  /** Bytes of the payload that are not records. */
  get envelopeBytes(): number {
    if (this.#open === undefined && this.#widthMs === 0) return BATCH_ENVELOPE_BYTES;
    return BATCH_ENVELOPE_BYTES + WINDOW_ENVELOPE_BYTES + utf8Length(this.#open?.state ?? '{}');
  }

  keep(state: string): void {
    if (this.#open !== undefined) this.#open = withState(this.#open, state);
  }

  /** After its early termination the window goes on with a fresh state, after its end it is gone. */
  closed(closing: WindowClosing): void {
    if (closing === 'end') this.#open = undefined;
    else this.keep('{}');
  }
}

/** Without milliseconds, as in AWS's examples. */
const shownTime = (at: EpochMs): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');

/**
 * The members that stand beside `Records`, as JSON text that begins with a comma.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
export const windowMembers = (
  { startsAt, endsAt, state }: OpenWindow,
  closing: WindowClosing | undefined,
  shardId: string,
  eventSourceARN: string,
): string => {
  const before = JSON.stringify({ window: { start: shownTime(startsAt), end: shownTime(endsAt) } });
  const after = JSON.stringify({
    shardId,
    eventSourceARN,
    isFinalInvokeForWindow: closing === 'end',
    isWindowTerminatedEarly: closing === 'size',
  });
  return `,${before.slice(1, -1)},"state":${state},${after.slice(1, -1)}`;
};

/** The state in a function's response, as JSON; `undefined` fails the invocation. */
export const readWindowState = (payload: string): string | undefined => {
  try {
    const response = JSON.parse(payload) as { readonly state?: unknown } | null;
    if (response === null || typeof response !== 'object') return undefined;
    return response.state === undefined || response.state === null ? undefined : JSON.stringify(response.state);
  } catch {
    return undefined;
  }
};
