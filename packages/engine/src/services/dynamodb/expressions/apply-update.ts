import { base64OfBytes, memberOf, setMember } from '@holdfast/kernel';
import { type AttributeValue, type Item, typeOf } from '../attribute-value.ts';
import { addNumbers, subtractNumbers } from '../decimal.ts';
import { invalid } from '../errors.ts';
import type { BoundAction, BoundAssigned, Path } from './bound.ts';
import { valueAt } from './evaluate.ts';

const wrongType = (): Error => invalid('An operand in the update expression has an incorrect data type');

const assignedValue = (assigned: BoundAssigned, item: Item): AttributeValue => {
  switch (assigned.kind) {
    case 'value':
      return assigned.value;
    case 'path': {
      const value = valueAt(item, assigned.path);
      if (value === undefined) {
        throw invalid('The provided expression refers to an attribute that does not exist in the item');
      }
      return value;
    }
    case 'if_not_exists':
      return valueAt(item, assigned.path) ?? assignedValue(assigned.otherwise, item);
    case 'list_append': {
      const left = assignedValue(assigned.left, item).L;
      const right = assignedValue(assigned.right, item).L;
      if (left === undefined || right === undefined) throw wrongType();
      return { L: [...left, ...right] };
    }
    default: {
      const left = assignedValue(assigned.left, item).N;
      const right = assignedValue(assigned.right, item).N;
      if (left === undefined || right === undefined) throw wrongType();
      return { N: assigned.kind === '+' ? addNumbers(left, right) : subtractNumbers(left, right) };
    }
  }
};

const added = (existing: AttributeValue | undefined, value: AttributeValue): AttributeValue => {
  if (existing === undefined) return value;
  if (typeOf(existing) !== typeOf(value)) throw wrongType();
  if (value.N !== undefined) return { N: addNumbers(existing.N as string, value.N) };
  if (value.SS !== undefined) return { SS: [...new Set([...(existing.SS as string[]), ...value.SS])] };
  if (value.NS !== undefined) return { NS: [...new Set([...(existing.NS as string[]), ...value.NS])] };
  const members = existing.BS as Uint8Array[];
  const known = new Set(members.map(base64OfBytes));
  return { BS: [...members, ...(value.BS as Uint8Array[]).filter((element) => !known.has(base64OfBytes(element)))] };
};

/** `undefined` when nothing is left: an empty set cannot be stored, so the attribute goes. */
const without = (existing: AttributeValue, value: AttributeValue): AttributeValue | undefined => {
  if (typeOf(existing) !== typeOf(value)) throw wrongType();
  if (value.BS !== undefined) {
    const gone = new Set(value.BS.map(base64OfBytes));
    const left = (existing.BS as Uint8Array[]).filter((element) => !gone.has(base64OfBytes(element)));
    return left.length === 0 ? undefined : { BS: left };
  }
  const gone = new Set(value.SS ?? value.NS);
  const left = ((existing.SS ?? existing.NS) as string[]).filter((element) => !gone.has(element));
  if (left.length === 0) return undefined;
  return value.SS === undefined ? { NS: left } : { SS: left };
};

type Container = { M: Item; L?: never } | { L: (AttributeValue | undefined)[]; M?: never };

/** Copies what is touched, and only that, once. */
class Draft {
  readonly item: Item;
  readonly #owned = new Set<object>();
  readonly #holed = new Set<(AttributeValue | undefined)[]>();

  constructor(item: Item) {
    this.item = { ...item };
  }

  /** The map or list that holds the last element of a path, ready to be changed. */
  #containerOf(path: Path): Container {
    let container: Container = { M: this.item };
    for (const element of path.slice(0, -1)) {
      const value: AttributeValue | undefined =
        typeof element === 'number'
          ? container.L?.[element]
          : container.M === undefined
            ? undefined
            : memberOf(container.M, element);
      const owned: Container | undefined = value === undefined ? undefined : this.#own(value);
      if (owned === undefined) throw invalidPath();
      put(container, element, owned as AttributeValue);
      container = owned;
    }
    const isListElement = typeof path[path.length - 1] === 'number';
    if (isListElement ? container.L === undefined : container.M === undefined) throw invalidPath();
    return container;
  }

  #own(value: AttributeValue): Container | undefined {
    if (this.#owned.has(value)) return value as Container;
    const copy: Container | undefined =
      value.M !== undefined ? { M: { ...value.M } } : value.L !== undefined ? { L: [...value.L] } : undefined;
    if (copy !== undefined) this.#owned.add(copy);
    return copy;
  }

  set(path: Path, value: AttributeValue): void {
    const container = this.#containerOf(path);
    const last = path[path.length - 1] as string | number;
    if (container.L !== undefined && (last as number) > container.L.length) this.#holed.add(container.L);
    put(container, last, value);
  }

  /** Elements of lists leave a hole until {@link finish}: later actions count positions as they were. */
  remove(path: Path): void {
    const container = this.#containerOf(path);
    const last = path[path.length - 1] as string | number;
    if (container.M !== undefined) delete container.M[last];
    else if ((last as number) < container.L.length) {
      container.L[last as number] = undefined;
      this.#holed.add(container.L);
    }
  }

  finish(): Item {
    for (const list of this.#holed) {
      const kept = list.filter((element) => element !== undefined);
      list.length = 0;
      list.push(...kept);
    }
    return this.item;
  }
}

const put = (container: Container, element: string | number, value: AttributeValue): void => {
  if (container.M !== undefined) setMember(container.M, element as string, value);
  else container.L[element as number] = value;
};

const invalidPath = (): Error => invalid('The document path provided in the update expression is invalid for update');

/**
 * The item after an update. All operands are read from the item as it was; the given item is not changed.
 *
 * A position beyond the end of a list appends. Several removals from one list count positions as they were.
 */
export const applyUpdate = (item: Item, actions: readonly BoundAction[]): Item => {
  const values = actions.map((action): AttributeValue | undefined => {
    switch (action.kind) {
      case 'SET':
        return assignedValue(action.assigned, item);
      case 'ADD':
        return added(valueAt(item, action.path), action.value);
      case 'DELETE': {
        const existing = valueAt(item, action.path);
        return existing === undefined ? undefined : without(existing, action.value);
      }
      default:
        return undefined;
    }
  });
  const draft = new Draft(item);
  actions.forEach((action, index) => {
    const value = values[index];
    if (value !== undefined) draft.set(action.path, value);
    else draft.remove(action.path);
  });
  return draft.finish();
};
