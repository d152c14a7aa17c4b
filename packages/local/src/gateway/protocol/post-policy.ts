import { ServiceError } from '@holdfast/engine';
import type { EpochMs } from '@holdfast/kernel';
import { hasPolicyExpired, type SigningClocks } from './presigned.ts';

const denied = (reason: string): ServiceError =>
  new ServiceError('AccessDenied', `Invalid according to Policy: ${reason}`, 403);

const malformed = (reason: string): ServiceError =>
  new ServiceError('InvalidPolicyDocument', `Invalid Policy: ${reason}`);

/** Fields that a policy need not speak of. */
const FREE_FIELD = /^(?:policy|x-amz-signature|signature|awsaccesskeyid|file|x-ignore-.*)$/;

const LENGTH_RANGE = 'content-length-range';

interface Form {
  /** By name in lower case, `bucket` and `key` as they will be used. */
  readonly fields: ReadonlyMap<string, string>;
  readonly fileBytes: number;
}

const documentOf = (encoded: string): { readonly expiration: EpochMs; readonly conditions: readonly unknown[] } => {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    throw malformed('Invalid JSON.');
  }
  const { expiration, conditions } = (document ?? {}) as { expiration?: unknown; conditions?: unknown };
  if (typeof expiration !== 'string' || Number.isNaN(Date.parse(expiration))) {
    throw malformed("Invalid 'expiration' value: '".concat(String(expiration), "'"));
  }
  if (!Array.isArray(conditions)) throw malformed('Policy missing conditions.');
  return { expiration: Date.parse(expiration), conditions };
};

const checkLength = ([, min, max]: readonly unknown[], bytes: number): void => {
  const [least, most] = [Number(min), Number(max)];
  if (!Number.isFinite(least) || !Number.isFinite(most)) throw malformed('Invalid content-length-range.');
  if (bytes < least) {
    throw new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
      ProposedSize: bytes,
      MinSizeAllowed: least,
    });
  }
  if (bytes > most) {
    throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
      ProposedSize: bytes,
      MaxSizeAllowed: most,
    });
  }
};

/** `{"acl": "private"}` is a short form of `["eq", "$acl", "private"]`. */
const conditionsIn = (entry: unknown): (readonly unknown[])[] => {
  if (Array.isArray(entry)) return [entry];
  if (typeof entry !== 'object' || entry === null) throw malformed('Invalid condition.');
  return Object.entries(entry).map(([name, value]) => ['eq', `$${name}`, value]);
};

/**
 * Checks a form against the policy that came with it. Who signed the policy is not verified.
 *
 * @throws ServiceError as S3 answers
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
export const checkPostPolicy = (encoded: string, { fields, fileBytes }: Form, clocks: SigningClocks): void => {
  const { expiration, conditions } = documentOf(encoded);
  if (hasPolicyExpired(expiration, fields, clocks)) throw denied('Policy expired.');
  const spokenOf = new Set<string>();
  for (const condition of conditions.flatMap(conditionsIn)) {
    const [operator, subject, wanted] = condition;
    if (operator === LENGTH_RANGE) {
      checkLength(condition, fileBytes);
      continue;
    }
    if (typeof subject !== 'string' || !subject.startsWith('$') || typeof wanted !== 'string') {
      throw malformed('Invalid condition.');
    }
    const name = subject.slice(1).toLowerCase();
    spokenOf.add(name);
    const value = fields.get(name) ?? '';
    const holds =
      operator === 'eq'
        ? value === wanted
        : operator === 'starts-with'
          ? value.split(',').every((part) => part.startsWith(wanted)) || value.startsWith(wanted)
          : undefined;
    if (holds === undefined) throw malformed(`Unknown operation: ${String(operator)}`);
    if (!holds) {
      const shown = [operator, subject, wanted].map((part) => JSON.stringify(part)).join(', ');
      throw denied(`Policy Condition failed: [${shown}]`);
    }
  }
  const extra = [...fields.keys()].filter((name) => name !== 'bucket' && !FREE_FIELD.test(name) && !spokenOf.has(name));
  if (extra.length > 0) throw denied(`Extra input fields: ${extra.join(', ')}`);
};
