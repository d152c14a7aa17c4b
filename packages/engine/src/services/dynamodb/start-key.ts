import type { ServiceError } from '../../core/index.ts';
import { type Item, takeItem } from './attribute-value.ts';
import { invalid } from './errors.ts';
import { checkKey, keyNames, orderKeyOf, rowKeyOf } from './key-schema.ts';
import type { SecondaryIndex, Table } from './table.ts';

export const startingKeyInvalid = (reason?: string): ServiceError =>
  invalid(`The provided starting key is invalid${reason === undefined ? '' : `: ${reason}`}`);

/** Order key of an `ExclusiveStartKey`: the item need not exist any more. */
export const startKeyOrder = (table: Table, index: SecondaryIndex | undefined, startKey: Item): string => {
  const key = takeStartKey(startKey);
  const names = new Set([...keyNames(table.schema), ...(index === undefined ? [] : keyNames(index.schema))]);
  const hasExactlyThese =
    Object.keys(key).length === names.size && [...names].every((name) => Object.hasOwn(key, name));
  if (!hasExactlyThese) {
    throw startingKeyInvalid(index === undefined ? 'The provided key element does not match the schema' : undefined);
  }
  const partOf = (schemaNames: readonly string[]): Item =>
    Object.fromEntries(schemaNames.map((name) => [name, key[name] as Item[string]]));
  try {
    checkKey(partOf(keyNames(table.schema)), table.schema);
    if (index !== undefined) checkKey(partOf(keyNames(index.schema)), index.schema);
  } catch (error) {
    throw startingKeyInvalid((error as Error).message);
  }
  const rowKey = rowKeyOf(key, table.schema);
  return (index === undefined ? orderKeyOf(key, table.schema) : index.orderKey(key, rowKey)) as string;
};

const takeStartKey = (startKey: Item): Item => {
  try {
    return takeItem(startKey).item;
  } catch (error) {
    throw startingKeyInvalid((error as Error).message);
  }
};
