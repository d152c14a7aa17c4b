import { expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';

it('a stack whose table takes time to be there is deployed although time stands still', async () => {
  await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  const before = engine.time.now();

  const stack = await engine.deployTemplate(
    'tables',
    JSON.stringify({
      Resources: {
        Table: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            BillingMode: 'PAY_PER_REQUEST',
          },
        },
      },
    }),
  );

  expect(stack.result).toBe('created');
  expect(engine.time.now()).toBeGreaterThan(before);
});
