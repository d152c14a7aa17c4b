import type { EpochMs } from '@holdfast/kernel';
import { notSupported } from './service-error.ts';

/** Who calls, from where, and what a service must know of the call besides its input. */
export interface RequestContext {
  readonly account: string;
  readonly region: string;
  /** Becomes `x-amzn-RequestId`. */
  readonly requestId: string;
  readonly now: EpochMs;
  /** Access key id of the caller; `undefined` for calls between services. */
  readonly accessKeyId?: string | undefined;
  /** ARN of the caller when the credentials are known (a function's role session); else the account's root is assumed. */
  readonly callerArn?: string | undefined;
  /** `X-Amzn-Trace-Id` of the request. */
  readonly traceHeader?: string | undefined;
  /** `host:port` of the endpoint the caller used: URLs in answers follow it. */
  readonly host?: string | undefined;
  readonly sourceIp?: string | undefined;
  /** The form of a browser, which S3 tells from other uploads. */
  readonly isForm?: boolean | undefined;
  /** A stack that works on its resources: it alone sets tags that begin with `aws:`. */
  readonly isOfStack?: boolean | undefined;
  /** Calls back when the caller has gone: a parked request must not take anything any more. */
  readonly onDisconnect?: ((listener: () => void) => void) | undefined;
}

/** An SDK output type without the client's own metadata. */
export type Result<Output> = Omit<Output, '$metadata'>;

/**
 * One action of a service. Input and output have the shapes of the SDK's command types: blobs are `Uint8Array`,
 * timestamps `Date`, streaming bodies `Uint8Array`.
 *
 * `run` answers at once wherever it can; it returns a promise only to park the caller (long poll, synchronous
 * invocation). It validates everything before it changes anything, and throws `ServiceError`.
 */
export interface Operation<Input = never, Output = unknown> {
  /** Input members that are modelled. Any other member that carries a value is refused by name. */
  readonly members: readonly string[];
  run(input: Input, context: RequestContext): Result<Output> | Promise<Result<Output>>;
}

/** Declares an operation; the compiler checks that every member named exists in the input. */
export const operation = <Input extends object, Output>(
  members: readonly (keyof NoInfer<Input> & string)[],
  run: (input: NoInfer<Input>, context: RequestContext) => Result<NoInfer<Output>> | Promise<Result<NoInfer<Output>>>,
): Operation<Input, Output> => ({ members, run });

// biome-ignore lint/suspicious/noExplicitAny: the table is heterogeneous; each entry is typed where it is declared.
export type OperationTable = Readonly<Record<string, Operation<any, any>>>;

/** What asks for nothing; an empty text is how many clients write that there is none, of keys above all. */
const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const hasOwn = Object.prototype.hasOwnProperty;

/** Refuses members that carry a value but are not modelled; `where` leads the text, e.g. `PutObject`. */
export const refuseUnmodelled = (input: object, modelled: readonly string[], where: string): void => {
  // No entries are made: this runs for every call, and nearly all members are modelled.
  for (const member in input) {
    if (modelled.includes(member) || !hasOwn.call(input, member)) continue;
    if (!isEmpty((input as Record<string, unknown>)[member])) throw notSupported(`${where} with ${member}`);
  }
};
