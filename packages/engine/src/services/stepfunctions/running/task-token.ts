import { base64OfText, bytesOfBase64, utf8Text } from '@holdfast/kernel';

/** A task's token names its thread, so that none has to be kept to find it again. */
export const makeToken = (serial: number, thread: number, secret: string): string =>
  base64OfText(`holdfast\u0000${serial}\u0000${thread}\u0000${secret}`);

export interface TokenAddress {
  readonly serial: number;
  readonly thread: number;
}

/** Where a token belongs; `undefined` for anything that was never given out. */
export const readToken = (token: string): TokenAddress | undefined => {
  const [mark, serial, thread, secret] = utf8Text(bytesOfBase64(token)).split('\u0000');
  if (mark !== 'holdfast' || secret === undefined) return undefined;
  const address = { serial: Number(serial), thread: Number(thread) };
  return Number.isInteger(address.serial) && Number.isInteger(address.thread) ? address : undefined;
};
