import { expect, it } from 'vitest';
import { StoreError } from '../store/index.ts';
import { authorization, TestGateway } from './test-gateway.ts';

it('what the directory did not take is a temporary failure, not an internal one, and not acknowledged', async () => {
  const gateway = await TestGateway.start({
    durable: () => Promise.reject(new StoreError('the directory was removed')),
  });
  const answer = await fetch(gateway.endpoint, {
    method: 'POST',
    headers: {
      authorization: authorization('sqs'),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.CreateQueue',
    },
    body: '{"QueueName":"q"}',
  });
  expect([answer.status, await answer.text()]).toEqual([503, '']);
  await gateway.close();
});
