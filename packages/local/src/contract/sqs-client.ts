/** JSON as every client can say it; bytes are `Uint8Array`. */
export type Json = Readonly<Record<string, unknown>>;

/** An error as every client reports it. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  /** The Query protocol's code, e.g. `AWS.SimpleQueueService.NonExistentQueue`: the one that all clients know. */
  readonly code: string;
  /** Not every client tells. */
  readonly status: number | undefined;

  constructor(code: string, message: string, status: number | undefined) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** A client of SQS, whatever its language and protocol. */
export interface SqsClientUnderTest {
  /** Member names and values are those of the API. @throws ClientError */
  call(action: string, input: Json): Promise<Json>;
  close(): void;
}

/** A kind of client; `missing` says why it cannot run on this machine. */
export interface ClientKind {
  readonly name: string;
  readonly missing: string | undefined;
  /** The command line takes bytes in its own ways. */
  readonly takesBytes: boolean;
  start(endpoint: string): SqsClientUnderTest;
}
