import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { Constraints, notSupported, type Operations, operation, ServiceError } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { pageOf } from './group-operations.ts';
import type { LogGroups } from './log-groups.ts';
import { checkTransformation } from './metric-filter.ts';
import { checkName } from './names.ts';

/** Metric filters per log group. */
const FILTERS_MAX = 100;

/** AWS sorts by the names of filters, whatever their groups are. */
const byName = ({
  stored,
  groupName,
}: {
  readonly stored: { readonly name: string };
  readonly groupName: string;
}): string => `${stored.name}:${groupName}`;

/** Operations on metric filters: log events that match a pattern become metric values. */
export const metricFilterOperations = (groups: LogGroups): Operations<typeof Sdk> => ({
  PutMetricFilter: operation(
    ['logGroupName', 'filterName', 'filterPattern', 'metricTransformations', 'applyOnTransformedLogs'],
    (input, context) => {
      if (input.applyOnTransformedLogs === true) throw notSupported('PutMetricFilter with applyOnTransformedLogs');
      const { filterName, filterPattern } = input;
      const constraints = new Constraints().required('filterName', filterName).required('filterPattern', filterPattern);
      checkName('filterName', filterName, constraints).check('InvalidParameterException');
      const transformation = checkTransformation(input.metricTransformations);
      compileFilterPattern(filterPattern as string);
      const group = groups.named(context, input.logGroupName);
      if (!group.metricFilters.has(filterName as string) && group.metricFilters.size >= FILTERS_MAX) {
        throw new ServiceError('LimitExceededException', 'Resource limit exceeded.', 400);
      }
      groups.putFilter(group, {
        groupId: group.id,
        name: filterName as string,
        pattern: filterPattern as string,
        transformation,
        createdAt: context.now,
      });
      return {};
    },
  ),
  DeleteMetricFilter: operation(['logGroupName', 'filterName'], (input, context) => {
    checkName('filterName', input.filterName).check('InvalidParameterException');
    const group = groups.named(context, input.logGroupName);
    if (!group.metricFilters.has(input.filterName ?? '')) {
      throw new ServiceError('ResourceNotFoundException', 'The specified metric filter does not exist.', 400);
    }
    groups.deleteFilter(group, input.filterName as string);
    return {};
  }),
  DescribeMetricFilters: operation(
    ['logGroupName', 'filterNamePrefix', 'nextToken', 'limit', 'metricName', 'metricNamespace'],
    (input, context) => {
      const constraints = new Constraints()
        .range('limit', input.limit, 1, 50)
        .length('metricName', input.metricName, 0, 255)
        .length('metricNamespace', input.metricNamespace, 0, 255);
      checkName('filterNamePrefix', input.filterNamePrefix, constraints).check('InvalidParameterException');
      if ((input.metricName === undefined) !== (input.metricNamespace === undefined)) {
        throw invalidParameter('metricName and metricNamespace must be specified together.');
      }
      const among =
        input.logGroupName === undefined ? groups.list(context) : [groups.named(context, input.logGroupName)];
      const filters = among
        .flatMap((group) => [...group.metricFilters.values()].map(({ stored }) => ({ stored, groupName: group.name })))
        .filter(({ stored }) => stored.name.startsWith(input.filterNamePrefix ?? ''))
        .filter(
          ({ stored: { transformation } }) =>
            input.metricName === undefined ||
            (transformation.metricName === input.metricName &&
              transformation.metricNamespace === input.metricNamespace),
        )
        .sort((a, b) => (byName(a) < byName(b) ? -1 : 1));
      const { page, ...next } = pageOf(filters, byName, input.nextToken, input.limit ?? 50);
      return {
        metricFilters: page.map(({ stored, groupName }) => ({
          filterName: stored.name,
          filterPattern: stored.pattern,
          metricTransformations: [{ ...stored.transformation }],
          creationTime: stored.createdAt,
          logGroupName: groupName,
          applyOnTransformedLogs: false,
        })),
        ...next,
      };
    },
  ),
  TestMetricFilter: operation(['filterPattern', 'logEventMessages'], (input) => {
    new Constraints()
      .required('filterPattern', input.filterPattern)
      .required('logEventMessages', input.logEventMessages)
      .length('logEventMessages', input.logEventMessages, 1, 50)
      .check('InvalidParameterException');
    const pattern = compileFilterPattern(input.filterPattern as string);
    return {
      matches: (input.logEventMessages as string[]).flatMap((eventMessage, index) =>
        pattern.matches(eventMessage)
          ? [{ eventNumber: index + 1, eventMessage, extractedValues: pattern.extractAll(eventMessage) }]
          : [],
      ),
    };
  }),
});
