import { randomBytes } from 'node:crypto';
import { LocalEngine } from '@holdfast/local';
import { type RecoveryKind, VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import { deployVendorOnboarding } from '../deploy.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { interruptible } from '../interruption.ts';
import { note, print, style, table } from '../output.ts';
import { ANY_CREDENTIALS, resolveTarget, type Target, type TargetOptions } from '../target.ts';
import { liveTime, virtualTime } from '../time-line.ts';
import type { FileAccount } from './account.ts';
import { Pipeline } from './pipeline.ts';
import { type RunResult, runBlackFriday } from './run.ts';
import { View } from './view.ts';
import { listSamples, listUploads } from './workload.ts';

/** Nothing ended for so long, in the run's own time: the retry comes every five minutes and waits up to fifteen. */
const PATIENCE_MS = 3_600_000;

/** Between two looks at the files that have not ended. */
const LOOK_EVERY_MS = { live: 1_000, virtual: 10_000 } as const;

/** Finds the engine or AWS; without either, an engine of its own that ends with the command. */
const findOrStart = async (options: BlackFridayOptions): Promise<{ target: Target; own?: LocalEngine }> => {
  try {
    return { target: await resolveTarget(options, { saysClock: false }) };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.notFound) throw error;
    note(
      'no engine is running: using one of its own, in memory; building and deploying the pipeline takes some seconds',
    );
    const own = await LocalEngine.start({ port: 0 });
    try {
      await deployVendorOnboarding(own, options.recovery);
    } catch (failure) {
      await own.close();
      throw failure;
    }
    return { own, target: { endpoint: own.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS } };
  }
};

const closingTable = (accounts: readonly FileAccount[]): string => {
  const groups = Map.groupBy(accounts, ({ path, outcome, attempts }) => `${path}|${outcome}|${attempts}`);
  const rows = [...groups.values()]
    .map((group) => {
      const [{ path, outcome, attempts }] = group as [FileAccount];
      const seconds = group.flatMap((account) => account.seconds ?? []).sort((a, b) => a - b);
      const range = seconds.length === 0 ? '' : `${seconds[0]?.toFixed(1)} … ${seconds.at(-1)?.toFixed(1)} s`;
      return [path, outcome, attempts, group.length, range] as const;
    })
    .sort((a, b) => String(a[0]).localeCompare(String(b[0])) || a[2] - b[2]);
  return table(['PATH', 'OUTCOME', 'ATTEMPTS', 'FILES', 'DONE AFTER'], rows);
};

const eachFile = (accounts: readonly FileAccount[]): string =>
  table(
    ['FILE', 'PATH', 'OUTCOME', 'ATTEMPTS', 'DONE AFTER'],
    accounts.map(({ key, path, outcome, attempts, seconds }) => [
      key,
      path,
      outcome,
      attempts,
      seconds === undefined ? '' : `${seconds.toFixed(1)} s`,
    ]),
  );

const show = ({ report, accounts }: RunResult, withEach: boolean): void => {
  const { files } = report;
  if (withEach) print(`${eachFile(accounts)}\n`);
  print(closingTable(accounts));
  print(
    `\n${files.total} files: ${files.done} done, ${files.failed} failed, ${files.lost} lost; ` +
      `${files.throttled} waited for a slot, ${files.viaDlq} went through the dead-letter queue.`,
  );
  print(`${report.products} products, ${report.rejectedRows} rows rejected, ${report.alerts} alerts.`);
  print(`${report.virtualSeconds} s of the pipeline's time in ${report.wallSeconds} s.`);
  if (files.lost === 0) print(style('green', 'Every file is accounted for.'));
  else print(style('red', `${files.lost} files are unaccounted for.`));
};

export interface BlackFridayOptions extends TargetOptions {
  readonly files: number;
  readonly windowMs: number;
  readonly parserLatencyMs: number;
  readonly isVirtual: boolean;
  readonly copies: number;
  /** Empty for none. */
  readonly failVendor: string;
  /** How dead-lettered uploads must come back; whichever way is deployed when it is left out. */
  readonly recovery?: RecoveryKind | undefined;
  /** Where the files are; the real ones when it is left out. */
  readonly data?: string | undefined;
  readonly withEach: boolean;
  readonly asJson: boolean;
}

/** Names a run, and the time it was started. */
const nameOfRun = (): string => `${new Date().toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`;

/** The way that is asked for must be the one that is deployed: a run is no place to change a pipeline. */
const checkRecovery = ({ recovery: deployed }: Pipeline, wanted: RecoveryKind | undefined): void => {
  if (wanted === undefined || deployed === wanted) return;
  throw new CommandError(
    `--recovery: the deployed pipeline recovers by ${deployed}, not by ${wanted}; start it with "holdfast up --recovery ${wanted}"`,
    EXIT.usage,
  );
};

/** A thousand real files against fifty slots. */
export const performBlackFriday = async (options: BlackFridayOptions): Promise<void> => {
  const run = nameOfRun();
  const files =
    options.data === undefined
      ? listSamples(VENDOR_UPLOADS_DIR, options.files, run)
      : listUploads(options.data, options.files, run);
  await interruptible(async (signal) => {
    const { target, own } = await findOrStart(options);
    try {
      signal.throwIfAborted();
      const pipeline = await Pipeline.find(target);
      checkRecovery(pipeline, options.recovery);
      const time = await (options.isVirtual ? virtualTime(target) : liveTime(target));
      try {
        note(`run ${run}: ${files.length} files as uploads/<vendor>/${run}-…`);
        const result = await runBlackFriday(pipeline, time, new View(process.stderr), {
          ...options,
          run,
          files,
          patienceMs: PATIENCE_MS,
          lookEveryMs: LOOK_EVERY_MS[options.isVirtual ? 'virtual' : 'live'],
          signal,
        });
        if (options.asJson) print(JSON.stringify(result.report));
        else show(result, options.withEach);
        if (result.report.files.lost > 0) process.exitCode = EXIT.findings;
      } finally {
        await time.end();
      }
    } finally {
      await own?.close();
    }
  }, 'stopping; the parser and the clock are put back first (again: at once, and they stay as they are)');
};
