/** RFC 9110, section 5.1 */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What has no byte of its own in a header, or would end it. */
const NOT_IN_HEADERS = /[^\t\x20-\x7e\x80-\xff]/g;

/** Between two machines only, RFC 9110 section 7.6.1, and what is counted anew. */
const OF_ONE_HOP: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header is of one connection alone, and is not passed on. */
export const isOfOneHop = (name: string): boolean => OF_ONE_HOP.has(name.toLowerCase());

/** Whether a header can be sent as it is. */
export const isHeader = (name: string, value: string): boolean => TOKEN.test(name) && headerText(value) === value;

/** A text as the value of a header: a question mark for what cannot stand in one. */
export const headerText = (text: string): string => text.replace(NOT_IN_HEADERS, '?');
