import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Delivery, DestinationKind } from './delivery.ts';
import { type SendTo, sendToQueues, sentBy } from './queue-sender.ts';
import type { Sender, SendOutcome } from './redrive-ports.ts';
import { restartName } from './restart-name.ts';
import type { Target } from './target.ts';
import { parseObject } from './way-back.ts';

/** Sends to AWS or an engine, each delivery once: a retry of the SDK's own could send twice without a word. */
export class AwsSender implements Sender {
  readonly #toQueue: SendTo;
  readonly #lambda: LambdaClient;
  readonly #sns: SNSClient;
  readonly #events: EventBridgeClient;
  readonly #kinesis: KinesisClient;
  readonly #states: SFNClient;

  constructor(target: Target) {
    const config = { ...target, maxAttempts: 1 };
    this.#toQueue = sendToQueues(target);
    this.#lambda = new LambdaClient(config);
    this.#sns = new SNSClient(config);
    this.#events = new EventBridgeClient(config);
    this.#kinesis = new KinesisClient(config);
    this.#states = new SFNClient(config);
  }

  send(delivery: Delivery): Promise<SendOutcome> {
    return sentBy(this.#senders[delivery.kind], delivery);
  }

  readonly #senders: Readonly<Record<DestinationKind, SendTo>> = {
    queue: (delivery) => this.#toQueue(delivery),
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
}
