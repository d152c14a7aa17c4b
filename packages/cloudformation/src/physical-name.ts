import type { NameRules } from '@holdfast/engine';
import type { IdSource } from '@holdfast/kernel';
import type { ResourceRecord } from './stack-record.ts';

const SUFFIX_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 12;

/** What makes a generated name unlike that of any other resource; a replacement gets one of its own. */
export const newNameSuffix = (ids: IdSource): string => {
  const digits = ids.hex(SUFFIX_LENGTH * 4);
  const letterAt = (index: number): string | undefined =>
    SUFFIX_ALPHABET[Number.parseInt(digits.slice(index * 4, index * 4 + 4), 16) % SUFFIX_ALPHABET.length];
  return Array.from({ length: SUFFIX_LENGTH }, (_, index) => letterAt(index)).join('');
};

/** `<stack>-<logical id>-<suffix>`; stack and logical id share what the length limit leaves. */
export const physicalName = (stackName: string, resource: ResourceRecord, rules: NameRules = {}): string => {
  const { maxLength = 255, isLowerCase = false, suffix = '', stack: place = stackName } = rules;
  const room = maxLength - resource.nameSuffix.length - suffix.length - 2;
  const logical = resource.logicalId.slice(0, Math.max(Math.floor(room / 2), room - place.length));
  const stack = place.slice(0, room - logical.length);
  const end = rules.hasUpperCaseEnd === true ? resource.nameSuffix.toUpperCase() : resource.nameSuffix;
  const name = `${stack}-${logical}-${end}${suffix}`;
  return isLowerCase ? name.toLowerCase() : name;
};
