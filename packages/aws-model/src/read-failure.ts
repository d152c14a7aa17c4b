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

interface KnownBody {
  readonly requestContext?: { readonly condition?: string; readonly functionArn?: string };
  readonly requestPayload?: unknown;
  readonly responseContext?: { readonly functionError?: string };
  readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string; readonly Reason?: string };
  readonly KinesisBatchInfo?: BatchInfo;
  readonly DDBStreamBatchInfo?: BatchInfo;
  readonly Records?: readonly {
    readonly s3?: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } };
  }[];
}

interface BatchInfo {
  readonly shardId?: string;
  readonly startSequenceNumber?: string;
  readonly batchSize?: number;
  readonly streamArn?: string;
}

const nameOf = (arn: string): string => arn.split(/[:/]/).at(-1) ?? arn;

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

const aboutOf = (body: KnownBody, sourceArn: string | undefined): string => {
  const object = ((body.requestPayload ?? body) as KnownBody | undefined)?.Records?.[0]?.s3;
  if (object !== undefined) {
    return `s3://${object.bucket.name}/${decodeURIComponent(object.object.key.replaceAll('+', ' '))}`;
  }
  const batch = body.KinesisBatchInfo ?? body.DDBStreamBatchInfo;
  if (batch !== undefined) {
    const stream = batch.streamArn?.split(':').slice(5).join(':');
    return `${batch.batchSize} records of ${stream} ${batch.shardId} from ${batch.startSequenceNumber}`;
  }
  return sourceArn === undefined ? '' : `queue ${nameOf(sourceArn)}`;
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
  const body = typeof parsed === 'object' && parsed !== null ? (parsed as KnownBody) : {};
  const response = body.responsePayload;
  const sourceArn = Attributes['DeadLetterQueueSourceArn'];
  const code = attribute('ErrorCode', 'ERROR_CODE');
  const redriven = sourceArn === undefined ? '' : 'MaxReceiveCount';
  return {
    messageId: MessageId,
    sentAt: new Date(Number(Attributes['SentTimestamp'] ?? 0)).toISOString(),
    receiveCount: Number(Attributes['ApproximateReceiveCount'] ?? 0),
    condition: body.requestContext?.condition ?? attribute('EXHAUSTED_RETRY_CONDITION') ?? code ?? redriven,
    about: aboutOf(body, sourceArn),
    error:
      response?.errorType === undefined
        ? [
            attribute('EXHAUSTED_RETRY_CONDITION') === undefined ? undefined : code,
            response?.Reason ?? attribute('ErrorMessage', 'ERROR_MESSAGE') ?? body.responseContext?.functionError,
          ]
            .filter((part) => part !== undefined)
            .join(': ')
        : `${response.errorType}: ${response.errorMessage ?? ''}`,
    body: Body,
  };
};
