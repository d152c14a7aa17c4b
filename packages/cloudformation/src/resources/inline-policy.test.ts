import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';

const KINDS = ['Role', 'User', 'Group'] as const;
type Kind = (typeof KINDS)[number];

const document = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** A role, user or group called `holder`, with a policy of its own. */
const templateOf = (kind: Kind, policy: object) => ({
  Resources: {
    Holder: {
      Type: `AWS::IAM::${kind}`,
      Properties: { [`${kind}Name`]: 'holder', ...(kind === 'Role' ? { AssumeRolePolicyDocument: trust } : {}) },
    },
    Own: { Type: `AWS::IAM::${kind}Policy`, Properties: { [`${kind}Name`]: { Ref: 'Holder' }, ...policy } },
  },
  Outputs: { Own: { Value: { Ref: 'Own' } } },
});

const policiesOf = async (bench: DeployerBench, kind: Kind): Promise<Record<string, unknown>> => {
  const name = { [`${kind}Name`]: 'holder' };
  const { PolicyNames } = await bench.call<{ PolicyNames: string[] }>('iam', `List${kind}Policies`, name);
  const documents: Record<string, unknown> = {};
  for (const PolicyName of PolicyNames) {
    const input = { ...name, PolicyName };
    const { PolicyDocument } = await bench.call<{ PolicyDocument: string }>('iam', `Get${kind}Policy`, input);
    documents[PolicyName] = JSON.parse(decodeURIComponent(PolicyDocument));
  }
  return documents;
};

for (const kind of KINDS) {
  it(`wants the capability for a policy of a ${kind.toLowerCase()} alone`, async () => {
    const Properties = { [`${kind}Name`]: 'holder', PolicyName: 'own', PolicyDocument: document('s3:GetObject') };
    const template = { Resources: { Own: { Type: `AWS::IAM::${kind}Policy`, Properties } } };
    await expect(new DeployerBench().create('own', template, { Capabilities: [] })).rejects.toThrow(
      'Requires capabilities : [CAPABILITY_IAM]',
    );
  });

  it(`puts one policy into one ${kind.toLowerCase()}, changes it in place and moves it with its name`, async () => {
    const bench = new DeployerBench();
    const policy = (PolicyName: string, action: string) => ({ PolicyName, PolicyDocument: document(action) });

    const created = await bench.create('own', templateOf(kind, policy('first', 's3:GetObject')));
    expect(created).toMatchObject({
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey: 'Own', OutputValue: 'first|holder' }],
    });
    expect(await policiesOf(bench, kind)).toEqual({ first: document('s3:GetObject') });

    await bench.update('own', templateOf(kind, policy('first', 's3:PutObject')));
    expect(await policiesOf(bench, kind)).toEqual({ first: document('s3:PutObject') });

    const moved = await bench.update('own', templateOf(kind, policy('second', 's3:PutObject')));
    expect(moved).toMatchObject({ Outputs: [{ OutputValue: 'second|holder' }] });
    expect(await policiesOf(bench, kind)).toEqual({ second: document('s3:PutObject') });
  });
}

it('says in the words of IAM that a policy without a document is none', async () => {
  const bench = new DeployerBench();

  const { StackStatus, StackId } = await bench.create('own', templateOf('Role', { PolicyName: 'empty' }));

  expect(StackStatus).toBe('ROLLBACK_COMPLETE');
  const failed = (await bench.events(StackId as string)).find(
    ({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED',
  );
  expect(failed).toMatchObject({ LogicalResourceId: 'Own' });
  expect(failed?.ResourceStatusReason).toContain("Value null at 'policyDocument' failed to satisfy");
});

it('deletes a stack whose policy somebody took away before', async () => {
  const bench = new DeployerBench();
  const { StackId } = await bench.create(
    'own',
    templateOf('User', { PolicyName: 'gone', PolicyDocument: document('s3:*') }),
  );
  await bench.call('iam', 'DeleteUserPolicy', { UserName: 'holder', PolicyName: 'gone' });

  await bench.cloudFormation('DeleteStack', { StackName: 'own' });

  expect(await bench.settle(StackId as string)).toMatchObject({ StackStatus: 'DELETE_COMPLETE' });
});
