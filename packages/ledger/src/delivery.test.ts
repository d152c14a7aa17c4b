import type { Message } from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { type Delivery, deliveryOf, MARK } from './delivery.ts';
import { archivedMessage } from './other-letters.ts';
import { ORIGIN, wayBackOf } from './way-back.ts';

const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:orders';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });

/** Reasons as a consumer writes them that puts a message aside itself. */
const REASONS = { ErrorCode: text('VALIDATION'), ErrorMessage: text('no amount') };

const attributesOf = async (message: Message, originOf?: () => string) => {
  const delivery = await deliveryOf(
    { Body: '{}', ...message },
    { jobId: 'job-1', fillers: [], to: undefined, originOf },
  );
  return (delivery as Delivery).attributes;
};

it('the reasons of who put a message aside are not those of its next failure', async () => {
  const put = { ...REASONS, [ORIGIN]: text(QUEUE_ARN), own: text('kept') };
  const onItsWay = await attributesOf({ MessageAttributes: put });
  expect(onItsWay).toEqual({
    'holdfast.earlier.ErrorCode': REASONS.ErrorCode,
    'holdfast.earlier.ErrorMessage': REASONS.ErrorMessage,
    own: text('kept'),
    [MARK]: text('job-1'),
  });

  // The function dies over it: SQS moves the message by the redrive policy, with all that it carries.
  const died = { Attributes: { DeadLetterQueueSourceArn: QUEUE_ARN }, MessageAttributes: onItsWay };
  expect(await attributesOf(died)).toEqual({ own: text('kept'), [MARK]: text('job-1') });
});

it('an undo gives the reasons back with the message', async () => {
  const put = { ...REASONS, [ORIGIN]: text(QUEUE_ARN) };
  const MessageAttributes = await attributesOf({ MessageAttributes: put });
  const delivery = await deliveryOf(
    { Body: '{}', MessageAttributes },
    { jobId: 'job-2', fillers: [], to: 'arn:aws:sqs:us-east-1:000000000000:orders-dlq', originOf: () => QUEUE_ARN },
  );
  expect((delivery as Delivery).attributes).toEqual(put);
});

it('what a sender called so stays: a redrive policy adds no attributes', async () => {
  const died = { Attributes: { DeadLetterQueueSourceArn: QUEUE_ARN }, MessageAttributes: REASONS };
  expect(await attributesOf(died)).toEqual({ ...REASONS, [MARK]: text('job-1') });
});

it('sends no archived message to where some queue of the account gets its failures from', async () => {
  const from = {
    kind: 'subscription',
    arn: 'arn:aws:sns:r:1:t:s',
    topicArn: 'arn:aws:sns:r:1:t',
    protocol: 'sqs',
    endpoint: 'arn:aws:sqs:r:1:q',
  } as const;
  const fillers = [{ queueArn: 'arn:aws:sqs:r:1:dlq', description: 'topic t to sqs q', from }];
  const archived = (lay: object) =>
    archivedMessage('dead-letters/k', JSON.stringify({ message: { Body: '{}' }, ...lay }), undefined);

  expect(await wayBackOf(archived({}), fillers)).toEqual({
    reason: 'nothing says where it came from; name a target with --to',
  });
  expect(await wayBackOf(archivedMessage('dead-letters/k', '{"archived":1}', undefined), fillers)).toHaveProperty(
    'reason',
  );
  expect(await wayBackOf(archived({ queueArn: 'arn:aws:sqs:r:1:dlq' }), fillers)).toMatchObject({
    arn: 'arn:aws:sqs:r:1:q',
  });
});
