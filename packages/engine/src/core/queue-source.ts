/** A message as an event source mapping sees it; field meanings as in ReceiveMessage. */
export interface SourceMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly md5OfBody: string;
  /** System attributes, all of them, as strings. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, SourceMessageAttribute>>;
  readonly md5OfMessageAttributes?: string | undefined;
}

export interface SourceMessageAttribute {
  readonly dataType: string;
  readonly stringValue?: string | undefined;
  /** Base64. */
  readonly binaryValue?: string | undefined;
}

export interface QueueFacts {
  readonly visibilityTimeoutSeconds: number;
  readonly isFifo: boolean;
}

/** A run of a consumer that failed with messages. */
export interface FailedRun {
  readonly messageIds: readonly string[];
  readonly requestId: string;
  /** JSON text; absent where the run itself went well and named the messages that did not. */
  readonly error?: string | undefined;
}

/** What pollers inside the engine (event source mappings) do with queues, without going through the wire. */
export interface QueueSource {
  facts(queueArn: string): QueueFacts | undefined;
  /** Receives up to `max` messages (not bounded by ten); they become in flight and their receive count rises. */
  receive(queueArn: string, max: number, visibilityTimeoutSeconds?: number): readonly SourceMessage[];
  delete(queueArn: string, receiptHandles: readonly string[]): void;
  /** Tells why messages are left in their queue; changes nothing about them. */
  failed(queueArn: string, run: FailedRun): void;
  /**
   * Calls `listener` whenever messages may have become receivable (arrival, delay or visibility over). Level
   * semantics: a listener that finds messages it does not take is called again only on the next change.
   * Returns the unsubscribe function.
   */
  onAvailable(queueArn: string, listener: () => void): () => void;
}
