import type { UploadState } from './pipeline.ts';

/** Where a file ended. */
export type Path = 'direct' | 'throttled' | 'dead-letter queue' | 'alerted' | 'unaccounted';

/**
 * A first attempt that starts this long after the event was waiting for a slot: the first back-off is one second. A new
 * environment takes as long to start, so the first run of one tells nothing, but in virtual time, where starts take none.
 */
const THROTTLED_FROM_MS = 900;

export interface FileAccount {
  readonly key: string;
  readonly path: Path;
  readonly outcome: string;
  readonly attempts: number;
  /** Seconds from the upload to the end; `undefined` while there is none. */
  readonly seconds: number | undefined;
  readonly rejected: number;
  readonly products: number;
}

/** A file is done in one of these states; in the last its content is at fault, and the vendor was told. */
const DONE = ['COMPLETED', 'COMPLETED_WITH_ERRORS'];
const FAILED = ['FAILED', 'SUPERSEDED'];

export const isEnded = (state: UploadState | undefined): boolean =>
  state !== undefined && [...DONE, ...FAILED].includes(state.status);

/** How time passed in a run. */
export interface Timing {
  /** How long each invocation had its place before the parser's code began. */
  readonly beforeCodeMs: number;
  readonly isVirtual: boolean;
}

const pathOf = (state: UploadState, { beforeCodeMs, isVirtual }: Timing): Path => {
  if (state.deliveredBy === 'retry') return 'dead-letter queue';
  const waitedMs = state.reportedAtMs === undefined ? 0 : state.startedAtMs - state.reportedAtMs - beforeCodeMs;
  const tells = isVirtual || !state.isColdStart;
  const waited = tells && waitedMs >= THROTTLED_FROM_MS;
  return state.attempts > 1 || waited ? 'throttled' : 'direct';
};

/** Accounts for every file that was uploaded. `givenUp` holds the keys whose events were archived with an alert. */
export const accountForFiles = (
  uploadedAtMs: ReadonlyMap<string, number>,
  states: ReadonlyMap<string, UploadState>,
  givenUp: ReadonlySet<string>,
  timing: Timing = { beforeCodeMs: 0, isVirtual: false },
): readonly FileAccount[] =>
  [...uploadedAtMs].map(([key, at]) => {
    const state = states.get(key);
    if (state !== undefined && isEnded(state)) {
      return {
        key,
        path: pathOf(state, timing),
        outcome: state.status,
        attempts: state.attempts,
        seconds: state.finishedAtMs === undefined ? undefined : Math.max(0, (state.finishedAtMs - at) / 1000),
        rejected: state.rejected,
        products: state.products,
      };
    }
    const isAlerted = givenUp.has(key);
    return {
      key,
      path: isAlerted ? 'alerted' : 'unaccounted',
      outcome: isAlerted ? 'GIVEN_UP' : (state?.status ?? 'UNKNOWN'),
      attempts: state?.attempts ?? 0,
      seconds: undefined,
      rejected: 0,
      products: 0,
    };
  });

/** The one object that `--json` ends with. */
export interface Report {
  /** Begins the name of every file of this run. */
  readonly run: string;
  readonly files: {
    readonly total: number;
    readonly done: number;
    /** Ended with a state that says why, or given up with an alert. */
    readonly failed: number;
    readonly lost: number;
    /** Waited at least once for a free slot. */
    readonly throttled: number;
    readonly viaDlq: number;
  };
  readonly products: number;
  readonly rejectedRows: number;
  readonly alerts: number;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
}

export const summarize = (
  accounts: readonly FileAccount[],
  totals: Pick<Report, 'run' | 'virtualSeconds' | 'wallSeconds'>,
): Report => {
  const count = (test: (account: FileAccount) => boolean): number => accounts.filter(test).length;
  const sum = (of: (account: FileAccount) => number): number =>
    accounts.reduce((total, account) => total + of(account), 0);
  return {
    run: totals.run,
    files: {
      total: accounts.length,
      done: count(({ outcome }) => DONE.includes(outcome)),
      failed: count(({ outcome, path }) => FAILED.includes(outcome) || path === 'alerted'),
      lost: count(({ path }) => path === 'unaccounted'),
      throttled: count(({ path }) => path !== 'direct' && path !== 'unaccounted'),
      viaDlq: count(({ path }) => path === 'dead-letter queue' || path === 'alerted'),
    },
    products: sum(({ products }) => products),
    rejectedRows: sum(({ rejected }) => rejected),
    alerts: count(({ path }) => path === 'alerted'),
    virtualSeconds: totals.virtualSeconds,
    wallSeconds: totals.wallSeconds,
  };
};
