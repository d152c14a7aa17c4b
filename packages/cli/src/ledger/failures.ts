import { InvalidInputError } from '@holdfast/kernel';
import type {
  Explanation,
  Failure,
  FailureGroup,
  FailureQuery,
  FailureTotals,
  Mute,
  QueueReading,
} from '@holdfast/ledger';
import { CommandError, EXIT } from '../exit-code.ts';
import { jsonText, note, print, printJson, table } from '../output.ts';
import { findSource } from '../redrive/find-source.ts';
import { type OpenOperations, openOperations } from '../redrive/open-operations.ts';
import type { Target } from '../target.ts';

/** What the command line says of failures that are meant. */
export interface QueryWords extends Omit<FailureQuery, 'queueArn'> {
  readonly queue?: string | undefined;
}

const said = async <Value>(work: Promise<Value>): Promise<Value> => {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const isAbsent = error.field === 'failure';
    throw new CommandError(error.message, isAbsent ? EXIT.notFound : EXIT.usage, { cause: error });
  }
};

const TELL_EVERY_MS = 1_000;

/** Who waits for a long queue to be read hears each second how far it is. */
const tellReading = (): ((queues: readonly QueueReading[]) => void) => {
  let toldMs = performance.now();
  return (queues) => {
    if (performance.now() - toldMs < TELL_EVERY_MS) return;
    toldMs = performance.now();
    const sum = (numbers: readonly number[]): string => numbers.reduce((all, one) => all + one, 0).toLocaleString('en');
    const of = queues.map((queue) => queue.of);
    if (of.every((each) => each === 0)) return;
    note(`reading failures: ${sum(queues.map(({ read }) => read))} of ${sum(of)} so far`);
  };
};

const open = async (target: Target): Promise<OpenOperations> => {
  const operations = await openOperations(target, undefined, { looks: { reading: tellReading() } });
  if (!operations.isEngine) note('SQS counts each look as a receive; the messages are visible again');
  return operations;
};

/** What is not there may lie where nobody could look. */
const tellUnasked = ({ unasked }: FailureTotals): void => {
  for (const one of unasked) note(`holdfast: could not ask ${one}; what it holds is not counted`);
  if (unasked.length > 0) process.exitCode = EXIT.findings;
};

const queryOf = async (target: Target, { queue, ...query }: QueryWords): Promise<FailureQuery> =>
  queue === undefined ? query : { ...query, queueArn: await findSource(target, queue) };

const short = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

/** Lists failures of every source, youngest first. */
export const listFailures = async (target: Target, words: QueryWords, max: number, asJson: boolean): Promise<void> => {
  const { failures: desk } = await open(target);
  const query = await queryOf(target, words);
  const { failures, next } = await said(desk.page(query, max));
  const totals = await said(desk.totals(query));
  tellUnasked(totals);
  if (asJson) printJson({ totals, failures });
  else {
    if (failures.length === 0) print('no failures');
    else {
      print(
        table(
          ['LAST SEEN', 'SOURCE', 'TRIES', 'STATE', 'ERROR', 'ID'],
          failures.map((one) => [
            one.lastSeenAt,
            `${one.source.kind} ${one.source.name}`,
            one.attempts,
            one.state,
            short(one.error || one.condition, 70),
            one.id,
          ]),
        ),
      );
    }
    note(
      `${failures.length} of ${totals.failures} failures in ${totals.groups} groups${next === undefined ? '' : '; more with --max'}`,
    );
  }
};

const groupRow = ({ failures, state, fingerprint, sources, firstSeenAt, lastSeenAt, example }: FailureGroup) => [
  failures,
  state,
  short(fingerprint.reason, 80),
  [...new Set(sources.map(({ name }) => name))].join(', '),
  firstSeenAt,
  lastSeenAt,
  example,
];

/** Shows what failures have in common. */
export const groupFailures = async (target: Target, words: QueryWords, asJson: boolean): Promise<void> => {
  const { failures: desk } = await open(target);
  const query = await queryOf(target, words);
  const groups = await said(desk.groups(query));
  tellUnasked(await said(desk.totals(query)));
  if (asJson) printJson(groups);
  else if (groups.length === 0) print('no failures');
  else print(table(['COUNT', 'STATE', 'BECAUSE', 'SOURCE', 'FIRST', 'LAST', 'EXAMPLE'], groups.map(groupRow)));
};

const formText = (form: Explanation['form']): string =>
  table(
    ['PATH', 'HERE', 'IN ITS GROUP', 'IN OTHERS OF ITS SOURCE', 'IN WHAT WAITS'],
    form.map(({ path, own, ...others }) => [
      path,
      own,
      ...[others.inGroup, others.inSource, others.inWaiting].map((text) => text || '–'),
    ]),
  );

const traceText = (trace: Explanation['trace']): string =>
  table(
    ['TRACE', 'BEGAN', 'TOOK', 'STATE'],
    trace.map(({ name, depth, startedAt, durationMs, state, error }) => [
      `${'  '.repeat(depth)}${name}`,
      startedAt,
      durationMs === undefined ? '–' : `${durationMs} ms`,
      error === '' ? state : `${state}: ${short(error, 80)}`,
    ]),
  );

const explanationText = ({ failure, summary, moments, wayBack, trace, bodyDifferences, form }: Explanation): string =>
  [
    summary,
    '',
    `id       ${failure.id}`,
    `group    ${failure.fingerprint.key}`,
    ...(failure.about === '' ? [] : [`about    ${failure.about}`]),
    ...(failure.functionVersion === undefined ? [] : [`version  ${failure.functionVersion}`]),
    ...(failure.trace === undefined ? [] : [`trace    ${failure.trace}`]),
    'reason' in wayBack ? `back     nowhere: ${wayBack.reason}` : `back     ${wayBack.arn} (${wayBack.because})`,
    '',
    ...moments.map(({ at, kind, text }) => `${at}  ${kind.padEnd(8)}  ${short(text.split('\n')[0] ?? '', 120)}`),
    ...(failure.stack === undefined ? [] : ['', failure.stack]),
    ...(bodyDifferences.length === 0
      ? []
      : ['', 'Beside others of its group, its body', ...bodyDifferences.map((line) => `  ${line}`)]),
    ...(form.length === 0 ? [] : ['', formText(form)]),
    ...(trace.length === 0 ? [] : ['', traceText(trace)]),
    '',
    failure.body,
  ].join('\n');

/** Tells all that is known of one failure. */
export const explainFailure = async (target: Target, named: string, asJson: boolean): Promise<void> => {
  const { failures } = await open(target);
  if ((await said(failures.find(named))) === undefined) tellUnasked(await failures.totals({}));
  const explanation = await said(failures.why(named));
  if (asJson) printJson(explanation);
  else print(explanationText(explanation));
};

const PAGE = 1_000;

/** Writes failures out as JSON lines. */
export const exportFailures = async (target: Target, words: QueryWords): Promise<void> => {
  const { failures: desk } = await open(target);
  const query = await queryOf(target, words);
  let count = 0;
  for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
    const page = await said(desk.page(query, PAGE, after));
    for (const failure of page.failures) print(jsonText(failure satisfies Failure));
    count += page.failures.length;
    after = page.next;
  }
  tellUnasked(await said(desk.totals(query)));
  note(`${count} failures`);
};

/** A group by its key, or by the id of one of its failures. */
const keyOf = async ({ failures }: OpenOperations, named: string): Promise<string> =>
  (await said(failures.find(named)))?.fingerprint.key ?? named;

/** Says something of a group that is remembered. */
export const markGroup = async (target: Target, named: string, mark: Mute | 'resolved' | 'unmuted'): Promise<void> => {
  const operations = await open(target);
  const { failures } = operations;
  const key = await keyOf(operations, named);
  if (mark === 'resolved') await said(failures.resolve(key));
  else if (mark === 'unmuted') await said(failures.unmute(key));
  else await said(failures.mute(key, mark));
  note(`${key}: ${typeof mark === 'string' ? mark : 'muted'}`);
};
