/** What a receipt handle says: which receive of which message of which queue. */
export interface Receipt {
  readonly queueKey: string;
  readonly sequence: number;
  readonly receiveCount: number;
  /** Part of the message's id, so that no handle is ever taken for another message's. */
  readonly fingerprint: string;
}

const PREFIX = 'AQEB';
const FINGERPRINT_LENGTH = 20;

/** Twenty hexadecimal digits of a UUID, without its dashes. */
export const fingerprintOf = (messageId: string): string => messageId.slice(0, 8) + messageId.slice(24, 36);

/**
 * Writes a handle. It looks like AWS's (base64 characters only) but says in clear where the message is, so that
 * deleting looks nothing up but the message itself. The same receive always gives the same handle.
 */
export const writeReceiptHandle = (
  queueKey: string,
  sequence: number,
  receiveCount: number,
  messageId: string,
): string => `${PREFIX}${fingerprintOf(messageId)}${queueKey}+${sequence.toString(36)}+${receiveCount.toString(36)}==`;

/** Reads a handle; `undefined` when it is none of ours. */
export const readReceiptHandle = (handle: string): Receipt | undefined => {
  if (!handle.startsWith(PREFIX) || !handle.endsWith('==')) return undefined;
  const keyFrom = PREFIX.length + FINGERPRINT_LENGTH;
  const keyTo = handle.indexOf('+', keyFrom);
  const sequenceTo = handle.indexOf('+', keyTo + 1);
  if (keyTo < 0 || sequenceTo < 0) return undefined;
  const sequence = Number.parseInt(handle.slice(keyTo + 1, sequenceTo), 36);
  const receiveCount = Number.parseInt(handle.slice(sequenceTo + 1, -2), 36);
  if (!(sequence > 0) || !(receiveCount > 0)) return undefined;
  return {
    queueKey: handle.slice(keyFrom, keyTo),
    sequence,
    receiveCount,
    fingerprint: handle.slice(PREFIX.length, keyFrom),
  };
};
