import type { TimeLine } from '../time-line.ts';
import { accountForFiles, type FileAccount, isEnded, type Report, summarize } from './account.ts';
import type { ParserLatency } from './parser-latency.ts';
import type { Pipeline, UploadState } from './pipeline.ts';
import type { View } from './view.ts';
import { readUpload, type UploadFile } from './workload.ts';

export interface RunOptions {
  /** Names the run; begins the name of every file. */
  readonly run: string;
  readonly files: readonly UploadFile[];
  /** The uploads are spread over this long. */
  readonly windowMs: number;
  /** How often each file is uploaded. */
  readonly copies: number;
  readonly parserLatencyMs: number;
  /** A vendor whose files the parser throws on; empty for none. */
  readonly failVendor: string;
  /** The run ends when nothing has ended for this long, in the run's own time. */
  readonly patienceMs: number;
  /** Time between two looks at the pipeline. */
  readonly lookEveryMs: number;
  /** Ends the run early: everything is put back, and the reason thrown. */
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly report: Report;
  readonly accounts: readonly FileAccount[];
}

/** Uploads under way at once; a vendor's portal has connections to spare, this machine not. */
const UPLOADS_AT_ONCE = 16;

/** Between two looks people see at least the uploads go on. */
const SHOW_EVERY_MS = 500;

/** What is known of one run's files. */
class Progress {
  readonly uploadedAt = new Map<string, number>();
  readonly states = new Map<string, UploadState>();
  givenUp: ReadonlySet<string> = new Set();

  /** Files that nothing more will happen to are not looked at again. */
  pending(): string[] {
    return [...this.uploadedAt.keys()].filter((key) => !isEnded(this.states.get(key)) && !this.givenUp.has(key));
  }

  count(test: (key: string) => boolean): number {
    return [...this.uploadedAt.keys()].filter(test).length;
  }

  ended(): number {
    return this.count((key) => isEnded(this.states.get(key)) || this.givenUp.has(key));
  }

  running(): number {
    return this.count((key) => this.states.get(key)?.status === 'PROCESSING' && !this.givenUp.has(key));
  }
}

/** Uploads everything, follows the pipeline until every file of this run is accounted for, and reports. */
export const runBlackFriday = async (
  pipeline: Pipeline,
  time: TimeLine,
  view: View,
  options: RunOptions,
): Promise<RunResult> => {
  const { files, signal } = options;
  const wallStart = performance.now();
  const startedAt = await time.now();
  const progress = new Progress();
  // Messages of others may lie in the queue already; theirs are not this run's to wait for.
  const before = await pipeline.failureQueue();
  const seen = { throttled: 0, recovered: 0, deadLettered: 0, held: 0 };
  let latency: ParserLatency | undefined;

  const show = (now: number): void => {
    const ended = progress.ended();
    const running = progress.running() + seen.held;
    const uploaded = progress.uploadedAt.size;
    view.show({
      ...seen,
      total: files.length,
      uploaded,
      running,
      waiting: Math.max(0, uploaded - ended - running - seen.deadLettered),
      ended,
      elapsedSeconds: (now - startedAt) / 1000,
    });
  };

  let lastEnded = 0;
  let lastProgressAt = startedAt;
  const look = async (): Promise<boolean> => {
    const now = await time.now();
    const [states, failures, throttled, recovered, givenUp, held = 0] = await Promise.all([
      pipeline.uploads(progress.pending()),
      pipeline.failureQueue(),
      pipeline.throttles(startedAt, now),
      pipeline.retryMetric('RetrySuccess', startedAt, now),
      pipeline.givenUp(startedAt),
      latency?.holding(),
    ]);
    for (const state of states) progress.states.set(state.key, state);
    progress.givenUp = givenUp;
    seen.held = held;
    seen.throttled = throttled;
    seen.recovered = recovered;
    seen.deadLettered = Math.max(0, failures.visible + failures.inFlight - before.visible - before.inFlight);
    show(now);
    const ended = progress.ended();
    if (ended > lastEnded) {
      lastEnded = ended;
      lastProgressAt = now;
    }
    return ended === files.length || now - lastProgressAt > options.patienceMs;
  };

  const settings = await pipeline.parserSettings(['PARSER_LATENCY_MS', 'FAIL_VENDOR']);
  try {
    latency = await pipeline.slowParser(options.parserLatencyMs);
    await pipeline.configureParser({ PARSER_LATENCY_MS: latency.variable, FAIL_VENDOR: options.failVendor });
    show(startedAt);
    await uploadAll(pipeline, time, options, progress.uploadedAt, look, show);
    while (!(await look())) {
      await time.pass(options.lookEveryMs, signal);
      signal.throwIfAborted();
    }
    const endedAt = await time.now();
    const accounts = accountForFiles(progress.uploadedAt, progress.states, progress.givenUp, {
      beforeCodeMs: latency.beforeCodeMs,
      isVirtual: time.isVirtual,
    });
    const report = summarize(accounts, {
      run: options.run,
      virtualSeconds: Math.round((endedAt - startedAt) / 100) / 10,
      wallSeconds: Math.round((performance.now() - wallStart) / 100) / 10,
    });
    return { report, accounts };
  } finally {
    view.end();
    try {
      await latency?.end();
    } finally {
      await pipeline.configureParser(settings);
    }
  }
};

/** Spreads the uploads evenly over the window, copies one round after the other. */
const uploadAll = async (
  pipeline: Pipeline,
  time: TimeLine,
  { files, copies, windowMs, lookEveryMs, signal }: RunOptions,
  uploadedAt: Map<string, number>,
  look: () => Promise<boolean>,
  show: (now: number) => void,
): Promise<void> => {
  const uploads = Array.from({ length: copies }, () => files).flat();
  const startedAt = await time.now();
  const underWay = new Set<Promise<void>>();
  /** Of uploads that nobody awaited just then: an error that nobody takes would end the process, and put nothing back. */
  const failures: unknown[] = [];
  const check = (): void => {
    signal.throwIfAborted();
    if (failures.length > 0) throw failures[0];
  };
  let lookedAt = startedAt;
  let shownAt = performance.now();
  try {
    for (const [index, file] of uploads.entries()) {
      const dueAt = startedAt + (windowMs * index) / uploads.length;
      const now = await time.now();
      if (dueAt > now) await time.pass(dueAt - now, signal);
      check();
      if (now - lookedAt >= lookEveryMs) {
        lookedAt = now;
        await look();
      } else if (performance.now() - shownAt >= SHOW_EVERY_MS) {
        shownAt = performance.now();
        show(now);
      }
      if (!uploadedAt.has(file.key)) uploadedAt.set(file.key, await time.now());
      const upload = pipeline
        .upload(file.key, readUpload(file))
        .catch((error: unknown) => void failures.push(error))
        .finally(() => underWay.delete(upload));
      underWay.add(upload);
      if (underWay.size >= UPLOADS_AT_ONCE) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
  }
  check();
};
