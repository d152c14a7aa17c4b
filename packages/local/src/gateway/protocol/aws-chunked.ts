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

/** Fields of the encoding itself, not of the object. */
const SIGNATURE_TRAILER = 'x-amz-trailer-signature';

/**
 * Takes `<size>[;chunk-signature=...]\r\n<bytes>\r\n` apart. Signatures are not verified.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export const decodeAwsChunked = (encoded: Buffer, decodedLength: string | undefined): DecodedBody => {
  const chunks: Buffer[] = [];
  let at = 0;
  const line = (): string => {
    const end = encoded.indexOf('\r\n', at);
    if (end < 0) throw incomplete();
    const text = encoded.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const size = Number.parseInt(/^[0-9a-fA-F]+/.exec(line())?.[0] ?? '', 16);
    if (Number.isNaN(size)) throw incomplete();
    if (size === 0) break;
    if (at + size > encoded.length) throw incomplete();
    chunks.push(encoded.subarray(at, at + size));
    at += size;
    if (encoded.toString('latin1', at, at + 2) === '\r\n') at += 2;
  }
  const trailers: Record<string, string> = {};
  while (at < encoded.length) {
    const end = encoded.indexOf('\n', at);
    const text = encoded.toString('latin1', at, end < 0 ? undefined : end).trim();
    at = end < 0 ? encoded.length : end + 1;
    const colon = text.indexOf(':');
    const name = text.slice(0, colon).toLowerCase();
    if (colon > 0 && name !== SIGNATURE_TRAILER) trailers[name] = text.slice(colon + 1).trim();
  }
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  if (decodedLength !== undefined && Number(decodedLength) !== body.length) throw incomplete();
  return { body, trailers };
};
