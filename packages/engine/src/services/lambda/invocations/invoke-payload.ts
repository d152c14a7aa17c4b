import { bytesOfBase64, utf8Text } from '@holdfast/kernel';
import { invalidRequestContent, requestTooLarge } from '../errors.ts';

/** 6 MB for a request that waits for its answer. */
export const SYNC_PAYLOAD_MAX_BYTES = 6_291_456;

/** 1 MB for an event. */
export const ASYNC_PAYLOAD_MAX_BYTES = 1_048_576;

/** `X-Amz-Client-Context`, encoded. */
export const CLIENT_CONTEXT_MAX_BYTES = 3_583;

const SOURCE = ' at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); ';

const notJson = (text: string): string => {
  const token = /^\s*([^\s"{}[\],:]+)/.exec(text)?.[1];
  const [line, column] = [1, (token?.length ?? 0) + 1];
  const problem =
    token === undefined || /^["{[\d-]/.test(text.trim())
      ? 'Unexpected character or end-of-input'
      : `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
  return `Could not parse request body into json: Could not parse payload into json: ${problem}\n${SOURCE}line: ${line}, column: ${column}]`;
};

/** Index of the first byte that cannot stand where it stands in UTF-8. */
const firstBadByte = (bytes: Uint8Array): number => {
  let following = 0;
  const index = bytes.findIndex((byte) => {
    if (following > 0) {
      following -= 1;
      return (byte & 0xc0) !== 0x80;
    }
    if (byte < 0x80) return false;
    if (byte < 0xc2 || byte > 0xf4) return true;
    following = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    return false;
  });
  return index < 0 ? bytes.length - 1 : index;
};

/**
 * What comes of an AWS CLI of version 2 without `--cli-binary-format raw-in-base64-out`: it takes JSON for Base64. A
 * byte that begins no value is named as a character, one within a value as the start of a sequence.
 */
const notText = (bytes: Uint8Array): string => {
  const at = firstBadByte(bytes);
  const [byte = 0, column] = at === 0 ? [bytes[0], 1] : [bytes[at], at + 2];
  const problem =
    at === 0
      ? `Unexpected character ((CTRL-CHAR, code ${byte})): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`
      : `Invalid UTF-8 start byte 0x${byte.toString(16)}`;
  return `Could not parse request body into json: Could not parse payload into json: ${problem}\n${SOURCE}line: 1, column: ${column}]`;
};

/**
 * Reads the payload of an invocation as JSON text, unchanged byte for byte; nothing at all means `{}`.
 *
 * @throws ServiceError 413 when it is too large, 400 when it is not JSON in UTF-8
 */
export const readPayload = (bytes: Uint8Array | undefined, isEvent: boolean): string => {
  if (bytes === undefined || bytes.length === 0) return '{}';
  const limit = isEvent ? ASYNC_PAYLOAD_MAX_BYTES : SYNC_PAYLOAD_MAX_BYTES;
  if (bytes.length > limit) throw requestTooLarge(bytes.length, isEvent ? 'Event' : 'RequestResponse', limit);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidRequestContent(notText(bytes));
  }
  if (!isJson(text)) throw invalidRequestContent(notJson(text));
  return text;
};

/** Whether a text is one JSON value. */
export const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Decodes `ClientContext`: base64 of a JSON object. */
export const readClientContext = (encoded: string | undefined): string | undefined => {
  if (encoded === undefined || encoded === '') return undefined;
  const text = utf8Text(bytesOfBase64(encoded));
  if (encoded.length > CLIENT_CONTEXT_MAX_BYTES || !text.trim().startsWith('{') || !isJson(text)) {
    throw invalidRequestContent('Client context must be a valid Base64-encoded JSON object.');
  }
  return text;
};
