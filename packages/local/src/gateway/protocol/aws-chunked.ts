import { ServiceError } from '@holdfast/engine';
import { headerOf, type WireRequest } from '../wire.ts';

export const isAwsChunked = (request: WireRequest): boolean =>
  headerOf(request, 'x-amz-content-sha256')?.startsWith('STREAMING-') === true ||
  headerOf(request, 'content-encoding')?.includes('aws-chunked') === true;

export interface DecodedBody {
  readonly body: Buffer;
  /** Headers that followed the last chunk, e.g. `x-amz-checksum-crc32`; names in lower case. */
  readonly trailers: Readonly<Record<string, string>>;
}

const incomplete = (): ServiceError =>
  new ServiceError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );

const brokenOff = (): ServiceError => new ServiceError('IncompleteBody', 'The request body terminated unexpectedly');

const malformedTrailer = (): ServiceError =>
  new ServiceError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );

/** What the headers say of the body. */
export interface ChunkedFacts {
  readonly decodedLength?: string | undefined;
  /** `x-amz-trailer`: names of the headers that follow the last chunk. */
  readonly announced?: string | undefined;
}

/** Fields of the encoding itself, not of the object. */
const SIGNATURE_TRAILER = 'x-amz-trailer-signature';

/**
 * Takes `<size>[;chunk-signature=...]\r\n<bytes>\r\n` apart. Signatures are not verified.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export const decodeAwsChunked = (encoded: Buffer, { decodedLength, announced }: ChunkedFacts): DecodedBody => {
  const chunks: Buffer[] = [];
  let at = 0;
  const line = (): string => {
    const end = encoded.indexOf('\r\n', at);
    if (end < 0) throw brokenOff();
    const text = encoded.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const size = Number.parseInt(/^[0-9a-fA-F]{1,12}(?=;|$)/.exec(line())?.[0] ?? '', 16);
    if (Number.isNaN(size)) throw brokenOff();
    if (size === 0) break;
    if (at + size > encoded.length) throw brokenOff();
    chunks.push(encoded.subarray(at, at + size));
    at += size;
    if (encoded.toString('latin1', at, at + 2) !== '\r\n') throw brokenOff();
    at += 2;
  }
  const trailers: Record<string, string> = {};
  while (at < encoded.length) {
    const end = encoded.indexOf('\n', at);
    const text = encoded.toString('latin1', at, end < 0 ? undefined : end).trim();
    at = end < 0 ? encoded.length : end + 1;
    if (text === '') continue;
    const colon = text.indexOf(':');
    if (colon <= 0) throw malformedTrailer();
    const name = text.slice(0, colon).toLowerCase();
    if (name !== SIGNATURE_TRAILER) trailers[name] = text.slice(colon + 1).trim();
  }
  checkTrailers(Object.keys(trailers), announced);
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  if (decodedLength !== undefined && Number(decodedLength) !== body.length) throw incomplete();
  return { body, trailers };
};

/** What was announced must come, and nothing else. */
const checkTrailers = (present: readonly string[], announced = ''): void => {
  const expected = announced
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  if (present.length !== expected.length || !expected.every((name) => present.includes(name))) throw malformedTrailer();
};
