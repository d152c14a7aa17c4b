import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { parseArn } from '@holdfast/aws-model';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { Destinations } from './destinations.ts';
import { invalidParameter } from './errors.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { pageOf } from './group-operations.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';
import { checkName } from './names.ts';
import { tryStream } from './stream-delivery.ts';
import { functionSender, isDestination, type StoredSubscriptionFilter, streamOf } from './subscription-filter.ts';

/** Subscription filters per log group. */
const FILTERS_MAX = 2;

const DISTRIBUTIONS = ['Random', 'ByLogStream'];

/** Operations on subscription filters: log events go on to a function or a stream as they arrive. */
export const subscriptionOperations = (
  groups: LogGroups,
  destinations: Destinations,
  environment: ServiceEnvironment,
): Operations<typeof Sdk> => {
  const checkDestination = (account: string, destinationArn: string, roleArn: string | undefined): void => {
    if (isDestination(destinationArn)) {
      destinations.checkAccess(destinationArn, account);
      return;
    }
    const target = parseArn(destinationArn);
    if (target?.service === 'kinesis') {
      if (roleArn === undefined) {
        throw invalidParameter('destinationArn for vendor kinesis cannot be used without roleArn');
      }
      return;
    }
    if (target?.service !== 'lambda')
      throw notSupported(`subscription filters to ${target?.service ?? destinationArn}`);
    if (roleArn !== undefined) throw invalidParameter('destinationArn for vendor lambda cannot be used with roleArn');
    if (target.account !== account || !environment.deliver.exists(destinationArn)) {
      throw new ServiceError(
        'AccessDeniedException',
        'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
        400,
      );
    }
  };
  const checkReach = (group: LogGroup, stored: StoredSubscriptionFilter): void => {
    const stream = streamOf(stored.destinationArn, group, destinations);
    if (stream !== undefined) {
      if (tryStream(stream, environment).ok) return;
      throw invalidParameter(
        'Could not deliver test message to specified Kinesis stream. Check if the given kinesis stream is in ACTIVE state. ',
      );
    }
    const sender = functionSender(group, stored.destinationArn, environment);
    if (environment.deliver.accepts(stored.destinationArn, sender)) return;
    throw invalidParameter(
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
    );
  };
  return {
    PutSubscriptionFilter: operation(
      [
        'logGroupName',
        'filterName',
        'filterPattern',
        'destinationArn',
        'roleArn',
        'distribution',
        'applyOnTransformedLogs',
      ],
      (input, context) => {
        if (input.applyOnTransformedLogs === true) {
          throw notSupported('PutSubscriptionFilter with applyOnTransformedLogs');
        }
        const { filterName, filterPattern, destinationArn, roleArn } = input;
        const distribution: string = input.distribution ?? 'ByLogStream';
        const constraints = new Constraints()
          .required('logGroupName', input.logGroupName)
          .required('filterName', filterName)
          .required('filterPattern', filterPattern)
          .required('destinationArn', destinationArn)
          .oneOf('distribution', distribution, DISTRIBUTIONS);
        checkName('filterName', filterName, constraints).check('InvalidParameterException');
        compileFilterPattern(filterPattern as string);
        checkDestination(context.account, destinationArn as string, roleArn);
        const group = groups.named(context, input.logGroupName);
        const known = group.subscriptionFilters.get(filterName as string)?.stored;
        if (known === undefined && group.subscriptionFilters.size >= FILTERS_MAX) {
          throw new ServiceError('LimitExceededException', 'Resource limit exceeded.', 400);
        }
        const stored: StoredSubscriptionFilter = {
          groupId: group.id,
          name: filterName as string,
          pattern: filterPattern as string,
          destinationArn: destinationArn as string,
          roleArn,
          distribution: distribution as StoredSubscriptionFilter['distribution'],
          createdAt: known?.createdAt ?? context.now,
        };
        checkReach(group, stored);
        groups.putSubscription(group, stored);
        return {};
      },
    ),
    DeleteSubscriptionFilter: operation(['logGroupName', 'filterName'], (input, context) => {
      checkName('filterName', input.filterName).check('InvalidParameterException');
      const group = groups.named(context, input.logGroupName);
      if (!group.subscriptionFilters.has(input.filterName ?? '')) {
        throw new ServiceError('ResourceNotFoundException', 'The specified subscription filter does not exist.', 400);
      }
      groups.deleteSubscription(group, input.filterName as string);
      return {};
    }),
    DescribeSubscriptionFilters: operation(
      ['logGroupName', 'filterNamePrefix', 'nextToken', 'limit'],
      (input, context) => {
        checkName(
          'filterNamePrefix',
          input.filterNamePrefix,
          new Constraints().range('limit', input.limit, 1, 50),
        ).check('InvalidParameterException');
        const group = groups.named(context, input.logGroupName);
        const filters = [...group.subscriptionFilters.values()]
          .map(({ stored }) => stored)
          .filter(({ name }) => name.startsWith(input.filterNamePrefix ?? ''))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        const { page, ...next } = pageOf(filters, ({ name }) => name, input.nextToken, input.limit ?? 50);
        return {
          subscriptionFilters: page.map((stored) => ({
            filterName: stored.name,
            logGroupName: group.name,
            filterPattern: stored.pattern,
            destinationArn: stored.destinationArn,
            ...(stored.roleArn === undefined ? {} : { roleArn: stored.roleArn }),
            distribution: stored.distribution as never,
            applyOnTransformedLogs: false,
            creationTime: stored.createdAt,
          })),
          ...next,
        };
      },
    ),
  };
};
