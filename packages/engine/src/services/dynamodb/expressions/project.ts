import { setMember } from '@holdfast/kernel';
import type { AttributeValue, Item } from '../attribute-value.ts';
import type { Path } from './bound.ts';
import { valueAt } from './evaluate.ts';

/** What is being put together: maps by name, lists by position in the original. */
interface Part {
  value?: AttributeValue;
  readonly members: Map<string | number, Part>;
}

const assemble = (part: Part): AttributeValue => {
  if (part.value !== undefined) return part.value;
  const entries = [...part.members];
  if (typeof entries[0]?.[0] === 'number') {
    return { L: entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, element]) => assemble(element)) };
  }
  return { M: assembleMap(part) };
};

const assembleMap = (part: Part): Item => {
  const item: Item = {};
  for (const [name, member] of part.members) setMember(item, name as string, assemble(member));
  return item;
};

/** The parts of an item that the paths lead to, in their places; list elements close ranks. */
export const projectPaths = (item: Item, paths: readonly Path[]): Item => {
  const root: Part = { members: new Map() };
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value === undefined) continue;
    let part = root;
    for (const element of path) {
      let next = part.members.get(element);
      if (next === undefined) {
        next = { members: new Map() };
        part.members.set(element, next);
      }
      part = next;
    }
    part.value = value;
  }
  return assembleMap(root);
};
