import { lastNameIn } from './arn.ts';

/** What is read of a message: `Message` of the SDK's client of SQS has it. */
export interface FailureMessage {
  readonly MessageId?: string | undefined;
  readonly Body?: string | undefined;
  readonly Attributes?: Readonly<Partial<Record<string, string>>> | undefined;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string | undefined }>> | undefined;
}

/** What can be told of a failure from its message, whatever wrote it. */
export interface Failure {
  readonly messageId: string;
  readonly sentAt: string;
  readonly receiveCount: number;
  /** Why it was given up, in the words of who did: `RetriesExhausted`, `EventAgeExceeded`. */
  readonly condition: string;
  /** What it is about: the object, the records, the queue it came from. */
  readonly about: string;
  readonly error: string;
  readonly body: string;
}

type Known = Readonly<Record<string, unknown>>;

const NOTHING: Known = {};

/** Anybody can write anything into a queue: what has another form than a service gives it is as good as absent. */
const objectOf = (value: unknown): Known => (typeof value === 'object' && value !== null ? (value as Known) : NOTHING);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/** Keys come as forms are encoded; one that is not encoded right is what it says. */
const decoded = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
};

const aboutOf = (body: Known, sourceArn: string | undefined): string => {
  const records = objectOf(body['requestPayload'] ?? body)['Records'];
  const object = objectOf(objectOf(Array.isArray(records) ? records[0] : undefined)['s3']);
  const [bucket, key] = [textOf(objectOf(object['bucket'])['name']), textOf(objectOf(object['object'])['key'])];
  if (bucket !== undefined && key !== undefined) return `s3://${bucket}/${decoded(key)}`;
  const batch = objectOf(body['KinesisBatchInfo'] ?? body['DDBStreamBatchInfo']);
  const streamArn = textOf(batch['streamArn']);
  if (streamArn !== undefined) {
    const [count, shard, first] = ['batchSize', 'shardId', 'startSequenceNumber'].map((name) => textOf(batch[name]));
    return `${count} records of ${streamArn.split(':').slice(5).join(':')} ${shard} from ${first}`;
  }
  return sourceArn === undefined ? '' : `queue ${lastNameIn(sourceArn)}`;
};

const timeText = (epochMs: string | undefined): string => {
  const at = new Date(Number(epochMs ?? 0));
  return (Number.isNaN(at.getTime()) ? new Date(0) : at).toISOString();
};

/**
 * Reads a message of a failure queue. Lambda's dead-letter config and SNS write `ErrorCode` and `ErrorMessage` as
 * attributes, EventBridge and its Scheduler `ERROR_CODE` and `ERROR_MESSAGE`, destinations a record around the event, and
 * a redrive policy nothing but where the message came from.
 *
 * @param parsed - the body as JSON, from who has parsed it already
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export const readFailure = (message: FailureMessage, parsed = parse(message.Body ?? '')): Failure => {
  const { MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  const attribute = (...names: string[]): string | undefined =>
    names.map((name) => MessageAttributes[name]?.StringValue).find((value) => value !== undefined);
  const body = objectOf(parsed);
  const response = objectOf(body['responsePayload']);
  const errorType = textOf(response['errorType']);
  const sourceArn = Attributes['DeadLetterQueueSourceArn'];
  const code = attribute('ErrorCode', 'ERROR_CODE');
  const redriven = sourceArn === undefined ? '' : 'MaxReceiveCount';
  return {
    messageId: MessageId,
    sentAt: timeText(Attributes['SentTimestamp']),
    receiveCount: Number(Attributes['ApproximateReceiveCount'] ?? 0) || 0,
    condition:
      textOf(objectOf(body['requestContext'] ?? body['context'])['condition']) ??
      attribute('EXHAUSTED_RETRY_CONDITION') ??
      code ??
      redriven,
    about: aboutOf(body, sourceArn),
    error:
      errorType === undefined
        ? [
            attribute('EXHAUSTED_RETRY_CONDITION') === undefined ? undefined : code,
            textOf(response['Reason']) ??
              attribute('ErrorMessage', 'ERROR_MESSAGE') ??
              textOf(objectOf(body['responseContext'])['functionError']),
          ]
            .filter((part) => part !== undefined)
            .join(': ')
        : `${errorType}: ${textOf(response['errorMessage']) ?? ''}`,
    body: Body,
  };
};
