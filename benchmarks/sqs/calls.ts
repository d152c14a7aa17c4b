import { jsonCall, requestBytes, singleRequest, type WorkUnit } from '../src/http-load.ts';

export interface Target {
  readonly port: number;
  readonly queueUrl: string;
}

export type Workload = 'send' | 'send-batch' | 'receive-delete' | 'receive-delete-batch' | 'mixed';

/** Requests that make one unit of each workload. */
export const REQUESTS_PER_UNIT: Readonly<Record<Workload, number>> = {
  send: 1,
  'send-batch': 1,
  'receive-delete': 2,
  'receive-delete-batch': 2,
  mixed: 3,
};

export const BATCH_SIZE = 10;

/** Messages that one unit takes out of the queue; of others none, or no more than it sent. */
export const TAKEN_PER_UNIT: Readonly<Partial<Record<Workload, number>>> = {
  'receive-delete': 1,
  'receive-delete-batch': BATCH_SIZE,
};

const HANDLE = /"ReceiptHandle":\s*("[^"]+")/;
const HANDLES = new RegExp(HANDLE, 'g');

export const callBytes = (target: Target, action: string, input: object): Buffer =>
  requestBytes(target.port, '/', jsonCall(`AmazonSQS.${action}`), JSON.stringify(input));

/** The receipt handle in an answer of ReceiveMessage, if it has a message. */
export const handleIn = (answer: string): string | undefined => {
  const handle = HANDLE.exec(answer)?.[1];
  return handle === undefined ? undefined : (JSON.parse(handle) as string);
};

const handlesIn = (answer: string): readonly string[] =>
  [...answer.matchAll(HANDLES)].map(([, handle]) => JSON.parse(handle as string) as string);

/** One unit of a workload after another. Only a message that was received counts. */
export const unitsOf = (workload: Workload, target: Target, bodyBytes = 256): (() => WorkUnit) => {
  const QueueUrl = target.queueUrl;
  const MessageBody = 'x'.repeat(bodyBytes);
  const send = callBytes(target, 'SendMessage', { QueueUrl, MessageBody });
  const receive = callBytes(target, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
  const Entries = Array.from({ length: BATCH_SIZE }, (_, index) => ({ Id: String(index), MessageBody }));
  const batch = callBytes(target, 'SendMessageBatch', { QueueUrl, Entries });
  function* take(): Generator<Buffer, boolean, string> {
    const ReceiptHandle = handleIn(yield receive);
    if (ReceiptHandle === undefined) return false;
    yield callBytes(target, 'DeleteMessage', { QueueUrl, ReceiptHandle });
    return true;
  }
  const receiveBatch = callBytes(target, 'ReceiveMessage', {
    ...{ QueueUrl, MaxNumberOfMessages: BATCH_SIZE, VisibilityTimeout: 600 },
  });
  function* takeBatch(): Generator<Buffer, boolean, string> {
    const handles = handlesIn(yield receiveBatch);
    if (handles.length === 0) return false;
    const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    yield callBytes(target, 'DeleteMessageBatch', { QueueUrl, Entries });
    // Whoever gives fewer than there are is not to look faster for it.
    return handles.length === BATCH_SIZE;
  }
  function* sendAndTake(): Generator<Buffer, boolean, string> {
    yield send;
    // Another connection was faster; its own message is left.
    while (!(yield* take()));
    return true;
  }
  switch (workload) {
    case 'send':
      return () => singleRequest(send);
    case 'send-batch':
      return () => singleRequest(batch);
    case 'receive-delete':
      return take;
    case 'receive-delete-batch':
      return takeBatch;
    case 'mixed':
      return sendAndTake;
  }
};
