const isBranch = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const shown = (value: unknown): string => (value === undefined ? '(nothing)' : JSON.stringify(value));

const join = (path: string, name: string, isList: boolean): string =>
  isList ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`;

/** A line for each value that differs between two JSON values: `vendor.id: "" -> "VEND001"`. */
export const differences = (before: unknown, after: unknown, path = ''): readonly string[] => {
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name], after[name], join(path, name, Array.isArray(before))));
  }
  return JSON.stringify(before) === JSON.stringify(after)
    ? []
    : [`${path || '(body)'}: ${shown(before)} -> ${shown(after)}`];
};
