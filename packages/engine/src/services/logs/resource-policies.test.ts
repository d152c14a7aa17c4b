import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/all';

const policy = (Resource: string) =>
  JSON.stringify({
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: ['events.amazonaws.com', 'delivery.logs.amazonaws.com'] },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource,
      },
    ],
  });

const put = (test: TestEngine, policyName: string, Resource = `${GROUP}:*`) =>
  test.call('logs', 'PutResourcePolicy', { policyName, policyDocument: policy(Resource) });

it('a rule writes into a log group only when a policy of the account lets it', async () => {
  const test = new TestEngine();
  await test.call('events', 'PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' });
  await test.call('events', 'PutTargets', { Rule: 'all', Targets: [{ Id: 'logs', Arn: GROUP }] });
  const Entries = [{ Source: 'shop', DetailType: 'order', Detail: '{"id":1}' }];
  const logged = async () => {
    const { logGroups } = await test.call<{ logGroups: object[] }>('logs', 'DescribeLogGroups', {});
    return logGroups.length;
  };

  await test.call('events', 'PutEvents', { Entries });
  await put(test, 'other', `${GROUP}-other:*`);
  await test.call('events', 'PutEvents', { Entries });
  expect(await logged()).toBe(0);

  await put(test, 'events');
  await test.call('events', 'PutEvents', { Entries });
  expect(await logged()).toBe(1);
});

it('policies are replaced by name, listed, deleted, and no more than ten', async () => {
  const test = new TestEngine();
  for (let n = 0; n < 10; n++) await put(test, `p${n}`);
  await put(test, 'p3');
  await expect(put(test, 'p10')).rejects.toMatchObject({ code: 'LimitExceededException' });
  const { resourcePolicies } = await test.call<{ resourcePolicies: { policyName: string }[] }>(
    'logs',
    'DescribeResourcePolicies',
    {},
  );
  expect(resourcePolicies.map(({ policyName }) => policyName)).toHaveLength(10);
  await test.call('logs', 'DeleteResourcePolicy', { policyName: 'p3' });
  await expect(test.call('logs', 'DeleteResourcePolicy', { policyName: 'p3' })).rejects.toThrow(
    'Policy with name [p3] does not exist.',
  );
  await expect(test.call('logs', 'PutResourcePolicy', { policyName: 'p', policyDocument: '{' })).rejects.toMatchObject({
    code: 'InvalidParameterException',
  });
});

it('lists policies with lists of one written as that one, and the oldest version where none was given', async () => {
  const test = new TestEngine();
  const statement = { Effect: 'Allow', Action: ['logs:*', 'logs:PutLogEvents'], Resource: ['*'] };
  const given = JSON.stringify({ Statement: { ...statement, Principal: { Service: ['events.amazonaws.com'] } } });
  const { resourcePolicy } = await test.call<{ resourcePolicy: { policyDocument: string } }>(
    'logs',
    'PutResourcePolicy',
    { policyName: 'p', policyDocument: given },
  );

  const { resourcePolicies } = await test.call<{ resourcePolicies: { policyDocument: string }[] }>(
    'logs',
    'DescribeResourcePolicies',
    {},
  );

  expect(resourcePolicy.policyDocument).toBe(given);
  expect(JSON.parse(resourcePolicies[0]?.policyDocument ?? '')).toEqual({
    Version: '2008-10-17',
    Statement: [{ ...statement, Resource: '*', Principal: { Service: 'events.amazonaws.com' } }],
  });
});
