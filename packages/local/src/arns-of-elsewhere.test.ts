import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';

let local: LocalEngine;
const ask = async (target: string, input: object): Promise<string> => {
  const answer = await fetch(local.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
  });
  return `${answer.status} ${await answer.text()}`;
};
let subscription = '';
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0 });
  await ask('Kinesis_20131202.CreateStream', { StreamName: 's', ShardCount: 1 });
  await ask('Logs_20140328.CreateLogGroup', { logGroupName: 'g' });
  await ask('AmazonSQS.CreateQueue', { QueueName: 'q' });
  await ask('AmazonSimpleNotificationService.CreateTopic', { Name: 't' });
  const subscribed = await ask('AmazonSimpleNotificationService.Subscribe', {
    TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
    Protocol: 'sqs',
    Endpoint: 'arn:aws:sqs:us-east-1:000000000000:q',
  });
  subscription = /"SubscriptionArn":"([^"]+)"/.exec(subscribed)?.[1] ?? '';
});
afterAll(() => local.close());

describe.each(['eu-west-1:000000000000', 'us-east-1:111122223333'])('an ARN of %s', (place) => {
  it('names no stream and no log group that is here', async () => {
    const StreamARN = `arn:aws:kinesis:${place}:stream/s`;
    expect(await ask('Kinesis_20131202.DescribeStreamSummary', { StreamARN })).toContain('ResourceNotFoundException');
    const input = { logGroupIdentifier: `arn:aws:logs:${place}:log-group:g`, logStreamName: 'x' };
    expect(await ask('Logs_20140328.GetLogEvents', input)).toContain('The specified log group does not exist');
  });
});

it('the ARN of a subscription is asked for in its own region', async () => {
  const get = (SubscriptionArn: string): Promise<string> =>
    ask('AmazonSimpleNotificationService.GetSubscriptionAttributes', { SubscriptionArn });
  expect(await get(subscription)).toMatch(/^200/);
  expect(await get(subscription.replace('us-east-1', 'eu-west-1'))).toContain('Invalid parameter: SubscriptionArn');
});

it('the ARN of a log group with :* at its end is no identifier', async () => {
  const logGroupIdentifier = 'arn:aws:logs:us-east-1:000000000000:log-group:g:*';
  expect(await ask('Logs_20140328.FilterLogEvents', { logGroupIdentifier })).toContain('InvalidParameterException');
});
