import type { NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3';
import { type Arn, parseArn } from '@holdfast/aws-model';
import type { IdSource } from '@holdfast/kernel';
import { type Delivery, refuseUnmodelled, type Sender, ServiceError } from '../../core/index.ts';
import { invalidArgument, malformedXml } from './errors.ts';
import type { NotificationRule, StoredNotification } from './stored.ts';
import { urlEncodeKey } from './url-encoding.ts';

/** Every event type that a rule may name. Types that nothing here causes (restore, replication, ...) are stored. */
const EVENT_TYPES: readonly string[] = [
  ...['*', 'Put', 'Post', 'Copy', 'CompleteMultipartUpload'].map((name) => `s3:ObjectCreated:${name}`),
  ...['*', 'Delete', 'DeleteMarkerCreated'].map((name) => `s3:ObjectRemoved:${name}`),
  ...['*', 'Put', 'Delete'].map((name) => `s3:ObjectTagging:${name}`),
  ...['*', 'Post', 'Completed', 'Delete'].map((name) => `s3:ObjectRestore:${name}`),
  ...['*', 'Delete', 'DeleteMarkerCreated'].map((name) => `s3:LifecycleExpiration:${name}`),
  ...[
    '*',
    'OperationFailedReplication',
    'OperationMissedThreshold',
    'OperationNotTracked',
    'OperationReplicatedAfterThreshold',
  ].map((name) => `s3:Replication:${name}`),
  's3:ObjectAcl:Put',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ReducedRedundancyLostObject',
];

/** Rules per bucket. */
const RULES_MAX = 100;

const KINDS = {
  queue: { service: 'sqs', argument: 'Queue', noun: 'queue' },
  topic: { service: 'sns', argument: 'Topic', noun: 'topic' },
  function: { service: 'lambda', argument: 'CloudFunction', noun: 'function' },
} as const;

interface RuleInput {
  readonly Id?: string | undefined;
  readonly Events: readonly string[] | undefined;
  readonly Filter?: NotificationConfigurationFilter | undefined;
}

const readFilter = (filter: NotificationConfigurationFilter | undefined): { prefix?: string; suffix?: string } => {
  const found: { prefix?: string; suffix?: string } = {};
  if (filter === undefined) return found;
  refuseUnmodelled(filter, ['Key'], 'NotificationConfiguration.Filter');
  for (const rule of filter.Key?.FilterRules ?? []) {
    if (rule.Name === undefined || rule.Value === undefined) throw malformedXml();
    const name = rule.Name.toLowerCase();
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', rule.Name);
    }
    if (found[name] !== undefined) {
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', rule.Name);
    }
    found[name] = rule.Value;
  }
  return found;
};

const readRule = (kind: NotificationRule['kind'], arn: string, input: RuleInput, ids: IdSource): NotificationRule => {
  const events = input.Events ?? [];
  if (events.length === 0) throw malformedXml();
  for (const event of events) {
    if (!EVENT_TYPES.includes(event)) {
      throw invalidArgument('A specified event is not supported for notifications.', 'Event', event);
    }
  }
  if (parseArn(arn)?.service !== KINDS[kind].service) {
    throw invalidArgument('The ARN could not be parsed', KINDS[kind].argument, arn);
  }
  return { id: input.Id ?? ids.uuid(), kind, arn, events, ...readFilter(input.Filter) };
};

/** Reads the SDK's shape; refuses what is malformed, before any destination is asked. */
export const readNotification = (input: NotificationConfiguration, ids: IdSource): StoredNotification => {
  refuseUnmodelled(
    input,
    ['TopicConfigurations', 'QueueConfigurations', 'LambdaFunctionConfigurations', 'EventBridgeConfiguration'],
    'NotificationConfiguration',
  );
  const rules = [
    ...(input.TopicConfigurations ?? []).map((one) => readRule('topic', one.TopicArn ?? '', one, ids)),
    ...(input.QueueConfigurations ?? []).map((one) => readRule('queue', one.QueueArn ?? '', one, ids)),
    ...(input.LambdaFunctionConfigurations ?? []).map((one) =>
      readRule('function', one.LambdaFunctionArn ?? '', one, ids),
    ),
  ];
  if (rules.length > RULES_MAX) throw malformedXml();
  const seen = new Set<string>();
  for (const { id } of rules) {
    if (seen.has(id)) throw invalidArgument('Same ID used for multiple configurations. IDs must be unique', 'Id', id);
    seen.add(id);
  }
  refuseOverlaps(rules);
  return { rules, toEventBridge: input.EventBridgeConfiguration !== undefined };
};

/** Gives a stored configuration back in the SDK's shape. */
export const writeNotification = (stored: StoredNotification | undefined): NotificationConfiguration => {
  const entries = (kind: NotificationRule['kind']) =>
    (stored?.rules ?? [])
      .filter((rule) => rule.kind === kind)
      .map((rule) => ({ rule, shared: { Id: rule.id, Events: [...rule.events] as never, ...writeFilter(rule) } }));
  const topics = entries('topic').map(({ rule, shared }) => ({ ...shared, TopicArn: rule.arn }));
  const queues = entries('queue').map(({ rule, shared }) => ({ ...shared, QueueArn: rule.arn }));
  const functions = entries('function').map(({ rule, shared }) => ({ ...shared, LambdaFunctionArn: rule.arn }));
  return {
    ...(topics.length === 0 ? {} : { TopicConfigurations: topics }),
    ...(queues.length === 0 ? {} : { QueueConfigurations: queues }),
    ...(functions.length === 0 ? {} : { LambdaFunctionConfigurations: functions }),
    ...(stored?.toEventBridge === true ? { EventBridgeConfiguration: {} } : {}),
  };
};

const writeFilter = (rule: NotificationRule): { Filter?: NotificationConfigurationFilter } => {
  // AWS answers with capitals, however the names were written.
  const rules = [
    ...(rule.prefix === undefined ? [] : [{ Name: 'Prefix' as never, Value: rule.prefix }]),
    ...(rule.suffix === undefined ? [] : [{ Name: 'Suffix' as never, Value: rule.suffix }]),
  ];
  return rules.length === 0 ? {} : { Filter: { Key: { FilterRules: rules } } };
};

/** Whether a rule's event types (`s3:ObjectCreated:*`) cover an event (`s3:ObjectCreated:Put`). */
export const coversEvent = (types: readonly string[], event: string): boolean =>
  types.some((type) => type === event || (type.endsWith(':*') && event.startsWith(type.slice(0, -1))));

/** Hexadecimal digits of percent-encoding may be written small. */
const inCapitals = (filter: string): string => filter.replace(/%[0-9a-f]{2}/gi, (code) => code.toUpperCase());

/**
 * Whether a key fits a rule's filter. Filters are written as keys stand in notifications, URL-encoded: `a%3D1/` and `in+box/`
 * match `a=1/` and `in box/`, which as they are match nothing.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
export const passesFilter = ({ prefix, suffix }: Pick<NotificationRule, 'prefix' | 'suffix'>, key: string): boolean => {
  if (prefix === undefined && suffix === undefined) return true;
  const encoded = urlEncodeKey(key);
  return encoded.startsWith(inCapitals(prefix ?? '')) && encoded.endsWith(inCapitals(suffix ?? ''));
};

const overlap = (a: NotificationRule, b: NotificationRule): boolean => {
  const sharesEvent =
    a.events.some((event) => coversEvent(b.events, event)) || b.events.some((event) => coversEvent(a.events, event));
  const [prefixA = '', prefixB = '', suffixA = '', suffixB = ''] = [a.prefix, b.prefix, a.suffix, b.suffix];
  return (
    sharesEvent &&
    (prefixA.startsWith(prefixB) || prefixB.startsWith(prefixA)) &&
    (suffixA.endsWith(suffixB) || suffixB.endsWith(suffixA))
  );
};

const refuseOverlaps = (rules: readonly NotificationRule[]): void => {
  for (const [index, rule] of rules.entries()) {
    if (rules.slice(index + 1).some((other) => overlap(rule, other))) {
      throw new ServiceError(
        'InvalidArgument',
        'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
        400,
      );
    }
  }
};

/** Why a destination cannot take this bucket's notifications; `undefined` when it can. */
const objection = (rule: NotificationRule, region: string, sender: Sender, deliver: Delivery): string | undefined => {
  const { noun } = KINDS[rule.kind];
  const target = parseArn(rule.arn) as Arn;
  if (target.region !== region) {
    return 'The notification destination service region is not valid for the bucket location constraint';
  }
  if (rule.kind === 'function') {
    return deliver.exists(rule.arn) && deliver.accepts(rule.arn, sender)
      ? undefined
      : `Not authorized to invoke function [${rule.arn}]`;
  }
  if (target.resource.endsWith('.fifo')) return `FIFO ${noun}s are not supported as notification destinations`;
  if (!deliver.exists(rule.arn)) return `The destination ${noun} does not exist`;
  if (!deliver.accepts(rule.arn, sender)) {
    return `Permissions on the destination ${noun} do not allow S3 to publish notifications from this bucket`;
  }
  return undefined;
};

/**
 * Asks every destination whether it is there and lets S3 in.
 *
 * @throws ServiceError naming each destination that does not, with its reason
 */
export const validateDestinations = (
  notification: StoredNotification,
  region: string,
  sender: Sender,
  deliver: Delivery,
): void => {
  const members: Record<string, string> = {};
  let count = 0;
  for (const rule of notification.rules) {
    const reason = objection(rule, region, sender, deliver);
    if (reason === undefined) continue;
    count += 1;
    members[`ArgumentName${count}`] = rule.kind === 'function' ? `${rule.arn}, null` : rule.arn;
    members[`ArgumentValue${count}`] = reason;
  }
  if (count === 0) return;
  throw new ServiceError(
    'InvalidArgument',
    'Unable to validate the following destination configurations',
    400,
    members,
  );
};
