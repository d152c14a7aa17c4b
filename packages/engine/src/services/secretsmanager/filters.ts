import type { Filter } from '@aws-sdk/client-secrets-manager';
import { notSupported } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import type { StoredSecret } from './stored.ts';

const textsOf = (secret: StoredSecret, key: string): readonly string[] => {
  const names = secret.tags.map(({ Key }) => Key);
  const values = secret.tags.map(({ Value }) => Value);
  switch (key) {
    case 'name':
      return [secret.name];
    case 'description':
      return secret.description === undefined ? [] : [secret.description];
    case 'tag-key':
      return names;
    case 'tag-value':
      return values;
    case 'all':
      return [secret.name, secret.description ?? '', ...names, ...values];
    case 'primary-region':
    case 'owning-service':
      throw notSupported(`the filter ${key} of secrets`);
    default:
      throw invalidParameter(`Invalid filter key: ${key}`);
  }
};

/** `name` distinguishes capitals and matches beginnings, the others the beginning of any word. */
const matches = (text: string, key: string, wanted: string): boolean => {
  if (key === 'name' || key.startsWith('tag-')) return text.startsWith(wanted);
  const words = text.toLowerCase().split(/[\s/_+=.@,-]+/);
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)) || text.toLowerCase().startsWith(part));
};

/**
 * Whether a secret passes all filters: any value of each, `!` in front turning it round.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
 */
export const passes = (secret: StoredSecret, filters: readonly Filter[] | undefined): boolean =>
  (filters ?? []).every(({ Key, Values }) => {
    const key = Key ?? '';
    const texts = textsOf(secret, key);
    return (Values ?? []).some((value) => {
      const isNot = value.startsWith('!');
      const wanted = isNot ? value.slice(1) : value;
      return texts.some((text) => matches(text, key, wanted)) !== isNot;
    });
  });
