import { LambdaClient, paginateListFunctionEventInvokeConfigs, paginateListFunctions } from '@aws-sdk/client-lambda';
import {
  ChangeMessageVisibilityBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListDeadLetterSourceQueuesCommand,
  type Message,
  paginateListQueues,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CommandError, EXIT } from './exit-code.ts';
import { note, print, printJson, table } from './output.ts';
import type { Target } from './target.ts';

/** While a peek looks at a message, nobody else gets it; afterwards it is visible at once. */
const PEEK_VISIBILITY_SECONDS = 30;

interface DeadLetterQueue {
  readonly name: string;
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly retentionDays: number;
  /** What puts failures here, e.g. `function csv-parser (on failure)`. */
  readonly sources: readonly string[];
}

const nameOf = (arnOrUrl: string): string => arnOrUrl.split(/[:/]/).at(-1) ?? arnOrUrl;

/** Functions that send failures of asynchronous invocations somewhere, by the ARN they send to. */
const functionFailureTargets = async (lambda: LambdaClient): Promise<Map<string, string[]>> => {
  const targets = new Map<string, string[]>();
  const add = (targetArn: string | undefined, source: string): void => {
    if (targetArn === undefined || targetArn === '') return;
    targets.set(targetArn, [...(targets.get(targetArn) ?? []), source]);
  };
  for await (const page of paginateListFunctions({ client: lambda }, {})) {
    for (const { FunctionName, DeadLetterConfig } of page.Functions ?? []) {
      add(DeadLetterConfig?.TargetArn, `function ${FunctionName} (dead-letter config)`);
      for await (const configs of paginateListFunctionEventInvokeConfigs({ client: lambda }, { FunctionName })) {
        for (const { DestinationConfig } of configs.FunctionEventInvokeConfigs ?? []) {
          add(DestinationConfig?.OnFailure?.Destination, `function ${FunctionName} (on failure)`);
        }
      }
    }
  }
  return targets;
};

const findDeadLetterQueues = async (sqs: SQSClient, lambda: LambdaClient): Promise<DeadLetterQueue[]> => {
  const failureTargets = await functionFailureTargets(lambda);
  const found: DeadLetterQueue[] = [];
  for await (const page of paginateListQueues({ client: sqs }, { MaxResults: 1_000 })) {
    for (const url of page.QueueUrls ?? []) {
      const [{ Attributes = {} }, { queueUrls = [] }] = await Promise.all([
        sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] })),
        sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: url })),
      ]);
      const sources = [
        ...queueUrls.map((source) => `queue ${nameOf(source)} (redrive)`),
        ...(failureTargets.get(Attributes['QueueArn'] ?? '') ?? []),
      ];
      if (sources.length === 0) continue;
      found.push({
        name: nameOf(url),
        url,
        visible: Number(Attributes['ApproximateNumberOfMessages'] ?? 0),
        inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0),
        retentionDays: Number(Attributes['MessageRetentionPeriod'] ?? 0) / 86_400,
        sources,
      });
    }
  }
  return found;
};

export const listQueues = async (target: Target, asJson: boolean): Promise<void> => {
  const queues = await findDeadLetterQueues(new SQSClient(target), new LambdaClient(target));
  if (asJson) {
    printJson(queues);
    return;
  }
  if (queues.length === 0) {
    print('no dead-letter queues');
    return;
  }
  print(
    table(
      ['QUEUE', 'VISIBLE', 'IN FLIGHT', 'RETENTION', 'FILLED BY'],
      queues.map(({ name, visible, inFlight, retentionDays, sources }) => [
        name,
        visible,
        inFlight,
        `${retentionDays} d`,
        sources.join(', '),
      ]),
    ),
  );
};

/** What can be told of a failure from its message, whatever wrote it. */
interface Failure {
  readonly messageId: string;
  readonly sentAt: string;
  readonly receiveCount: number;
  readonly condition: string;
  readonly about: string;
  readonly error: string;
  readonly body: string;
}

interface KnownBody {
  readonly requestContext?: { readonly condition?: string; readonly functionArn?: string };
  readonly requestPayload?: unknown;
  readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string; readonly Reason?: string };
  readonly Records?: readonly {
    readonly s3?: { readonly bucket: { readonly name: string }; readonly object: { readonly key: string } };
  }[];
}

const readFailure = (message: Message): Failure => {
  const { MessageId = '', Body = '', Attributes = {}, MessageAttributes = {} } = message;
  let body: KnownBody = {};
  try {
    body = (JSON.parse(Body) ?? {}) as KnownBody;
  } catch {
    // Not JSON: shown as it is.
  }
  const event = (body.requestPayload ?? body) as KnownBody;
  const object = event.Records?.[0]?.s3;
  const response = body.responsePayload;
  return {
    messageId: MessageId,
    sentAt: new Date(Number(Attributes.SentTimestamp ?? 0)).toISOString(),
    receiveCount: Number(Attributes.ApproximateReceiveCount ?? 0),
    condition: body.requestContext?.condition ?? MessageAttributes['ErrorCode']?.StringValue ?? '',
    about:
      object === undefined
        ? ''
        : `s3://${object.bucket.name}/${decodeURIComponent(object.object.key.replaceAll('+', ' '))}`,
    error:
      response?.errorType === undefined
        ? (response?.Reason ?? MessageAttributes['ErrorMessage']?.StringValue ?? '')
        : `${response.errorType}: ${response.errorMessage ?? ''}`,
    body: Body,
  };
};

const queueUrlOf = async (sqs: SQSClient, queue: string): Promise<string> => {
  if (/^https?:/.test(queue)) return queue;
  try {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: nameOf(queue) }));
    return QueueUrl;
  } catch (error) {
    throw new CommandError(`no queue "${queue}": ${(error as Error).message}`, EXIT.notFound);
  }
};

export const peekQueue = async (target: Target, queue: string, max: number, asJson: boolean): Promise<void> => {
  const sqs = new SQSClient(target);
  const QueueUrl = await queueUrlOf(sqs, queue);
  const seen: Message[] = [];
  try {
    while (seen.length < max) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(10, max - seen.length),
          WaitTimeSeconds: 0,
          VisibilityTimeout: PEEK_VISIBILITY_SECONDS,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      seen.push(...Messages);
    }
  } finally {
    for (let start = 0; start < seen.length; start += 10) {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl,
          Entries: seen
            .slice(start, start + 10)
            .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 })),
        }),
      );
    }
  }
  const failures = seen.map(readFailure);
  if (asJson) printJson(failures);
  else if (failures.length === 0) print('no visible messages');
  else {
    print(
      table(
        ['SENT', 'RECEIVES', 'CONDITION', 'ABOUT', 'ERROR', 'MESSAGE ID'],
        failures.map((f) => [f.sentAt, f.receiveCount, f.condition, f.about, f.error.slice(0, 60), f.messageId]),
      ),
    );
  }
  if (failures.length > 0) note('SQS counts each look as a receive; the messages are visible again');
};
