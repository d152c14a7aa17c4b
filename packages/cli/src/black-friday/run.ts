import { accountForFiles, type FileAccount, isEnded, type Report, summarize } from './account.ts';
import type { Pipeline } from './pipeline.ts';
import type { TimeLine } from './time-line.ts';
import type { View } from './view.ts';
import { readUpload, type UploadFile } from './workload.ts';

export interface RunOptions {
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
}

export interface RunResult {
  readonly report: Report;
  readonly accounts: readonly FileAccount[];
}

/** Uploads under way at once; a vendor's portal has connections to spare, this machine not. */
const UPLOADS_AT_ONCE = 16;

/** Uploads everything, follows the pipeline until every file is accounted for, and reports. */
export const runBlackFriday = async (
  pipeline: Pipeline,
  time: TimeLine,
  view: View,
  options: RunOptions,
): Promise<RunResult> => {
  const { files } = options;
  const wallStart = performance.now();
  const startedAt = await time.now();
  const before = await pipeline.configureParser({
    PARSER_LATENCY_MS: String(options.parserLatencyMs),
    FAIL_VENDOR: options.failVendor,
  });
  const uploadedAt = new Map<string, number>();

  let lastEnded = 0;
  let lastProgressAt = startedAt;
  const look = async (): Promise<boolean> => {
    const now = await time.now();
    const [states, failures, throttled, recovered, givenUp] = await Promise.all([
      pipeline.uploads(),
      pipeline.failureQueue(),
      pipeline.throttles(startedAt, now),
      pipeline.retryMetric('RetrySuccess', startedAt, now),
      pipeline.givenUp(),
    ]);
    const uploaded = [...uploadedAt.keys()];
    const ended = uploaded.filter((key) => isEnded(states.get(key)) || givenUp.has(key)).length;
    const running = uploaded.filter((key) => states.get(key)?.status === 'PROCESSING' && !givenUp.has(key)).length;
    const deadLettered = failures.visible + failures.inFlight;
    view.show({
      total: files.length,
      uploaded: uploaded.length,
      running,
      throttled,
      waiting: Math.max(0, uploaded.length - ended - running - deadLettered),
      deadLettered,
      recovered,
      ended,
      elapsedSeconds: (now - startedAt) / 1000,
    });
    if (ended > lastEnded) {
      lastEnded = ended;
      lastProgressAt = now;
    }
    const isDone = ended === files.length && deadLettered === 0;
    return isDone || now - lastProgressAt > options.patienceMs;
  };

  try {
    await uploadAll(pipeline, time, options, uploadedAt, look);
    while (!(await look())) await time.pass(options.lookEveryMs);

    const endedAt = await time.now();
    const accounts = accountForFiles(uploadedAt, await pipeline.uploads(), await pipeline.givenUp());
    const report = summarize(accounts, {
      products: await pipeline.productCount(),
      alerts: (await pipeline.givenUp()).size,
      virtualSeconds: Math.round((endedAt - startedAt) / 100) / 10,
      wallSeconds: Math.round((performance.now() - wallStart) / 100) / 10,
    });
    return { report, accounts };
  } finally {
    await pipeline.configureParser({
      PARSER_LATENCY_MS: before['PARSER_LATENCY_MS'] ?? '0',
      FAIL_VENDOR: before['FAIL_VENDOR'] ?? '',
    });
  }
};

/** Spreads the uploads evenly over the window, copies one round after the other. */
const uploadAll = async (
  pipeline: Pipeline,
  time: TimeLine,
  { files, copies, windowMs, lookEveryMs }: RunOptions,
  uploadedAt: Map<string, number>,
  look: () => Promise<boolean>,
): Promise<void> => {
  const uploads = Array.from({ length: copies }, () => files).flat();
  const startedAt = await time.now();
  const underWay = new Set<Promise<void>>();
  let lookedAt = startedAt;
  for (const [index, file] of uploads.entries()) {
    const dueAt = startedAt + (windowMs * index) / uploads.length;
    const now = await time.now();
    if (dueAt > now) await time.pass(dueAt - now);
    if (now - lookedAt >= lookEveryMs) {
      lookedAt = now;
      await look();
    }
    if (!uploadedAt.has(file.key)) uploadedAt.set(file.key, await time.now());
    const upload = pipeline.upload(file.key, readUpload(file)).finally(() => underWay.delete(upload));
    underWay.add(upload);
    if (underWay.size >= UPLOADS_AT_ONCE) await Promise.race(underWay);
  }
  await Promise.all(underWay);
};
