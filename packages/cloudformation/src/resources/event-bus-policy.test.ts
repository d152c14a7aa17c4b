import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';

const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
const statement = (account: string) => ({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: 'events:PutEvents',
  Resource: BUS,
});

const templateOf = (Properties: object) => ({ Resources: { P: { Type: 'AWS::Events::EventBusPolicy', Properties } } });

const sidsOf = async (bench: DeployerBench): Promise<unknown[]> => {
  const { Policy } = await bench.call<{ Policy: string }>('events', 'DescribeEventBus', {});
  return (JSON.parse(Policy) as { Statement: { Sid?: string }[] }).Statement.map(({ Sid }) => Sid);
};

it('adds a statement to a policy that somebody wrote with a single one, which needs no list', async () => {
  const bench = new DeployerBench();
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: { ...statement('111111111111'), Sid: 'first' } });
  await bench.call('events', 'PutPermission', { Policy });

  const stack = await bench.create(
    'policy',
    templateOf({ StatementId: 'second', Statement: statement('222222222222') }),
  );

  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  expect(await sidsOf(bench)).toEqual(['first', 'second']);
});

it('refuses Action, Principal and Condition beside a Statement, which would have no effect', async () => {
  const bench = new DeployerBench();
  const both = { Statement: statement('111111111111'), Action: 'events:PutEvents', Principal: '222222222222' };

  await expect(bench.create('policy', templateOf({ StatementId: 's', ...both }))).rejects.toThrow(
    'AWS::Events::EventBusPolicy with Action beside Statement (resource P), AWS::Events::EventBusPolicy with Principal beside Statement (resource P)',
  );
});

it('stacks deployed at the same time leave each other their statements', async () => {
  const bench = new DeployerBench();
  const stacks = ['one', 'two', 'three', 'four'];
  const policyOf = (StatementId: string) => templateOf({ StatementId, Statement: statement('111111111111') });

  await Promise.all(stacks.map((name) => bench.create(name, policyOf(name))));
  expect(await sidsOf(bench)).toEqual(expect.arrayContaining(stacks));

  // One goes while others change.
  await Promise.all([
    bench.cloudFormation('DeleteStack', { StackName: 'one' }),
    ...['two', 'three'].map((name) =>
      bench.update(name, templateOf({ StatementId: name, Statement: statement('222222222222') })),
    ),
  ]);
  await bench.settle('two');
  expect([...(await sidsOf(bench))].sort()).toEqual(['four', 'three', 'two']);
});
