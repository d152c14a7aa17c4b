const FORBIDDEN_CHARACTER = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Whether every character is one that SQS takes: XML's, so no lone surrogate and no other control character. */
export const isSendable = (text: string): boolean => !FORBIDDEN_CHARACTER.test(text);
