/**
 * A value as JSON.
 *
 * @throws when it would come back as another one: `NaN` as `null`, a `Map` as an empty object
 */
export const jsonOf = (value: unknown): string => {
  const json = JSON.stringify(value);
  if (json === undefined) throw new Error(`is ${typeof value}, which cannot be stored`);
  // What JSON makes of values that it does not have; only text with one of these in it can have been changed.
  if (json.includes('null') || json.includes('{}')) refuseChanged(value, '');
  return json;
};

const refuseChanged = (value: unknown, path: string): void => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`has ${value} at ${path || '/'}`);
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((element, index) => {
      if (element === undefined) throw new Error(`has undefined at ${path}/${index}`);
      refuseChanged(element, `${path}/${index}`);
    });
    return;
  }
  if (value instanceof Map || value instanceof Set)
    throw new Error(`has a ${value.constructor.name} at ${path || '/'}`);
  for (const [name, member] of Object.entries(value)) refuseChanged(member, `${path}/${name}`);
};
