/** The ceiling: a server that only parses, hashes and answers. Prints its port. */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const input = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { MessageBody?: string };
    const body = JSON.stringify({
      MD5OfMessageBody: createHash('md5')
        .update(input.MessageBody ?? '')
        .digest('hex'),
      MessageId: randomUUID(),
    });
    response.writeHead(200, {
      'x-amzn-RequestId': randomUUID(),
      'content-type': 'application/x-amz-json-1.0',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
