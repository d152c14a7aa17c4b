import type { TestEngine } from '../../test-engine.ts';

/** A message as {@link messagesOf} gives it. */
export interface Message {
  readonly MessageId: string;
  readonly Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, { DataType: string; StringValue: string }>>;
}

/** For tests: receives what a queue can give at once, with all attributes. */
export const messagesOf = async (test: TestEngine, QueueUrl: string): Promise<Message[]> =>
  (
    await test.call<{ Messages?: Message[] }>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    })
  ).Messages ?? [];

/** For tests: creates a function whose code is simulated under its name. */
export const createFunction = (test: TestEngine, FunctionName: string, more: object = {}): Promise<unknown> =>
  test.call('lambda', 'CreateFunction', {
    FunctionName,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/runner',
    Code: { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) },
    ...more,
  });
