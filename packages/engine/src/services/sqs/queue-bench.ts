import type { Message, ReceiveMessageResult, SendMessageResult } from '@aws-sdk/client-sqs';
import type { EngineSettings, RequestContext, ServiceError, Store } from '../../core/index.ts';
import { TestEngine } from '../../test-engine.ts';

/** For tests: an engine and the SQS calls that tests make all the time. Queues are named by their names. */
export class SqsUnderTest extends TestEngine {
  constructor(options: { start?: number; seed?: number; store?: Store; settings?: Partial<EngineSettings> } = {}) {
    super(options);
  }

  static arn(name: string): string {
    return `arn:aws:sqs:us-east-1:000000000000:${name}`;
  }

  async sqs<Output = Record<string, unknown>>(
    action: string,
    input: object = {},
    context: Partial<RequestContext> = {},
  ): Promise<Output> {
    return this.call<Output>('sqs', action, input, context);
  }

  /** What a call that must fail is refused with. */
  async refusal(action: string, input: object, context: Partial<RequestContext> = {}): Promise<ServiceError> {
    try {
      await this.sqs(action, input, context);
    } catch (error) {
      return error as ServiceError;
    }
    throw new Error(`${action} did not fail`);
  }

  async create(name: string, attributes: Record<string, string> = {}): Promise<string> {
    const fifo: Record<string, string> = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
    const input = { QueueName: name, Attributes: { ...fifo, ...attributes } };
    return (await this.sqs<{ QueueUrl: string }>('CreateQueue', input)).QueueUrl;
  }

  /** A queue with a dead-letter queue of its own, `<name>-dlq`. */
  async createWithDeadLetterQueue(name: string, maxReceiveCount: number, more: Record<string, string> = {}) {
    const dlq = name.endsWith('.fifo') ? name.replace('.fifo', '-dlq.fifo') : `${name}-dlq`;
    await this.create(dlq);
    const redrive = JSON.stringify({ deadLetterTargetArn: SqsUnderTest.arn(dlq), maxReceiveCount });
    await this.create(name, { RedrivePolicy: redrive, ...more });
    return dlq;
  }

  send(queue: string, body: string, more: object = {}): Promise<SendMessageResult> {
    return this.sqs('SendMessage', { QueueUrl: queue, MessageBody: body, ...more });
  }

  /** Sends to a group of a FIFO queue; the body is the deduplication id. */
  sendTo(queue: string, group: string, body: string): Promise<SendMessageResult> {
    return this.send(queue, body, { MessageGroupId: group, MessageDeduplicationId: body });
  }

  async receive(queue: string, more: object = {}): Promise<Message[]> {
    return (await this.sqs<ReceiveMessageResult>('ReceiveMessage', { QueueUrl: queue, ...more })).Messages ?? [];
  }

  async bodies(queue: string, more: object = { MaxNumberOfMessages: 10 }): Promise<(string | undefined)[]> {
    return (await this.receive(queue, more)).map(({ Body }) => Body);
  }

  delete(queue: string, message: Message | undefined): Promise<object> {
    return this.sqs('DeleteMessage', { QueueUrl: queue, ReceiptHandle: message?.ReceiptHandle });
  }

  changeVisibility(queue: string, message: Message | undefined, seconds: number): Promise<object> {
    const input = { QueueUrl: queue, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: seconds };
    return this.sqs('ChangeMessageVisibility', input);
  }

  async attributes(queue: string, ...names: string[]): Promise<Record<string, string>> {
    const input = { QueueUrl: queue, AttributeNames: names.length === 0 ? ['All'] : names };
    return (await this.sqs<{ Attributes?: Record<string, string> }>('GetQueueAttributes', input)).Attributes ?? {};
  }

  /** Visible, in flight, delayed. */
  async counts(queue: string): Promise<number[]> {
    const attributes = await this.attributes(queue);
    return [
      Number(attributes['ApproximateNumberOfMessages']),
      Number(attributes['ApproximateNumberOfMessagesNotVisible']),
      Number(attributes['ApproximateNumberOfMessagesDelayed']),
    ];
  }
}
