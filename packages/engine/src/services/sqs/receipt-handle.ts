/** What a receipt handle says: which receive of which message of which queue. */
export interface Receipt {
  readonly queueKey: string;
  readonly sequence: number;
  readonly receiveCount: number;
  /** Part of the message's id, so that no handle is ever taken for another message's. */
  readonly fingerprint: number;
}

const PREFIX = 'AQEB';
const SUFFIX = '==';
const ID_PART_LENGTH = 12;
/** Hexadecimal digits of which an integer is made that needs no memory of its own. */
const FINGERPRINT_LENGTH = 7;
const PLUS = 43;
const ZERO = 48;
const NINE = 57;

/** The end of a UUID, as a number. */
export const fingerprintOf = (messageId: string): number => Number.parseInt(messageId.slice(-FINGERPRINT_LENGTH), 16);

/**
 * Writes a handle. It looks like AWS's (base64 characters only) but says in clear where the message is, so that
 * deleting looks nothing up but the message itself. The same receive always gives the same handle.
 */
export const writeReceiptHandle = (
  queueKey: string,
  sequence: number,
  receiveCount: number,
  messageId: string,
): string => `${PREFIX}${queueKey}+${sequence}+${receiveCount}+${messageId.slice(-ID_PART_LENGTH)}${SUFFIX}`;

/** Reads a handle; `undefined` when it is none of ours. */
export const readReceiptHandle = (handle: string): Receipt | undefined => {
  if (!handle.startsWith(PREFIX) || !handle.endsWith(SUFFIX)) return undefined;
  const keyEnd = handle.indexOf('+', PREFIX.length);
  if (keyEnd < 0) return undefined;
  let at = keyEnd + 1;
  let sequence = 0;
  let receiveCount = 0;
  // Two decimal numbers, each ended by a plus. By hand: this runs for every delete.
  for (let code = handle.charCodeAt(at); code !== PLUS; code = handle.charCodeAt(++at)) {
    if (!(code >= ZERO && code <= NINE)) return undefined;
    sequence = sequence * 10 + code - ZERO;
  }
  at += 1;
  for (let code = handle.charCodeAt(at); code !== PLUS; code = handle.charCodeAt(++at)) {
    if (!(code >= ZERO && code <= NINE)) return undefined;
    receiveCount = receiveCount * 10 + code - ZERO;
  }
  if (sequence === 0 || receiveCount === 0) return undefined;
  if (handle.length - SUFFIX.length - at - 1 !== ID_PART_LENGTH) return undefined;
  return {
    queueKey: handle.slice(PREFIX.length, keyEnd),
    sequence,
    receiveCount,
    fingerprint: fingerprintOf(handle.slice(at + 1, -SUFFIX.length)),
  };
};
