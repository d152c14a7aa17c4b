/** Something that the console does not do for who asks. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}
