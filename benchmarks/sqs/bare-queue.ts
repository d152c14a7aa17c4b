/**
 * The ceiling: a node:http server that does for each call only what cannot be left out (parse, hash, make ids, write
 * the answer) and keeps nothing. It answers with as many bytes as a queue would. Prints its port.
 */
import { hash, randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Input {
  readonly MessageBody?: string;
  readonly ReceiptHandle?: string;
  readonly WaitTimeSeconds?: number;
  readonly MaxNumberOfMessages?: number;
  readonly Entries?: readonly { readonly Id: string; readonly MessageBody: string }[];
}

let lastBody = '';
let waiting: ServerResponse | undefined;

const sent = (body: string): { MD5OfMessageBody: string; MessageId: string } => {
  lastBody = body;
  return { MD5OfMessageBody: hash('md5', body), MessageId: randomUUID() };
};

const message = (): object => {
  const MessageId = randomUUID();
  const ReceiptHandle = `AQEB1+1+1+${MessageId.slice(24)}==`;
  return { MessageId, ReceiptHandle, MD5OfBody: hash('md5', lastBody), Body: lastBody };
};

const received = (count = 1): object => ({ Messages: Array.from({ length: count }, message) });

const answerOf = (action: string, input: Input): object | undefined => {
  switch (action) {
    case 'SendMessage':
      return sent(input.MessageBody ?? '');
    case 'SendMessageBatch':
      return { Successful: input.Entries?.map(({ Id, MessageBody }) => ({ Id, ...sent(MessageBody) })) };
    case 'ReceiveMessage':
      return received(input.MaxNumberOfMessages);
    case 'DeleteMessageBatch':
      return { Successful: input.Entries?.map(({ Id }) => ({ Id })), Failed: [] };
    case 'CreateQueue':
      return { QueueUrl: 'http://127.0.0.1/000000000000/q' };
    default:
      return undefined;
  }
};

const write = (response: ServerResponse, answer: object | undefined): void => {
  const body = answer === undefined ? '' : JSON.stringify(answer);
  response.writeHead(200, {
    'x-amzn-RequestId': randomUUID(),
    'Content-Type': 'application/x-amz-json-1.0',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
};

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    const target = String(request.headers['x-amz-target']);
    const input = JSON.parse(bytes.toString('utf8')) as Input;
    if (input.WaitTimeSeconds !== undefined) {
      waiting = response;
      setTimeout(() => {
        if (waiting === response) write(response, {});
      }, input.WaitTimeSeconds * 1_000);
      return;
    }
    write(response, answerOf(target.slice(target.indexOf('.') + 1), input));
    if (waiting !== undefined && input.MessageBody !== undefined) {
      write(waiting, received());
      waiting = undefined;
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
