import { once } from 'node:events';
import { connect } from 'node:net';
import type { Random } from '@holdfast/kernel';
import { pick } from './odd-values.ts';

const PARTS: readonly string[] = [
  'GET',
  'POST',
  'PUT',
  'OPTIONS',
  ' ',
  '/',
  '/fuzz/k',
  '/?Action=ListQueues&Version=2012-11-05',
  '?X-Amz-Credential=%',
  '%zz',
  ' HTTP/1.1',
  '\r\n',
  '\r\n\r\n',
  'Host: localhost\r\n',
  'Host: evil.example\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: -1\r\n',
  'Content-Length: 99999999999999\r\n',
  'Transfer-Encoding: chunked\r\n',
  '5\r\nhello\r\n',
  'ffffffffffffffff\r\n',
  '0\r\n\r\n',
  'Connection: close\r\n',
  'Expect: 100-continue\r\n',
  'Upgrade: h2c\r\n',
  'Authorization: AWS4-HMAC-SHA256 Credential=%/x/y/s3/\r\n',
  'X-Amz-Target: AmazonSQS.ListQueues\r\n',
  'X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n',
  'Content-Encoding: gzip\r\n',
  'x-amz-copy-source: %\r\n',
  'Range: bytes=9-1,-\r\n',
  '\u0000\u00ff',
];

const REQUEST = 'PUT /fuzz/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello';

const bytesOf = (random: Random, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => random.nextInt(256)));

const damaged = (bytes: Buffer, random: Random): Buffer => {
  const copy = Buffer.from(bytes);
  for (let flips = 1 + random.nextInt(4); flips > 0; flips--) copy[random.nextInt(copy.length)] = random.nextInt(256);
  return random.nextUnit() < 0.3 ? copy.subarray(0, random.nextInt(copy.length)) : copy;
};

/** Something like HTTP/1.1. */
const noiseOfHttp1 = (random: Random): Buffer => {
  if (random.nextUnit() < 0.4) return damaged(Buffer.from(REQUEST), random);
  return Buffer.from(Array.from({ length: 2 + random.nextInt(14) }, () => pick(random, PARTS)).join(''), 'latin1');
};

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const FRAME_TYPES = 10;

const frame = (type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length & 0xffffff, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
};

/** The preface, a SETTINGS frame as clients send it, and then frames of any kind with any content. */
const noiseOfHttp2 = (random: Random): Buffer => {
  const frames = Array.from({ length: 1 + random.nextInt(8) }, () => {
    const payload = bytesOf(random, random.nextInt(40));
    const length = random.nextUnit() < 0.1 ? random.nextInt(2 ** 24) : payload.length;
    return frame(
      random.nextInt(FRAME_TYPES + 2),
      random.nextInt(256),
      pick(random, [0, 1, 3, 2, 2 ** 31 - 1]),
      payload,
      length,
    );
  });
  const all = Buffer.concat([PREFACE, frame(4, 0, 0, Buffer.alloc(0)), ...frames]);
  return random.nextUnit() < 0.2 ? damaged(all, random) : all;
};

/** Sends noise on a connection of its own and gives back what came, until the other side or a short time ends it. */
export const sendNoise = async (port: number, random: Random, patienceMs = 30): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (data) => {
    received += data.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(random.nextUnit() < 0.5 ? noiseOfHttp1(random) : noiseOfHttp2(random));
  const timer = setTimeout(() => (random.nextUnit() < 0.5 ? socket.destroy() : socket.resetAndDestroy()), patienceMs);
  await once(socket, 'close');
  clearTimeout(timer);
  return received;
};
