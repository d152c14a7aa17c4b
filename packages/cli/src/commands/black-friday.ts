import { parseDurationMs } from '@holdfast/kernel';
import { LocalEngine } from '@holdfast/local';
import { VENDOR_UPLOADS_DIR } from '@holdfast/stacks';
import type { FileAccount } from '../black-friday/account.ts';
import { Pipeline } from '../black-friday/pipeline.ts';
import { type RunResult, runBlackFriday } from '../black-friday/run.ts';
import { liveTime, virtualTime } from '../black-friday/time-line.ts';
import { View } from '../black-friday/view.ts';
import { listUploads } from '../black-friday/workload.ts';
import { AWS_OPTIONS, type Command, readCount, readOptions } from '../command.ts';
import { deployVendorOnboarding } from '../deploy.ts';
import { CommandError, EXIT } from '../exit-code.ts';
import { note, print, style, table } from '../output.ts';
import { resolveTarget, type Target, type TargetOptions } from '../target.ts';

const USAGE =
  'holdfast black-friday [--files 1000] [--window 10s] [--parser-latency 5s] [--virtual] [--copies 1] [--fail-vendor VEND001] [--data DIR] [--each] [--json]';

/** Nothing ended for so long, in the run's own time: the retry comes every five minutes and waits up to fifteen. */
const PATIENCE_MS = 3_600_000;

/** A new look costs a scan of the uploads table. */
const LOOK_EVERY_MS = { live: 1_000, virtual: 10_000 } as const;

/** Finds the engine or AWS; without either, an engine of its own that ends with the command. */
const findOrStart = async (options: TargetOptions): Promise<{ target: Target; own?: LocalEngine }> => {
  try {
    return { target: await resolveTarget(options) };
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.notFound) throw error;
    note('no engine is running: using one of its own, in memory');
    const own = await LocalEngine.start({ port: 0 });
    await deployVendorOnboarding(own);
    return {
      own,
      target: {
        endpoint: own.endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'holdfast', secretAccessKey: 'holdfast' },
      },
    };
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

/** A thousand real files against fifty slots. */
export const blackFriday: Command = {
  usage: USAGE,
  summary: 'upload the real vendor files all at once and account for every one of them',
  async run(words) {
    const { values, positionals } = readOptions(
      words,
      {
        ...AWS_OPTIONS,
        files: { type: 'string' },
        window: { type: 'string', default: '10s' },
        'parser-latency': { type: 'string', default: '5s' },
        virtual: { type: 'boolean' },
        copies: { type: 'string' },
        'fail-vendor': { type: 'string', default: '' },
        data: { type: 'string', default: VENDOR_UPLOADS_DIR },
        each: { type: 'boolean' },
      },
      USAGE,
    );
    if (positionals.length > 0)
      throw new CommandError(`"${positionals[0]}" is not expected\nusage: ${USAGE}`, EXIT.usage);
    const files = listUploads(values.data, readCount('files', values.files, 1_000));
    const options = {
      files,
      copies: readCount('copies', values.copies, 1),
      windowMs: parseDurationMs(values.window, '--window'),
      parserLatencyMs: parseDurationMs(values['parser-latency'], '--parser-latency'),
      failVendor: values['fail-vendor'],
      patienceMs: PATIENCE_MS,
      lookEveryMs: LOOK_EVERY_MS[values.virtual === true ? 'virtual' : 'live'],
    };
    const { target, own } = await findOrStart(values);
    try {
      const time = values.virtual === true ? await virtualTime(target) : liveTime;
      try {
        const result = await runBlackFriday(await Pipeline.find(target), time, new View(process.stderr), options);
        if (values.json === true) print(JSON.stringify(result.report));
        else show(result, values.each === true);
        return result.report.files.lost === 0 ? EXIT.ok : EXIT.findings;
      } finally {
        await time.end();
      }
    } finally {
      await own?.close();
    }
  },
};
