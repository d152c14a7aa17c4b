/** Everything allowed outside surrogate pairs: the common case, and much the faster to check. */
const PLAIN = /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD]*$/;
const FORBIDDEN_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether every character is one that SQS takes: XML's, so no lone surrogate and no other control character. */
export const isSendable = (text: string): boolean => PLAIN.test(text) || !FORBIDDEN_CHARACTER.test(text);
