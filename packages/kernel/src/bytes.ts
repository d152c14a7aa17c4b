const utf8 = new TextEncoder();

/** Text as the bytes that travel. */
export const utf8Bytes = (text: string): Uint8Array => utf8.encode(text);

/** Base64 of text in UTF-8. */
export const base64OfText = (text: string): string =>
  btoa(Array.from(utf8.encode(text), (byte) => String.fromCharCode(byte)).join(''));
