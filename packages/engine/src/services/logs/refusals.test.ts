import type {
  DescribeLogGroupsCommandOutput,
  DescribeMetricFiltersCommandOutput,
  ListLogGroupsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const LONG = 'x'.repeat(513);
const TOO_LONG = {
  code: 'InvalidParameterException',
  message: 'Invalid LogGroup or LogStream, both must have length less than or equal to 512.',
};
const tooLong = (path: string, max = 512) => ({
  code: 'InvalidParameterException',
  message: expect.stringContaining(
    `at '${path}' failed to satisfy constraint: Member must have length less than or equal to ${max}`,
  ),
});
const event = { timestamp: 1, message: 'x' };

describe('what a request says is judged before its log group is looked for', () => {
  it.each([
    ['CreateLogGroup', { logGroupName: LONG }, TOO_LONG],
    ['DeleteMetricFilter', { logGroupName: LONG, filterName: 'f' }, TOO_LONG],
    ['DeleteMetricFilter', { logGroupName: 'none', filterName: LONG }, tooLong('filterName')],
    ['DeleteSubscriptionFilter', { logGroupName: 'none', filterName: LONG }, tooLong('filterName')],
    ['DescribeMetricFilters', { filterNamePrefix: LONG }, tooLong('filterNamePrefix')],
    ['DescribeMetricFilters', { metricName: LONG, metricNamespace: 'n' }, tooLong('metricName', 255)],
    ['DeleteLogStream', { logGroupName: 'none', logStreamName: LONG }, TOO_LONG],
    ['PutLogEvents', { logGroupName: 'none', logStreamName: LONG, logEvents: [event] }, TOO_LONG],
    [
      'PutLogEvents',
      { logGroupName: 'none', logStreamName: 's', logEvents: [] },
      { code: 'InvalidParameterException' },
    ],
    ['GetLogEvents', { logGroupName: 'none', logStreamName: LONG }, TOO_LONG],
    ['GetLogEvents', { logGroupName: 'none', logStreamName: 's', limit: 0 }, { code: 'InvalidParameterException' }],
    ['FilterLogEvents', { logGroupName: LONG }, TOO_LONG],
    ['FilterLogEvents', { logGroupName: 'a:b' }, { code: 'InvalidParameterException' }],
    ['FilterLogEvents', { logGroupName: 'none', logStreamNames: [LONG] }, TOO_LONG],
    ['FilterLogEvents', { logGroupName: 'none' }, { code: 'ResourceNotFoundException' }],
    [
      'GetLogEvents',
      { logGroupIdentifier: 'arn:aws:logs:us-east-1:000000000000:log-group:g:*', logStreamName: 's' },
      { code: 'InvalidParameterException', message: expect.stringContaining("Value at 'logGroupIdentifier' failed") },
    ],
    [
      'DescribeLogStreams',
      { logGroupName: 'none', logGroupIdentifier: 'none' },
      {
        code: 'ValidationException',
        message: 'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
      },
    ],
  ])('%s with %j', async (action, input, refusal) => {
    await expect(new TestEngine().call('logs', action, input)).rejects.toMatchObject(refusal);
  });

  it('shows the members of transformations where there are too many', async () => {
    const transformation = { metricName: 'm', metricNamespace: 'n', metricValue: '1' };
    const put = new TestEngine().call('logs', 'PutMetricFilter', {
      logGroupName: 'g',
      filterName: 'f',
      filterPattern: '',
      metricTransformations: [{ ...transformation, dimensions: { a: '$.b' } }, transformation],
    });

    await expect(put).rejects.toThrow(
      "Value '[MetricTransformation(metricName=m, metricNamespace=n, metricValue=1, defaultValue=null, unit=null, " +
        'dimensions={a=$.b}), MetricTransformation(metricName=m, metricNamespace=n, metricValue=1, defaultValue=null, ' +
        "unit=null, dimensions=null)]' at 'metricTransformations'",
    );
  });
});

it('metric filters of all groups are listed by their own names', async () => {
  const test = new TestEngine();
  for (const [logGroupName, filterName] of [
    ['a', 'second'],
    ['b', 'first'],
  ]) {
    await test.call('logs', 'CreateLogGroup', { logGroupName });
    await test.call('logs', 'PutMetricFilter', {
      logGroupName,
      filterName,
      filterPattern: '',
      metricTransformations: [{ metricName: 'm', metricNamespace: 'a:b', metricValue: '1' }],
    });
  }

  const { metricFilters } = await test.call<DescribeMetricFiltersCommandOutput>('logs', 'DescribeMetricFilters', {});

  expect(metricFilters?.map(({ filterName }) => filterName)).toEqual(['first', 'second']);
});

describe('log groups by pattern', () => {
  const started = async () => {
    const test = new TestEngine();
    for (const logGroupName of ['/aws/lambda/a.b', '/aws/lambda/axb', 'discovery'])
      await test.call('logs', 'CreateLogGroup', { logGroupName });
    return test;
  };

  it('are searched until a page is empty, and tell no sizes', async () => {
    const test = await started();

    const found = await test.call<DescribeLogGroupsCommandOutput>('logs', 'DescribeLogGroups', {
      logGroupNamePattern: 'LAMBDA',
    });
    const after = await test.call<DescribeLogGroupsCommandOutput>('logs', 'DescribeLogGroups', {
      logGroupNamePattern: 'LAMBDA',
      nextToken: found.nextToken,
    });

    expect(found.logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(['/aws/lambda/a.b', '/aws/lambda/axb']);
    expect(found.logGroups?.[0]).not.toHaveProperty('storedBytes');
    expect(after).toEqual({ logGroups: [] });
  });

  it.each([
    [undefined, ['/aws/lambda/a.b', '/aws/lambda/axb', 'discovery']],
    ['^lambda', []],
    ['lambda', ['/aws/lambda/a.b', '/aws/lambda/axb']],
    ['a.b', ['/aws/lambda/a.b']],
    ['^/aws/lambda/axb|disc', ['/aws/lambda/axb', 'discovery']],
  ])('are listed: %s', async (logGroupNamePattern, names) => {
    const test = await started();

    const { logGroups } = await test.call<ListLogGroupsCommandOutput>('logs', 'ListLogGroups', { logGroupNamePattern });

    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(names);
    for (const group of logGroups ?? []) expect(group).toMatchObject({ logGroupClass: 'STANDARD' });
  });
});
