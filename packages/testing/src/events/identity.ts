import { createHash } from 'node:crypto';
import { InvalidInputError } from '@holdfast/local';

export const md5 = (data: string | Uint8Array): string => createHash('md5').update(data).digest('hex');

/** An id of AWS's usual form that is the same for the same parts, so that a test that fails fails again. */
export const uuidOf = (...parts: readonly (string | number)[]): string => {
  const hash = createHash('sha256').update(parts.join('\n')).digest('hex');
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `4${hash.slice(13, 16)}`,
    `a${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
};

/**
 * Text as it is; anything else as JSON.
 *
 * @throws InvalidInputError naming the member when there is nothing, as where records are texts and not objects that have one
 */
export const textOf = (value: unknown, member: string): string => {
  const text: string | undefined = typeof value === 'string' ? value : JSON.stringify(value);
  if (text !== undefined) return text;
  throw new InvalidInputError(member, value, `must be text, or what is sent as JSON: { ${member}: 'order 4711' }`);
};

/** Where and when the thing of an event was, unless a factory is told otherwise. */
export interface EventOrigin {
  /** Twelve digits. @defaultValue 000000000000 */
  readonly account?: string;
  /** @defaultValue us-east-1 */
  readonly region?: string;
  /** @defaultValue the machine's time */
  readonly at?: Date;
}

export const originOf = ({ account = '000000000000', region = 'us-east-1', at = new Date() }: EventOrigin) => ({
  account,
  region,
  at,
});
