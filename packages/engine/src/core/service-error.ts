/**
 * An answer of an AWS service that is an error. The gateway turns it into the wire shape of the protocol in use:
 * `__type` and headers in JSON, `<Error>` in XML.
 */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  /** Exception name as in the service's API model, e.g. `QueueDoesNotExist`. */
  readonly code: string;
  /** HTTP status code. */
  readonly status: number;
  /** Further members of the error's body, e.g. `{ Type: 'User', Reason: '...' }`. */
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, message: string, status = 400, members?: Readonly<Record<string, unknown>>) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

/** What the engine answers to an operation or option that it does not model: refused by name, never ignored. */
export const notSupported = (what: string): ServiceError =>
  new ServiceError('NotSupportedByHoldfast', `Holdfast does not support ${what}. See docs/fidelity.`, 501);
