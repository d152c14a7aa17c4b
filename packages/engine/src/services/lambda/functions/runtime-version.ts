import { makeArn } from '@holdfast/aws-model';
import { utf8Bytes } from '@holdfast/kernel';

/** 64 hexadecimal digits that depend on nothing but the text: no clock, no start of the process changes them. */
const fingerprint = (text: string): string => {
  let digits = '';
  for (let round = 0; round < 8; round += 1) {
    let value = 0x811c9dc5 ^ round;
    for (const byte of utf8Bytes(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    digits += value.toString(16).padStart(8, '0');
  }
  return digits;
};

/** `nodejs22.x` becomes `nodejs:22.v10`, as in the names of runtime versions. */
export const runtimeVersionName = (runtime: string): string =>
  `${runtime.replace(/\.x$/, '').replace(/^(nodejs|python)/, '$1:')}.v10`;

/**
 * Stands for the patch version of a runtime, in logs and configurations. The form is AWS's, the number is made up: here
 * every function runs on what this machine has.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtime-management-identify.html
 */
export const runtimeVersionArn = (region: string, runtime: string): string =>
  makeArn('lambda', region, '', `runtime:${fingerprint(runtime)}`);
