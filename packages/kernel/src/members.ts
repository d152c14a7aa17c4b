/**
 * Assigns a member whose name a caller chose. `target[name] = value` would lose `__proto__` without a word: it sets the
 * object's prototype instead.
 */
export const setMember = <Value>(target: { [name: string]: Value }, name: string, value: Value): void => {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else target[name] = value;
};

/** Reads a member by a name that a caller chose; what every JavaScript object inherits (`constructor`) is none. */
export const memberOf = <Value>(target: { readonly [name: string]: Value }, name: string): Value | undefined =>
  Object.hasOwn(target, name) ? target[name] : undefined;
