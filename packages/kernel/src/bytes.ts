const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Text as the bytes that travel. */
export const utf8Bytes = (text: string): Uint8Array => encoder.encode(text);

/** Base64 of text in UTF-8. */
export const base64OfText = (text: string): string =>
  btoa(Array.from(encoder.encode(text), (byte) => String.fromCharCode(byte)).join(''));

/** The text behind {@link base64OfText}; `undefined` when it is no base64 or no UTF-8. */
export const textOfBase64 = (base64: string): string | undefined => {
  try {
    return decoder.decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
};
