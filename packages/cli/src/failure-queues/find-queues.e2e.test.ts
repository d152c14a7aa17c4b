import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { LocalEngine } from '@holdfast/local';
import { expect, it } from 'vitest';
import { ANY_CREDENTIALS } from '../target.ts';
import { findFailureQueues, queueUrlOf } from './find-queues.ts';

const arn = (queue: string): string => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

it('finds what queues, subscriptions, rules and schedules fill, and queues by a part of their name', async () => {
  await using engine = await LocalEngine.start({ port: 0 });
  const target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
  const sqs = new SQSClient(target);
  const queue = (QueueName: string, Attributes = {}) => sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  for (const name of ['orders-dlq', 'Shop-TopicDlq-4F2A', 'rule-dlq', 'schedule-dlq', 'work']) await queue(name);
  await queue('orders', {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('orders-dlq'), maxReceiveCount: 1 }),
  });
  const sns = new SNSClient(target);
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: arn('work'),
      Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn('Shop-TopicDlq-4F2A') }) },
    }),
  );
  const events = new EventBridgeClient(target);
  await events.send(new PutRuleCommand({ Name: 'all', EventPattern: '{"source":["shop"]}' }));
  await events.send(
    new PutTargetsCommand({
      Rule: 'all',
      Targets: [{ Id: '1', Arn: arn('work'), DeadLetterConfig: { Arn: arn('rule-dlq') } }],
    }),
  );
  await new SchedulerClient(target).send(
    new CreateScheduleCommand({
      Name: 'nightly',
      ScheduleExpression: 'rate(1 day)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: arn('work'),
        RoleArn: 'arn:aws:iam::000000000000:role/any',
        DeadLetterConfig: { Arn: arn('schedule-dlq') },
      },
    }),
  );

  const { queues, unasked } = await findFailureQueues(target);
  expect(unasked).toEqual([]);
  expect(Object.fromEntries(queues.map(({ name, sources }) => [name, sources]))).toEqual({
    'orders-dlq': ['queue orders (redrive)'],
    'Shop-TopicDlq-4F2A': ['topic news to sqs work (redrive)'],
    'rule-dlq': ['rule default/all to work (dead-letter queue)'],
    'schedule-dlq': ['schedule default/nightly (dead-letter queue)'],
  });
  expect(await queueUrlOf(sqs, 'TopicDlq')).toMatch(/\/Shop-TopicDlq-4F2A$/);
  await expect(queueUrlOf(sqs, 'dlq')).rejects.toThrow('"dlq" could be');
  await expect(queueUrlOf(sqs, 'nothing')).rejects.toMatchObject({ exitCode: 4 });
});
