import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Delivery, DestinationKind } from './delivery.ts';
import type { Sender, SendOutcome } from './redrive-ports.ts';
import { restartName } from './restart-name.ts';
import type { Target } from './target.ts';
import { parseObject } from './way-back.ts';

const THROTTLED = /Throttl|TooManyRequests|RequestThrottled|ProvisionedThroughputExceeded|LimitExceeded|SlowDown/;

interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** A service that answered with 4xx has taken nothing; without an answer, or with 5xx, nobody knows. */
const outcomeOf = (thrown: unknown): SendOutcome => {
  const { name, message, $metadata } = thrown as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  const error = `${name}: ${message}`;
  if (THROTTLED.test(name) || status === 429) return { taken: false, outcome: 'slow down', error };
  // What the SDK refuses by itself was never sent.
  const isCertain = (status >= 400 && status < 500) || name === 'CredentialsProviderError';
  return { taken: false, outcome: isCertain ? 'refused' : 'unclear', error };
};

const nameOf = (arn: string): string => arn.split(/[:/]/).at(-1) ?? arn;

/** Sends to AWS or an engine, each delivery once: a retry of the SDK's own could send twice without a word. */
export class AwsSender implements Sender {
  readonly #sqs: SQSClient;
  readonly #lambda: LambdaClient;
  readonly #sns: SNSClient;
  readonly #events: EventBridgeClient;
  readonly #kinesis: KinesisClient;
  readonly #states: SFNClient;
  readonly #queueUrls = new Map<string, Promise<string>>();

  constructor(target: Target) {
    const config = { ...target, maxAttempts: 1 };
    this.#sqs = new SQSClient(config);
    this.#lambda = new LambdaClient(config);
    this.#sns = new SNSClient(config);
    this.#events = new EventBridgeClient(config);
    this.#kinesis = new KinesisClient(config);
    this.#states = new SFNClient(config);
  }

  async send(delivery: Delivery): Promise<SendOutcome> {
    try {
      return { taken: true, proof: await this.#senders[delivery.kind](delivery) };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  readonly #senders: Readonly<Record<DestinationKind, (delivery: Delivery) => Promise<string>>> = {
    queue: async ({ arn, body, attributes, groupId, deduplicationId, traceHeader, delaySeconds }) => {
      const { MessageId = '' } = await this.#sqs.send(
        new SendMessageCommand({
          QueueUrl: await this.#queueUrl(arn),
          MessageBody: body,
          DelaySeconds: delaySeconds,
          MessageAttributes: { ...attributes },
          MessageGroupId: groupId,
          MessageDeduplicationId: deduplicationId,
          ...(traceHeader === undefined
            ? {}
            : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: traceHeader } } }),
        }),
      );
      return MessageId;
    },
    function: async ({ arn, body }) => {
      const { $metadata } = await this.#lambda.send(
        new InvokeCommand({ FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(body) }),
      );
      return $metadata.requestId ?? '';
    },
    topic: async ({ arn, body, attributes, groupId, deduplicationId }) => {
      const { MessageId = '' } = await this.#sns.send(
        new PublishCommand({
          TopicArn: arn,
          Message: body,
          MessageAttributes: { ...attributes },
          MessageGroupId: groupId,
          MessageDeduplicationId: deduplicationId,
        }),
      );
      return MessageId;
    },
    bus: async ({ arn, body, traceHeader }) => {
      const event = parseObject(body) as Readonly<Record<string, unknown>>;
      const { Entries = [] } = await this.#events.send(
        new PutEventsCommand({
          Entries: [
            {
              EventBusName: arn,
              Source: String(event['source']),
              DetailType: String(event['detail-type']),
              Detail: JSON.stringify(event['detail'] ?? {}),
              Resources: (event['resources'] as string[] | undefined) ?? [],
              ...(typeof event['time'] === 'string' ? { Time: new Date(event['time']) } : {}),
              TraceHeader: traceHeader,
            },
          ],
        }),
      );
      const [{ EventId, ErrorCode, ErrorMessage } = {}] = Entries;
      if (EventId !== undefined) return EventId;
      // The entry has an answer of its own: it was not taken.
      throw Object.assign(new Error(ErrorMessage), { name: ErrorCode, $metadata: { httpStatusCode: 400 } });
    },
    stream: async ({ arn, body, groupId }) => {
      const { SequenceNumber = '' } = await this.#kinesis.send(
        new PutRecordCommand({ StreamARN: arn, Data: Buffer.from(body), PartitionKey: groupId }),
      );
      return SequenceNumber;
    },
    // An execution's name is taken for 90 days: who starts the same one twice with the same input has started it once.
    'state machine': async ({ arn, body, messageId, traceHeader }) => {
      const { executionArn = '' } = await this.#states.send(
        new StartExecutionCommand({
          stateMachineArn: arn,
          input: body,
          name: restartName(messageId),
          traceHeader,
        }),
      );
      return executionArn;
    },
  };

  #queueUrl(arn: string): Promise<string> {
    const known = this.#queueUrls.get(arn);
    if (known !== undefined) return known;
    const QueueOwnerAWSAccountId = arn.split(':')[4];
    const asked = this.#sqs
      .send(new GetQueueUrlCommand({ QueueName: nameOf(arn), QueueOwnerAWSAccountId }))
      .then(({ QueueUrl = '' }) => QueueUrl);
    this.#queueUrls.set(arn, asked);
    // A failed look-up is asked again.
    asked.catch(() => this.#queueUrls.delete(arn));
    return asked;
  }
}
