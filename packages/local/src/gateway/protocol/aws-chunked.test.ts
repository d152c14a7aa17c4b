import { expect, it } from 'vitest';
import { decodeAwsChunked } from './aws-chunked.ts';

const decode = (text: string, decodedLength?: string, announced?: string) => {
  const { body, trailers } = decodeAwsChunked(Buffer.from(text, 'latin1'), { decodedLength, announced });
  return { body: body.toString('latin1'), trailers };
};

it('signed chunks are joined', () => {
  const text = '5;chunk-signature=aa\r\nhello\r\n6;chunk-signature=bb\r\n world\r\n0;chunk-signature=cc\r\n\r\n';
  expect(decode(text, '11')).toEqual({ body: 'hello world', trailers: {} });
});

it('unsigned chunks come with trailers', () => {
  const text = 'A\r\n\r\n12345678\r\n0\r\nX-Amz-Checksum-Crc32:NhCmhg==\r\n\r\n';
  expect(decode(text, undefined, 'x-amz-checksum-crc32')).toEqual({
    body: '\r\n12345678',
    trailers: { 'x-amz-checksum-crc32': 'NhCmhg==' },
  });
});

it('the signature of the trailers is no trailer of the object', () => {
  const text = '0;chunk-signature=aa\r\nx-amz-checksum-sha256:q=\nx-amz-trailer-signature:00\r\n\r\n';
  expect(decode(text, undefined, 'X-Amz-Checksum-Sha256')).toEqual({
    body: '',
    trailers: { 'x-amz-checksum-sha256': 'q=' },
  });
});

it.each(['5\r\nhel', 'zz\r\n', '', '5\r\nhello\r\n', '5\r\nhello0\r\n\r\n'])('%j is incomplete', (text) => {
  expect(() => decode(text)).toThrow('The request body terminated unexpectedly');
});

it('a length that was promised must be kept', () => {
  expect(() => decode('5\r\nhello\r\n0\r\n\r\n', '6')).toThrow('You did not provide the number of bytes');
});

it.each([
  ['is announced and missing', '0\r\n\r\n', 'x-amz-checksum-crc32'],
  ['comes unannounced', '0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n', undefined],
  ['is another one than was announced', '0\r\nx-amz-checksum-sha1:NhCmhg==\r\n\r\n', 'x-amz-checksum-crc32'],
  ['has no name', '0\r\n:NhCmhg==\r\n\r\n', 'x-amz-checksum-crc32'],
  ['has no colon', '0\r\nNhCmhg==\r\n\r\n', 'x-amz-checksum-crc32'],
])('a trailer that %s is refused', (_, text, announced) => {
  expect(() => decode(text, undefined, announced)).toThrow('trailing data that was not well-formed');
});
