/** An attribute of a message, as Lambda hands it over: bytes are base64. */
export interface QueueMessageAttribute {
  readonly dataType: string;
  readonly stringValue?: string | undefined;
  readonly binaryValue?: string | undefined;
}

/** A message, as Lambda hands it over. Records of `@types/aws-lambda` are such messages. */
export interface QueueMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: {
    readonly ApproximateReceiveCount: string;
    readonly SentTimestamp: string;
    readonly MessageGroupId?: string | undefined;
    readonly AWSTraceHeader?: string | undefined;
  };
  readonly messageAttributes: Readonly<Record<string, QueueMessageAttribute>>;
  readonly eventSourceARN: string;
}

/** What of a message there is wherever it was received. */
export type AnyMessage = Omit<QueueMessage, 'eventSourceARN' | 'receiptHandle'>;

/** A batch of messages, as Lambda hands it over. */
export interface QueueEvent {
  readonly Records: readonly QueueMessage[];
}

/** Which messages of a batch come back. The mapping needs `ReportBatchItemFailures`, or all of them are deleted. */
export interface BatchAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}
