/** A request from the engine to somebody's endpoint. */
export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** What is sent instead of the text. */
  readonly bytes?: Uint8Array | undefined;
  /** Of the engine's time; then it has failed. */
  readonly timeoutMs: number;
  /** The answer is wanted as it came, of at most so many bytes; a longer one has failed. */
  readonly rawBytesMax?: number | undefined;
}

/** An answer as it came. */
export interface RawAnswer {
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array;
}

/** What became of a call. */
export type HttpOutcome =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: HttpHeaders;
      readonly body: string;
      /** When the call wants it. */
      readonly raw?: RawAnswer | undefined;
    }
  | { readonly kind: 'failed'; readonly reason: 'timeout' | 'unreachable'; readonly message: string };

/** Names in lower case. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** Lets the engine call endpoints over HTTP. The engine decides what is sent, when, and how often; this sends it. */
export interface HttpSender {
  /** Why nothing may be sent there; `undefined` when it may. */
  refusalOf(url: string): string | undefined;
  /** `onDone` is called exactly once, never within `send`. */
  send(call: HttpCall, onDone: (outcome: HttpOutcome) => void): void;
}

/** For engines without a network. */
export const noHttp: HttpSender = {
  refusalOf: () => 'there is no network here',
  send: () => {},
};
