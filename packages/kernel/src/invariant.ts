/** A mistake of our own: something that must always hold did not. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** States what must hold; on in production. For the world's mistakes throw a typed error instead. */
export function invariant(condition: unknown, whatMustHold: string): asserts condition {
  if (!condition) throw new InvariantError(`invariant broken: ${whatMustHold}`);
}

/** Ends a `switch` over a union; a forgotten case is a type error. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value: ${JSON.stringify(value)}`);
}
