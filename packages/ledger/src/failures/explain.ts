import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { JobStore } from '../jobs/job.ts';
import { reasonOfLine } from '../reasons/reason.ts';
import type { Reasons } from '../reasons/reasons.ts';
import type { Target } from '../target.ts';
import { failedInvocationOf, objectOf, parseObject, type Stays, type WayBack } from '../way-back.ts';
import { bodyDifferences, formRows } from './body-form.ts';
import type { DescribedFailure } from './describe-letter.ts';
import type { Explanation, Failure, FailureMoment } from './failure.ts';
import { traceIdOf, traceSpans } from './trace-spans.ts';

export interface ExplainPorts {
  readonly target: Target;
  readonly jobs: JobStore;
  readonly reasons: Reasons;
  readonly wayBackOf: (failure: Failure) => Promise<WayBack | Stays>;
  /** Bodies of what waits in the queue that it came from; none where that would count a receive. */
  readonly waitingOf: (failure: Failure) => Promise<readonly string[]>;
}

/** Failures that one is compared with. */
export interface Alike {
  /** The others of its group. */
  readonly ofGroup: readonly DescribedFailure[];
  /** What its source gave up for other reasons. */
  readonly ofSource: readonly DescribedFailure[];
}

const LOG_LINES_MAX = 200;

/** Log groups of the functions that had the event in their hands. */
const logGroupsOf = async ({ source, body }: Failure, reasons: Reasons): Promise<readonly string[]> => {
  const names =
    source.kind === 'queue'
      ? await reasons.readersOf(source.arn)
      : source.kind === 'function' || source.kind === 'stream'
        ? [failedInvocationOf(body)?.functionArn.split(':')[6] ?? source.name]
        : [];
  return names.map((name) => `/aws/lambda/${name}`);
};

/** The id that the message had in its queue. */
const messageIdOf = (place: Failure['place']): string | undefined =>
  place.kind === 'queue'
    ? place.messageId
    : place.kind === 'object'
      ? place.key.slice(place.key.lastIndexOf('/') + 1).replace(/\.json$/, '')
      : undefined;

/** Whoever fills a queue may call anything an id; a pattern of CloudWatch Logs takes no quotes. */
const ID = /^[\w./-]+$/;

/** Of the runs that failed with a message of a queue, as far as anybody remembers them. */
const runsOf = async ({ source, place, firstSeenAt }: Failure, reasons: Reasons): Promise<readonly string[]> => {
  if (source.kind !== 'queue') return [];
  const Attributes = {
    DeadLetterQueueSourceArn: source.arn,
    SentTimestamp: String(Date.parse(firstSeenAt)),
  };
  const reason = await reasons.of({ MessageId: messageIdOf(place) ?? '', Attributes }, []);
  return reason?.requestIds ?? [];
};

/** What its log lines name the event by. */
const namesOf = async (failure: Failure, reasons: Reasons): Promise<ReadonlySet<string>> => {
  const { place, body, attributes } = failure;
  const { requestId: run } = objectOf(parseObject(body)?.['requestContext']);
  const names = [run, attributes['RequestID']?.StringValue, messageIdOf(place), ...(await runsOf(failure, reasons))];
  return new Set(names.filter((name): name is string => typeof name === 'string' && ID.test(name)));
};

/** The run that wrote a line, as the runtimes put it in front. */
const RUN_OF_LINE = /^\S+Z\t([0-9a-f-]{36})\t/;

/** Runs whose lines are read because one of them names the event. */
const RUNS_MAX = 10;

const logsOf = async (failure: Failure, { target, reasons }: ExplainPorts): Promise<Explanation['logs']> => {
  const client = new CloudWatchLogsClient(target);
  const lines = new Map<string, Explanation['logs'][number]>();
  const named = await namesOf(failure, reasons);
  for (const logGroupName of await logGroupsOf(failure, reasons)) {
    // What a run wrote beside the line that names the event is about it, too: its error above all.
    const names = new Set(named);
    for (const name of names) {
      const found = await client
        .send(new FilterLogEventsCommand({ logGroupName, filterPattern: `"${name}"`, limit: LOG_LINES_MAX }))
        .catch(() => ({ events: [] }));
      for (const { eventId = '', timestamp = 0, message = '' } of found.events ?? []) {
        const at = new Date(timestamp).toISOString();
        lines.set(`${eventId} ${at} ${message}`, { at, logGroup: logGroupName, text: message.trimEnd() });
        const [, run] = RUN_OF_LINE.exec(message) ?? [];
        if (run !== undefined && names.size < named.size + RUNS_MAX) names.add(run);
      }
    }
  }
  return [...lines.values()].sort((a, b) => a.at.localeCompare(b.at));
};

const KINDS: readonly (readonly [RegExp, FailureMoment['kind']])[] = [
  [/^START RequestId/, 'started'],
  [/Task timed out/, 'timeout'],
  [/throttl|TooManyRequests|Rate exceeded/i, 'throttle'],
  [/\bERROR\b|error|exception|Traceback/i, 'error'],
];

const momentOf = ({ at, text }: Explanation['logs'][number]): FailureMoment => ({
  at,
  kind: KINDS.find(([pattern]) => pattern.test(text))?.[1] ?? 'log',
  text,
});

const redrivesOf = async ({ place }: Failure, jobs: JobStore): Promise<readonly FailureMoment[]> => {
  if (place.kind !== 'queue') return [];
  const moments: FailureMoment[] = [];
  for (const { jobId, request } of await jobs.list()) {
    if (request.from !== place.arn) continue;
    for await (const { messageId, proof, outcome, at, to = '' } of jobs.results(jobId)) {
      if (messageId !== place.messageId && proof !== place.messageId) continue;
      moments.push({ at, kind: 'redriven', text: `job ${jobId}: ${outcome}${to === '' ? '' : ` to ${to}`}` });
    }
  }
  return moments;
};

/** Where the list only says where to look, the lines that were found there say it. */
const errorOf = ({ error }: Failure, logs: Explanation['logs']): string =>
  error === '' || error.startsWith('see holdfast logs ')
    ? (logs.map(({ text }) => reasonOfLine(text)?.error).findLast((said) => said !== undefined) ?? error)
    : error;

const whoOf = ({ kind, name }: Failure['source']): string =>
  kind === 'unknown' ? `Somebody${name === '' ? '' : ` who fills ${name}`}` : `${kind} ${name}`;

const summaryOf = (failure: Failure, logs: Explanation['logs'], wayBack: WayBack | Stays, alike: number): string => {
  const { source, condition, attempts, expiresAt, fingerprint, state } = failure;
  const error = errorOf(failure, logs);
  return [
    `${whoOf(source)} gave it up after ${attempts} ${attempts === 1 ? 'try' : 'tries'}${condition === '' ? '' : ` (${condition})`}.`,
    error === '' ? 'Nobody says what went wrong.' : `It failed with: ${ended(error.split('\n')[0] ?? '')}`,
    `Its group is ${state} and has ${alike} more: ${fingerprint.because}.`,
    ...(expiresAt === undefined ? [] : [`It is lost at ${expiresAt}, when its retention ends.`]),
    'reason' in wayBack
      ? `There is no way back by itself: ${wayBack.reason}.`
      : `It would go back to ${wayBack.arn} (${wayBack.because}).`,
  ].join(' ');
};

const ended = (sentence: string): string => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);

const bodiesOf = (failures: readonly DescribedFailure[]): readonly string[] => failures.map(({ body }) => body);

/** Puts together all that is known of a failure: its log lines, its redrives, where it would go back to, what is odd in it. */
export const explain = async (
  failure: Failure,
  { ofGroup, ofSource }: Alike,
  ports: ExplainPorts,
): Promise<Explanation> => {
  const logs = await logsOf(failure, ports);
  const traceId = traceIdOf(
    failure.trace,
    logs.map(({ text }) => text),
  );
  const [trace, redrives, wayBack, waiting] = await Promise.all([
    traceSpans(ports.target, traceId),
    redrivesOf(failure, ports.jobs),
    ports.wayBackOf(failure),
    ports.waitingOf(failure),
  ]);
  const { firstSeenAt, lastSeenAt, expiresAt, condition } = failure;
  const moments: FailureMoment[] = [
    { at: firstSeenAt, kind: 'sent', text: 'the event was sent' },
    ...logs.map(momentOf),
    { at: lastSeenAt, kind: 'given up', text: condition || 'given up' },
    ...redrives,
    ...(expiresAt === undefined ? [] : [{ at: expiresAt, kind: 'gone' as const, text: 'its retention ends' }]),
  ];
  return {
    failure,
    summary: summaryOf(failure, logs, wayBack, ofGroup.length),
    moments: moments.sort((a, b) => a.at.localeCompare(b.at)),
    logs,
    wayBack: 'reason' in wayBack ? wayBack : { arn: wayBack.arn, because: wayBack.because },
    trace,
    bodyDifferences: bodyDifferences(failure.body, bodiesOf(ofGroup)),
    form: formRows(failure.body, { group: bodiesOf(ofGroup), source: bodiesOf(ofSource), waiting }),
  };
};
