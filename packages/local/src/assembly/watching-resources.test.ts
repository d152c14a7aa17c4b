import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';
import { clientOptions } from '../testing/client-options.ts';

const template = (rule: string, resources: object = {}) =>
  JSON.stringify({
    Resources: {
      Deep: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          AlarmName: 'deep',
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 0,
          ComparisonOperator: 'GreaterThanThreshold',
        },
      },
      Any: {
        Type: 'AWS::CloudWatch::CompositeAlarm',
        Properties: { AlarmName: 'any', AlarmRule: { 'Fn::Sub': rule }, Tags: [{ Key: 'team', Value: 'a' }] },
      },
      Stream: { Type: 'AWS::Kinesis::Stream', Properties: { Name: 'lines', ShardCount: 1 } },
      Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'shop' } },
      Errors: {
        Type: 'AWS::Logs::SubscriptionFilter',
        Properties: {
          LogGroupName: { Ref: 'Group' },
          FilterPattern: 'ERROR',
          DestinationArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
          RoleArn: 'arn:aws:iam::000000000000:role/r',
        },
      },
      Query: {
        Type: 'AWS::Logs::QueryDefinition',
        Properties: { Name: 'errors', QueryString: 'filter level = "ERROR"', LogGroupNames: ['shop'] },
      },
      ...resources,
    },
  });

it('templates make, change and delete composite alarms, subscription filters and saved queries', async () => {
  await using engine = await LocalEngine.start({ port: 0 });
  const cloudwatch = new CloudWatch(clientOptions(engine));
  const logs = new CloudWatchLogs(clientOptions(engine));
  const composites = async () =>
    (await cloudwatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] })).CompositeAlarms?.map(
      ({ AlarmName, AlarmRule }) => `${AlarmName}: ${AlarmRule}`,
    );

  // biome-ignore lint/suspicious/noTemplateCurlyInString: of Fn::Sub
  await engine.deployTemplate('watching', template('ALARM("${Deep}")'));
  expect(await composites()).toEqual(['any: ALARM("deep")']);
  expect((await logs.describeSubscriptionFilters({ logGroupName: 'shop' })).subscriptionFilters).toMatchObject([
    { filterPattern: 'ERROR', destinationArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/lines' },
  ]);
  expect((await logs.describeQueryDefinitions({})).queryDefinitions).toMatchObject([{ name: 'errors' }]);

  // biome-ignore lint/suspicious/noTemplateCurlyInString: of Fn::Sub
  await engine.deployTemplate('watching', template('NOT OK(${Deep})'));
  expect(await composites()).toEqual(['any: NOT OK(deep)']);
}, 60_000);
