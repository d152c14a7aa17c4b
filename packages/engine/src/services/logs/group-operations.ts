import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import type {
  LogGroupClass,
  LogGroup as LogGroupShape,
  LogStream as LogStreamShape,
} from '@aws-sdk/client-cloudwatch-logs';
import { Constraints, limitedTags, notSupported, type Operations, operation, ServiceError } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';
import type { LogStream } from './log-stream.ts';
import { checkGroupName, checkStreamName } from './names.ts';

const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653,
];
const PAGE_MAX = 50;
/** Groups of one answer of ListLogGroups. */
const LIST_MAX = 1_000;
const NAME_PATTERN = /^\^?[.\-_/#A-Za-z0-9]{3,24}(\|\^?[.\-_/#A-Za-z0-9]{3,24}){0,4}$/;

/** One page of a sorted list; the token is the last key of the page before. */
export const pageOf = <Item>(
  items: readonly Item[],
  keyOf: (item: Item) => string,
  token: string | undefined,
  limit: number,
): { page: Item[]; nextToken?: string } => {
  const after = token === undefined ? -1 : items.findIndex((item) => keyOf(item) === decodeURIComponent(token));
  if (token !== undefined && after < 0) throw invalidParameter('The specified nextToken is invalid.');
  const page = items.slice(after + 1, after + 1 + limit);
  const last = page.at(-1);
  return after + 1 + limit < items.length && last !== undefined
    ? { page, nextToken: encodeURIComponent(keyOf(last)) }
    : { page };
};

const classOf = ({ logGroupClass }: LogGroup['settings']): LogGroupClass =>
  (logGroupClass ?? 'STANDARD') as LogGroupClass;

/** What a search by pattern tells of a group. */
const describeFound = ({ settings, metricFilters, arn }: LogGroup): LogGroupShape => ({
  logGroupName: settings.name,
  creationTime: settings.createdAt,
  ...(settings.retentionInDays === undefined ? {} : { retentionInDays: settings.retentionInDays }),
  metricFilterCount: metricFilters.size,
  arn: `${arn}:*`,
  ...(settings.kmsKeyId === undefined ? {} : { kmsKeyId: settings.kmsKeyId }),
  logGroupClass: classOf(settings),
  logGroupArn: arn,
});

const describeGroup = (group: LogGroup): LogGroupShape => {
  let storedBytes = 0;
  for (const stream of group.streams.values()) storedBytes += stream.bytes;
  return {
    ...describeFound(group),
    storedBytes,
    deletionProtectionEnabled: group.settings.isDeletionProtected ?? false,
  };
};
const describeStream = (group: LogGroup, stream: LogStream): LogStreamShape => {
  const { firstEventAt, lastEventAt, lastIngestedAt } = stream;
  return {
    logStreamName: stream.name,
    creationTime: stream.createdAt,
    ...(firstEventAt === undefined ? {} : { firstEventTimestamp: firstEventAt }),
    ...(lastEventAt === undefined ? {} : { lastEventTimestamp: lastEventAt }),
    ...(lastIngestedAt === undefined ? {} : { lastIngestionTime: lastIngestedAt }),
    arn: group.streamArn(stream.name),
    // AWS has reported 0 for streams since 2019.
    storedBytes: 0,
  };
};

/** Operations on log groups and log streams. */
export const groupOperations = (groups: LogGroups): Operations<typeof Sdk> => ({
  CreateLogGroup: operation(
    ['logGroupName', 'kmsKeyId', 'tags', 'logGroupClass', 'deletionProtectionEnabled'],
    (input, context) => {
      const name = checkGroupName(input.logGroupName);
      new Constraints()
        .oneOf('logGroupClass', input.logGroupClass, ['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'])
        .check('InvalidParameterException');
      if (input.logGroupClass === 'DELIVERY') throw notSupported('log groups of class DELIVERY');
      if (groups.find(context.account, context.region, name) !== undefined) {
        throw new ServiceError('ResourceAlreadyExistsException', 'The specified log group already exists', 400);
      }
      groups.create({
        account: context.account,
        region: context.region,
        name,
        createdAt: context.now,
        logGroupClass: input.logGroupClass,
        kmsKeyId: input.kmsKeyId,
        isDeletionProtected: input.deletionProtectionEnabled,
        tags: limitedTags(input.tags ?? {}, invalidParameter),
      });
      return {};
    },
  ),
  DeleteLogGroup: operation(['logGroupName'], (input, context) => {
    const group = groups.named(context, input.logGroupName);
    if (group.settings.isDeletionProtected === true) {
      throw new ServiceError(
        'ValidationException',
        'The log group has deletion protection enabled. Disable it before deleting the log group.',
      );
    }
    groups.delete(group);
    return {};
  }),
  PutLogGroupDeletionProtection: operation(['logGroupIdentifier', 'deletionProtectionEnabled'], (input, context) => {
    new Constraints()
      .required('logGroupIdentifier', input.logGroupIdentifier)
      .required('deletionProtectionEnabled', input.deletionProtectionEnabled)
      .check('InvalidParameterException');
    groups.update(groups.named(context, undefined, input.logGroupIdentifier), {
      isDeletionProtected: input.deletionProtectionEnabled,
    });
    return {};
  }),
  DescribeLogGroups: operation(
    ['logGroupNamePrefix', 'logGroupNamePattern', 'nextToken', 'limit', 'logGroupClass', 'includeLinkedAccounts'],
    (input, context) => {
      if (input.includeLinkedAccounts === true) throw notSupported('DescribeLogGroups with includeLinkedAccounts');
      new Constraints().range('limit', input.limit, 1, PAGE_MAX).check('InvalidParameterException');
      const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
      if (prefix !== undefined && pattern !== undefined) {
        throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
      }
      const selected = groups
        .list(context)
        .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
        .filter(({ name }) => pattern === undefined || name.toLowerCase().includes(pattern.toLowerCase()))
        .filter(({ settings }) => input.logGroupClass === undefined || classOf(settings) === input.logGroupClass);
      const { page, ...next } = pageOf(selected, ({ name }) => name, input.nextToken, input.limit ?? PAGE_MAX);
      for (const group of page) group.sweep(context.now);
      if (pattern === undefined) return { logGroups: page.map(describeGroup), ...next };
      // A search ends with an empty page, not with one that has no token.
      const last = page.at(-1);
      return {
        logGroups: page.map(describeFound),
        ...(last === undefined ? {} : { nextToken: encodeURIComponent(last.name) }),
      };
    },
  ),
  ListLogGroups: operation(
    ['logGroupNamePattern', 'logGroupClass', 'includeLinkedAccounts', 'accountIdentifiers', 'nextToken', 'limit'],
    (input, context) => {
      if (input.includeLinkedAccounts === true) throw notSupported('ListLogGroups with includeLinkedAccounts');
      new Constraints()
        .range('limit', input.limit, 1, LIST_MAX)
        .length('logGroupNamePattern', input.logGroupNamePattern, 3, 129)
        .pattern('logGroupNamePattern', input.logGroupNamePattern, NAME_PATTERN)
        .check('InvalidParameterException');
      // `^` for a prefix, `|` between several: what AWS allows is a regular expression as it stands.
      const pattern = new RegExp((input.logGroupNamePattern ?? '').replaceAll('.', '\\.'));
      const accounts = input.accountIdentifiers ?? [context.account];
      const selected = groups
        .list(context)
        .filter(({ name, settings }) => pattern.test(name) && accounts.includes(settings.account))
        .filter(({ settings }) => input.logGroupClass === undefined || classOf(settings) === input.logGroupClass);
      const { page, ...next } = pageOf(selected, ({ name }) => name, input.nextToken, input.limit ?? PAGE_MAX);
      return {
        logGroups: page.map(({ name, arn, settings }) => ({
          logGroupName: name,
          logGroupArn: arn,
          logGroupClass: classOf(settings),
        })),
        ...next,
      };
    },
  ),
  PutRetentionPolicy: operation(['logGroupName', 'retentionInDays'], (input, context) => {
    const group = groups.named(context, input.logGroupName);
    const days = input.retentionInDays;
    const constraints = new Constraints().required('retentionInDays', days);
    if (days !== undefined && !RETENTION_DAYS.includes(days)) {
      constraints.fail('retentionInDays', days, `Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`);
    }
    constraints.check('InvalidParameterException');
    groups.update(group, { retentionInDays: days });
    group.sweep(context.now);
    return {};
  }),
  DeleteRetentionPolicy: operation(['logGroupName'], (input, context) => {
    groups.update(groups.named(context, input.logGroupName), { retentionInDays: undefined });
    return {};
  }),
  CreateLogStream: operation(['logGroupName', 'logStreamName'], (input, context) => {
    const name = checkStreamName(input.logStreamName);
    const group = groups.named(context, input.logGroupName);
    if (group.streams.has(name)) {
      throw new ServiceError('ResourceAlreadyExistsException', 'The specified log stream already exists', 400);
    }
    groups.createStream(group, name, context.now);
    return {};
  }),
  DeleteLogStream: operation(['logGroupName', 'logStreamName'], (input, context) => {
    const name = checkStreamName(input.logStreamName);
    const group = groups.named(context, input.logGroupName);
    groups.deleteStream(group, group.stream(name));
    return {};
  }),
  DescribeLogStreams: operation(
    ['logGroupName', 'logGroupIdentifier', 'logStreamNamePrefix', 'orderBy', 'descending', 'nextToken', 'limit'],
    (input, context) => {
      new Constraints()
        .range('limit', input.limit, 1, PAGE_MAX)
        .oneOf('orderBy', input.orderBy, ['LogStreamName', 'LastEventTime'])
        .check('InvalidParameterException');
      const prefix = input.logStreamNamePrefix;
      const isByTime = input.orderBy === 'LastEventTime';
      if (isByTime && prefix !== undefined) {
        throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
      }
      const group = groups.named(context, input.logGroupName, input.logGroupIdentifier);
      group.sweep(context.now);
      const ordered = [...group.streams.values()]
        .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
        .map((stream) => ({ stream, at: isByTime ? (stream.lastEventAt ?? stream.createdAt) : 0 }))
        .sort((a, b) => a.at - b.at || (a.stream.name < b.stream.name ? -1 : 1));
      if (input.descending === true) ordered.reverse();
      const limit = input.limit ?? PAGE_MAX;
      const { page, nextToken } = pageOf(ordered, ({ stream }) => stream.name, input.nextToken, limit);
      return {
        logStreams: page.map(({ stream }) => describeStream(group, stream)),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
  ),
});
