const STEP = /\.([A-Za-z0-9_\-$@]+)|\[(\d+)\]|\['([^']+)'\]/y;

/** Steps of a path such as `$.detail.items[0]`; `undefined` when it is none. */
export const parsePath = (path: string): readonly (string | number)[] | undefined => {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, name, index, quoted] = match;
    steps.push(index === undefined ? ((name ?? quoted) as string) : Number(index));
  }
  return steps;
};

/** What a path points at; `undefined` when something on the way is missing. */
export const valueAt = (root: unknown, path: string): unknown => {
  const steps = parsePath(path);
  if (steps === undefined) return undefined;
  let value = root;
  for (const step of steps) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
};
