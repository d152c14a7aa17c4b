import type { Json } from '../../../core/index.ts';

/** A value as Java prints it, which `States.Format` shows: `{Arg1=1, Arg2=[]}`. */
export const javaText = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([name, member]) => `${name}=${javaText(member as Json)}`);
    return `{${members.join(', ')}}`;
  }
  return String(value);
};
