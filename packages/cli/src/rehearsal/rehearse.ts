import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  type ChosenLetter,
  chosenLetters,
  type OperationsPorts,
  queueReaders,
  type Rehearsal,
  type RehearsalRequest,
  type RehearsedMessage,
} from '@holdfast/ledger';
import { LocalEngine } from '@holdfast/local';
import { nowAt } from '../control.ts';
import type { Target } from '../target.ts';
import { countEffects, effectsBetween } from './effects.ts';
import { TakeOver } from './take-over.ts';

const MESSAGES_MAX = 20;

/** What would run a letter, with the event that it would get. */
interface Run {
  readonly functionName: string;
  readonly event: string;
}

/** As a mapping hands a message to its function. */
const sqsEvent = ({ message, delivery }: ChosenLetter, queueArn: string): string => {
  const body = 'reason' in delivery ? (message.Body ?? '') : delivery.body;
  const attributes = Object.entries('reason' in delivery ? {} : delivery.attributes).map(([name, value]) => [
    name,
    {
      dataType: value.DataType,
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue === undefined ? undefined : Buffer.from(value.BinaryValue).toString('base64'),
      stringListValues: [],
      binaryListValues: [],
    },
  ]);
  return JSON.stringify({
    Records: [
      {
        messageId: message.MessageId,
        receiptHandle: 'of-a-rehearsal',
        body,
        attributes: { ...message.Attributes, ApproximateReceiveCount: '1' },
        messageAttributes: Object.fromEntries(attributes),
        eventSource: 'aws:sqs',
        eventSourceARN: queueArn,
        awsRegion: queueArn.split(':')[3],
      },
    ],
  });
};

/** Which function would run it, or why none. */
const runOf = async (target: Target, letter: ChosenLetter): Promise<Run | string> => {
  const { delivery } = letter;
  if ('reason' in delivery) return delivery.reason;
  if (delivery.kind === 'function') return { functionName: delivery.arn, event: delivery.body };
  if (delivery.kind !== 'queue') return `it goes to a ${delivery.kind}: only what a function handles can be rehearsed`;
  const [reader, ...others] = await queueReaders(new LambdaClient(target), delivery.arn);
  if (reader === undefined) return 'no function reads the queue that it goes to';
  if (others.length > 0) return 'several functions read the queue that it goes to';
  return { functionName: reader, event: sqsEvent(letter, delivery.arn) };
};

/** Objects that an event of S3 names, wherever in it: also inside of the body of a message. */
const objectsIn = (event: string): readonly { readonly bucket: string; readonly key: string }[] => {
  const found: { bucket: string; key: string }[] = [];
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && value.startsWith('{') && value.includes('"s3"')) {
      try {
        walk(JSON.parse(value));
      } catch {
        // A text that only looks like it.
      }
    }
    if (typeof value !== 'object' || value === null) return;
    const { bucket, object } = value as { bucket?: { name?: string }; object?: { key?: string } };
    if (typeof bucket?.name === 'string' && typeof object?.key === 'string') {
      found.push({ bucket: bucket.name, key: decodeURIComponent(object.key.replaceAll('+', ' ')) });
    }
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(JSON.parse(event));
  return found;
};

/** What the handler said: an error, or a message of its batch that it could not handle. */
const errorIn = (functionError: string | undefined, payload: string): string => {
  const answer = (payload === '' ? null : JSON.parse(payload)) as Record<string, unknown> | null;
  if (functionError !== undefined)
    return `${answer?.['errorType'] ?? functionError}: ${answer?.['errorMessage'] ?? ''}`;
  const failures = answer?.['batchItemFailures'];
  return Array.isArray(failures) && failures.length > 0 ? 'the handler reports it as a failure of its batch' : '';
};

/**
 * Runs dead letters through the real code of their functions, one by one, in an engine made for that, in virtual time. All
 * that their environment names is there, empty; what they write stays there and is counted. Nothing leaves it but what the
 * code calls by addresses of its own, outside of AWS.
 */
export const rehearse = async (
  whom: Pick<OperationsPorts, 'target' | 'isEngine' | 'rules'>,
  { request, max = MESSAGES_MAX }: RehearsalRequest,
): Promise<Rehearsal> => {
  const { target } = whom;
  const nowMs = await nowAt(target);
  const time = { now: () => nowMs, wait: async () => {} };
  const letters = await chosenLetters({ ...whom, time }, request, max);
  const { repair: _, ...unrepaired } = request;
  const before = request.repair === undefined ? letters : await chosenLetters({ ...whom, time }, unrepaired, max);
  const isRepaired = new Map(
    before.map(({ message, delivery }) => [message.MessageId, 'reason' in delivery ? undefined : delivery.body]),
  );
  await using engine = await LocalEngine.start({
    port: 0,
    clock: 'virtual',
    startAt: new Date(nowMs),
    region: target.region,
  });
  const takeOver = new TakeOver(target, engine, target.region);
  const lambda = new LambdaClient({ ...takeOver.target, maxAttempts: 1 });
  const messages: RehearsedMessage[] = [];
  for (const letter of letters) {
    const { MessageId: messageId = '' } = letter.message;
    const run = await runOf(target, letter);
    const repaired = !('reason' in letter.delivery) && isRepaired.get(messageId) !== letter.delivery.body;
    if (typeof run === 'string') {
      messages.push({ messageId, outcome: 'not run', error: run, repaired, effects: [] });
      continue;
    }
    try {
      await takeOver.takeFunction(run.functionName);
    } catch (error) {
      const because = `${run.functionName} could not be taken over: ${(error as Error).name}: ${(error as Error).message}`;
      messages.push({ messageId, outcome: 'not run', error: because, repaired, effects: [] });
      continue;
    }
    for (const { bucket, key } of objectsIn(run.event)) await takeOver.takeObject(bucket, key);
    const counted = await countEffects(takeOver);
    const FunctionName = run.functionName.split(':')[6] ?? run.functionName;
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: Buffer.from(run.event) }),
    );
    // What it set going asynchronously ends, too.
    await engine.advance(1_000);
    const error = errorIn(FunctionError, Payload?.transformToString() ?? '');
    const effects = effectsBetween(counted, await countEffects(takeOver));
    messages.push({ messageId, outcome: error === '' ? 'succeeded' : 'failed', error, repaired, effects });
  }
  const count = (outcome: RehearsedMessage['outcome']): number =>
    messages.filter((one) => one.outcome === outcome).length;
  return {
    messages,
    succeeded: count('succeeded'),
    failed: count('failed'),
    notRun: count('not run'),
    notes: [...takeOver.notes],
  };
};
