import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { Filler } from './fillers.ts';

export type Attributes = Readonly<Record<string, MessageAttributeValue>>;

/** Where a failure came from, and what was meant to arrive there. */
export interface WayBack {
  readonly arn: string;
  readonly body: string;
  readonly attributes: Attributes;
  /** In words, for the plan: `its source queue`. */
  readonly because: string;
}

/** Why a message stays where it is. */
export interface Stays {
  readonly reason: string;
}

type Known = Readonly<Record<string, unknown>>;

/** What services write beside a message that they could not deliver; the target never got these. */
const WRITTEN_BY_SERVICES =
  /^(?:RULE_ARN|TARGET_ARN|SCHEDULE_ARN|SCHEDULED_TIME|EXECUTION_ID|IS_PAYLOAD_TRUNCATED|ERROR_CODE|ERROR_MESSAGE|EXHAUSTED_RETRY_CONDITION|RETRY_ATTEMPTS|RequestID|ErrorCode|ErrorMessage)$/;

const withoutReport = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !WRITTEN_BY_SERVICES.test(name)));

export const parseObject = (text: string): Known | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Known) : undefined;
  } catch {
    return undefined;
  }
};

/** Anybody can write anything into a queue: what is no object is as good as absent. */
export const objectOf = (value: unknown): Known =>
  typeof value === 'object' && value !== null ? (value as Known) : {};

/** The ARN of a function without `:$LATEST`, which an invocation record names and nobody can invoke by. */
const invokable = (arn: string): string => arn.replace(/:\$LATEST$/, '');

/** The event inside of an `OnFailure` record of an asynchronous invocation; other bodies are no such record. */
export const failedInvocationOf = (
  body: string,
): { readonly functionArn: string; readonly requestId: string; readonly event: string } | undefined => {
  const record = parseObject(body);
  const context = objectOf(record?.['requestContext']);
  if (record === undefined || !('requestPayload' in record)) return undefined;
  const { functionArn, requestId } = context;
  if (typeof functionArn !== 'string') return undefined;
  return {
    functionArn: invokable(functionArn),
    requestId: String(requestId ?? ''),
    event: JSON.stringify(record['requestPayload']),
  };
};

/** What a function gets from a subscription, made of the notification that other endpoints get. */
const snsEvent = (notification: Known, subscriptionArn: string): string => {
  const { SigningCertURL, UnsubscribeURL, ...same } = notification;
  return JSON.stringify({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Subject: null,
          MessageAttributes: {},
          ...same,
          SigningCertUrl: SigningCertURL,
          UnsubscribeUrl: UnsubscribeURL,
        },
      },
    ],
  });
};

const ofSubscription = (message: Message, subscriptions: readonly Filler[]): WayBack | Stays => {
  const { Body: body = '', MessageAttributes = {} } = message;
  const notification = parseObject(body);
  const topicArn = notification?.['Type'] === 'Notification' ? notification['TopicArn'] : undefined;
  const meant = subscriptions.filter(({ from }) => topicArn === undefined || from?.topicArn === topicArn);
  const [only] = meant;
  if (only?.from === undefined || meant.length > 1) {
    return { reason: `any of ${meant.length} subscriptions could have failed; name one's endpoint with --to` };
  }
  const { protocol, endpoint = '', arn } = only.from;
  const because = `the endpoint of the subscription to ${String(only.from.topicArn).split(':').at(-1)}`;
  if (protocol === 'sqs') return { arn: endpoint, body, attributes: withoutReport(MessageAttributes), because };
  if (protocol === 'lambda' && topicArn !== undefined && notification !== undefined) {
    return { arn: endpoint, body: snsEvent(notification, arn), attributes: {}, because };
  }
  return { reason: `a subscription by ${protocol} takes messages from its topic alone` };
};

const ofTarget = (message: Message, targetArn: string, fillers: readonly Filler[]): WayBack | Stays => {
  const ruleArn = message.MessageAttributes?.['RULE_ARN']?.StringValue;
  const transforms = fillers.some(
    ({ from }) => from?.kind === 'rule' && from.arn === ruleArn && from.endpoint === targetArn && from.transforms,
  );
  if (transforms) {
    return { reason: 'the rule transforms what its target gets, and the event was kept untransformed; use --to a bus' };
  }
  if (message.MessageAttributes?.['IS_PAYLOAD_TRUNCATED']?.StringValue === 'true') {
    return { reason: 'its payload was cut off when it was dead-lettered' };
  }
  return {
    arn: targetArn,
    body: message.Body ?? '',
    attributes: withoutReport(message.MessageAttributes ?? {}),
    because: ruleArn === undefined ? "the schedule's target" : "the rule's target",
  };
};

/** Where the records of a failed batch are, as the message names them. */
export interface StreamBatch {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startSequenceNumber: string;
  readonly endSequenceNumber: string;
  readonly batchSize: number;
}

/** The event with the records of a batch, as its function gets it; or why they cannot be read any more. */
export type StreamEventOf = (batch: StreamBatch) => Promise<string | Stays>;

/** A pipe gives its target the records as a list, each without the level that a function's event has. */
const asPipeEvent = (event: string): string => {
  const { Records } = JSON.parse(event) as { readonly Records: readonly { readonly kinesis?: object }[] };
  return JSON.stringify(Records.map(({ kinesis, ...record }) => ({ ...kinesis, ...record })));
};

/** What the function or target of a failed batch got; `undefined` for bodies that are no record of one. */
export const streamBatchEvent = async (
  body: string,
  streamEventOf?: StreamEventOf,
): Promise<string | Stays | undefined> => {
  const record = parseObject(body);
  const batch = record?.['KinesisBatchInfo'] ?? record?.['DDBStreamBatchInfo'];
  if (record === undefined || batch === undefined || streamEventOf === undefined) return undefined;
  const event = await streamEventOf(batch as StreamBatch);
  return typeof event === 'string' && record['context'] !== undefined ? asPipeEvent(event) : event;
};

const ofStream = async (record: Known, batch: StreamBatch, streamEventOf?: StreamEventOf): Promise<WayBack | Stays> => {
  const functionArn = objectOf(record['requestContext'])['functionArn'];
  if (typeof functionArn !== 'string') {
    return { reason: 'a pipe takes records from its stream alone; name what is to get them with --to' };
  }
  if (streamEventOf === undefined) return { reason: 'its records are in the stream, and nobody here reads them' };
  const event = await streamEventOf(batch);
  if (typeof event !== 'string') return event;
  return {
    arn: invokable(functionArn),
    body: event,
    attributes: {},
    because: 'the function that failed, with the records read from the stream again',
  };
};

/** Attribute of a message that a program put into its dead-letter queue: SQS forgets where such a one came from. */
export const ORIGIN = 'holdfast.origin';

/** What the reasons of an earlier failure are called on a message that is on its way again. */
const EARLIER = 'holdfast.earlier.';
const REASONS: readonly string[] = ['ErrorCode', 'ErrorMessage'];

const renamed = (attributes: Attributes, nameOf: (name: string) => string | undefined): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => {
      const after = nameOf(name);
      return after === undefined ? [] : [[after, value] as const];
    }),
  );

/**
 * Attributes of a message that goes back to its queue. Whoever put it aside with {@link ORIGIN} wrote reasons beside it: under
 * their own names a redrive policy, which keeps no reasons, would pass them off as those of the next failure.
 */
const onItsWay = (attributes: Attributes, wasPutAside: boolean): Attributes =>
  renamed(attributes, (name) => {
    if (name.startsWith(EARLIER)) return undefined;
    return wasPutAside && REASONS.includes(name) ? EARLIER + name : name;
  });

/** What {@link onItsWay} made of attributes, undone. */
export const asPutAside = (attributes: Attributes): Attributes =>
  renamed(attributes, (name) => (name.startsWith(EARLIER) ? name.slice(EARLIER.length) : name));

/**
 * Finds where a dead letter belongs. A redrive policy of SQS leaves `DeadLetterQueueSourceArn`, EventBridge and its Scheduler
 * `TARGET_ARN`, destinations of functions a record around the event. Dead-letter configs of functions and redrive policies
 * of subscriptions name nobody: who fills the queue decides, as long as it can only be one.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export const wayBackOf = async (
  message: Message & { readonly lay?: string },
  allFillers: readonly Filler[],
  streamEventOf?: StreamEventOf,
): Promise<WayBack | Stays> => {
  const fillers =
    message.lay === undefined ? allFillers : allFillers.filter(({ queueArn }) => queueArn === message.lay);
  const { Body: body = '', Attributes = {}, MessageAttributes = {} } = message;
  const { [ORIGIN]: origin, ...attributes } = MessageAttributes;
  const sourceArn = Attributes.DeadLetterQueueSourceArn ?? origin?.StringValue;
  if (sourceArn !== undefined) {
    const wasPutAside = Attributes.DeadLetterQueueSourceArn === undefined;
    return { arn: sourceArn, body, attributes: onItsWay(attributes, wasPutAside), because: 'its source queue' };
  }
  const targetArn = MessageAttributes['TARGET_ARN']?.StringValue;
  // The rule is named: what it sends its target has nothing to do with the queue.
  if (targetArn !== undefined) return ofTarget(message, targetArn, allFillers);
  const invocation = failedInvocationOf(body);
  if (invocation !== undefined) {
    return { arn: invocation.functionArn, body: invocation.event, attributes: {}, because: 'the function that failed' };
  }
  const record = parseObject(body);
  const batch = record?.['KinesisBatchInfo'] ?? record?.['DDBStreamBatchInfo'];
  if (record !== undefined && batch !== undefined) return ofStream(record, batch as StreamBatch, streamEventOf);
  const subscriptions = fillers.filter(({ from }) => from?.kind === 'subscription');
  const functions = fillers.filter(({ from }) => from?.kind === 'function');
  const isOfFunction = MessageAttributes['RequestID'] !== undefined && functions.length > 0;
  if (subscriptions.length > 0 && (record?.['Type'] === 'Notification' || !isOfFunction)) {
    return ofSubscription(message, subscriptions);
  }
  const [only] = functions;
  if (isOfFunction && functions.length === 1 && only?.from !== undefined) {
    return { arn: only.from.arn, body, attributes: {}, because: 'the function whose dead-letter config this is' };
  }
  return {
    reason: isOfFunction
      ? `any of ${functions.length} functions could have failed; name one with --to`
      : 'nothing says where it came from; name a target with --to',
  };
};
