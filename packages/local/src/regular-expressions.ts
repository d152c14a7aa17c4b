import { setFlagsFromString } from 'node:v8';

/**
 * Filter patterns of logs and wildcards become regular expressions and are asked for every line: `%^(a+)+$%` on a line of 40 characters
 * would hold the engine for hours. After 50,000 steps back V8 goes on with its linear matcher, with the same outcome; it has none
 * for `i`, `u`, lookarounds and back references.
 */
export const boundBacktracking = (): void => {
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
};
