import { jsonCall, requestBytes } from '../src/http-load.ts';

/** What one connection sends next, seeing the answer to what it sent before. */
export type NextCall = (connection: number, previousAnswer: string | undefined) => Buffer;

export interface Target {
  readonly port: number;
  readonly queueUrl: string;
}

export type Workload = 'send' | 'send-batch' | 'receive-delete' | 'mixed';

/** Requests that make one unit of each workload. */
export const REQUESTS_PER_UNIT: Readonly<Record<Workload, number>> = {
  send: 1,
  'send-batch': 1,
  'receive-delete': 2,
  mixed: 3,
};

export const BATCH_SIZE = 10;
const BODY = 'x'.repeat(256);

const HANDLE = /"ReceiptHandle":\s*"([^"]+)"/;

export const callBytes = (target: Target, action: string, input: object): Buffer =>
  requestBytes(target.port, '/', jsonCall(`AmazonSQS.${action}`), JSON.stringify(input));

/** Bodies have 256 bytes. A receive that finds nothing is repeated: whoever measures sees to the backlog. */
export const callsOf = (workload: Workload, target: Target): NextCall => {
  const QueueUrl = target.queueUrl;
  const send = callBytes(target, 'SendMessage', { QueueUrl, MessageBody: BODY });
  const receive = callBytes(target, 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1, VisibilityTimeout: 600 });
  const Entries = Array.from({ length: BATCH_SIZE }, (_, index) => ({ Id: String(index), MessageBody: BODY }));
  const batch = callBytes(target, 'SendMessageBatch', { QueueUrl, Entries });
  const deletion = (answer: string | undefined): Buffer | undefined => {
    const handle = answer === undefined ? undefined : HANDLE.exec(answer)?.[1];
    return handle === undefined
      ? undefined
      : callBytes(target, 'DeleteMessage', { QueueUrl, ReceiptHandle: JSON.parse(`"${handle}"`) as string });
  };
  switch (workload) {
    case 'send':
      return () => send;
    case 'send-batch':
      return () => batch;
    case 'receive-delete':
      return (_, answer) => deletion(answer) ?? receive;
    case 'mixed': {
      const steps: number[] = [];
      return (connection, answer) => {
        const step = steps[connection] ?? 0;
        const removal = step === 2 ? deletion(answer) : undefined;
        steps[connection] = removal === undefined && step === 2 ? 2 : (step + 1) % 3;
        if (step === 0) return send;
        return removal ?? receive;
      };
    }
  }
};
