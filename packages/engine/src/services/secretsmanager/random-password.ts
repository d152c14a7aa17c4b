import type { GetRandomPasswordCommandInput } from '@aws-sdk/client-secrets-manager';
import type { Random } from '@holdfast/kernel';
import { Constraints } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const NUMBERS = '0123456789';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
const LENGTH_DEFAULT = 32;

/**
 * A password of the kinds of characters that are wanted, each at least once unless told otherwise.
 *
 * @throws ServiceError
 */
export const randomPassword = (input: GetRandomPasswordCommandInput, random: Random): string => {
  const { PasswordLength: length = LENGTH_DEFAULT, ExcludeCharacters: excluded = '' } = input;
  new Constraints().range('passwordLength', length, 1, 4_096).length('excludeCharacters', excluded, 0, 4_096).check();
  const kinds = [
    input.ExcludeLowercase === true ? '' : LOWER,
    input.ExcludeUppercase === true ? '' : UPPER,
    input.ExcludeNumbers === true ? '' : NUMBERS,
    input.ExcludePunctuation === true ? '' : PUNCTUATION,
    input.IncludeSpace === true ? ' ' : '',
  ]
    .map((kind) => [...kind].filter((character) => !excluded.includes(character)))
    .filter((kind) => kind.length > 0);
  const all = kinds.flat();
  if (all.length === 0) throw invalidParameter('There are no characters left to make a password of.');
  const pick = (from: readonly string[]): string => from[random.nextInt(from.length)] as string;
  if (input.RequireEachIncludedType === false) return Array.from({ length }, () => pick(all)).join('');
  if (length < kinds.length) {
    throw invalidParameter('Password length is too short based on the required types.');
  }
  const characters = [...kinds.map(pick), ...Array.from({ length: length - kinds.length }, () => pick(all))];
  for (let last = characters.length - 1; last > 0; last--) {
    const other = random.nextInt(last + 1);
    [characters[last], characters[other]] = [characters[other] as string, characters[last] as string];
  }
  return characters.join('');
};
