import type { FailureFingerprint } from '../failures/failure.ts';
import { mask } from './masks.ts';
import { type Describable, type FingerprintRule, ruleFor } from './rules.ts';
import { ownFrame } from './stack-frame.ts';

/** Groups are remembered by their key: whatever changes keys is a new version. */
const VERSION = 2;

/**
 * Groups failures: same source, same error, whatever ids, times, files and numbers are in it, raised in the same function.
 * Names of fields, status codes and error codes tell one kind from another and stay. Where nobody says what went wrong,
 * who gave up and why is the group. A user's rule goes before all of that.
 */
export const fingerprintOf = (failure: Describable, rules: readonly FingerprintRule[] = []): FailureFingerprint => {
  const { sourceName = '', condition, error, stack = '' } = failure;
  const ruled = ruleFor(rules, failure);
  if (ruled !== undefined) {
    return { key: `r|${ruled.group}`, reason: ruled.group, because: `your rule "${ruled.rule}" says so` };
  }
  const [line = ''] = error.split('\n');
  const { text, masked } = mask(line);
  const frame = ownFrame(`${stack}\n${error}`);
  const reason = text === '' ? condition || 'no reason given' : `${text}${frame === undefined ? '' : ` (in ${frame})`}`;
  const because = [
    sourceName === '' ? 'nothing says where it came from' : `it came from ${sourceName}`,
    text === ''
      ? 'nobody says what went wrong, so who gave up decides'
      : `its error reads the same${masked.length === 0 ? '' : ` without ${masked.join(', ')}`}`,
    ...(frame === undefined ? [] : [`it was raised in ${frame}`]),
  ].join('; ');
  return { key: `${VERSION}|${sourceName}|${reason}`, reason, because };
};
