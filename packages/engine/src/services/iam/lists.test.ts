import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const DOCUMENT = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
});
const iam = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('iam', action, input);

it('tags of a policy come by key, page by page, and go by keys of any case', async () => {
  const test = new TestEngine();
  const { Policy } = await iam<{ Policy: { Arn: string } }>(test, 'CreatePolicy', {
    PolicyName: 'logs',
    PolicyDocument: DOCUMENT,
  });
  const PolicyArn = Policy.Arn;
  const Tags = ['team', 'Cost', 'stage'].map((Key) => ({ Key, Value: Key.toUpperCase() }));
  await iam(test, 'TagPolicy', { PolicyArn, Tags });
  await iam(test, 'TagPolicy', { PolicyArn, Tags: [{ Key: 'TEAM', Value: 'blue' }] });

  const first = await iam<{ Marker: string }>(test, 'ListPolicyTags', { PolicyArn, MaxItems: 2 });
  expect(first).toMatchObject({ Tags: [{ Key: 'Cost' }, { Key: 'TEAM', Value: 'blue' }], IsTruncated: true });
  const rest = await iam(test, 'ListPolicyTags', { PolicyArn, Marker: first.Marker });
  expect(rest).toMatchObject({ Tags: [{ Key: 'stage', Value: 'STAGE' }], IsTruncated: false });

  await iam(test, 'UntagPolicy', { PolicyArn, TagKeys: ['COST', 'nobody'] });
  expect((await iam<{ Tags: object[] }>(test, 'ListPolicyTags', { PolicyArn })).Tags).toHaveLength(2);
});

it('groups are listed by name below a path', async () => {
  const test = new TestEngine();
  for (const [GroupName, Path] of [
    ['writers', '/jobs/'],
    ['admins', '/'],
    ['readers', '/jobs/'],
  ])
    await iam(test, 'CreateGroup', { GroupName, Path });

  const all = await iam<{ Groups: { GroupName: string }[] }>(test, 'ListGroups');
  const jobs = await iam<{ Groups: { GroupName: string }[] }>(test, 'ListGroups', { PathPrefix: '/jobs/' });

  expect(all.Groups.map(({ GroupName }) => GroupName)).toEqual(['admins', 'readers', 'writers']);
  expect(jobs.Groups.map(({ GroupName }) => GroupName)).toEqual(['readers', 'writers']);
});

it('a role is described anew by the older call, and is in no instance profile', async () => {
  const test = new TestEngine();
  await iam(test, 'CreateRole', { RoleName: 'worker', AssumeRolePolicyDocument: TRUST });

  const changed = await iam(test, 'UpdateRoleDescription', { RoleName: 'worker', Description: 'of the worker' });

  expect(changed).toMatchObject({ Role: { RoleName: 'worker', Description: 'of the worker' } });
  expect(await iam(test, 'GetRole', { RoleName: 'worker' })).toMatchObject({ Role: { Description: 'of the worker' } });
  const profiles = { InstanceProfiles: [], IsTruncated: false };
  expect(await iam(test, 'ListInstanceProfilesForRole', { RoleName: 'worker' })).toEqual(profiles);
  await expect(iam(test, 'ListInstanceProfilesForRole', { RoleName: 'nobody' })).rejects.toMatchObject({
    code: 'NoSuchEntity',
  });
});

it('a user has none of what is not played, and one that is not there has nothing to list', async () => {
  const test = new TestEngine();
  await iam(test, 'CreateUser', { UserName: 'ann' });
  const lists = {
    ListMFADevices: 'MFADevices',
    ListSigningCertificates: 'Certificates',
    ListSSHPublicKeys: 'SSHPublicKeys',
    ListServiceSpecificCredentials: 'ServiceSpecificCredentials',
  };
  for (const [action, member] of Object.entries(lists)) {
    expect(await iam(test, action, { UserName: 'ann' })).toMatchObject({ [member]: [] });
    await expect(iam(test, action, { UserName: 'bob' })).rejects.toMatchObject({ code: 'NoSuchEntity' });
  }
  for (const action of ['GetLoginProfile', 'DeleteLoginProfile']) {
    await expect(iam(test, action, { UserName: 'ann' })).rejects.toMatchObject({
      code: 'NoSuchEntity',
      message: 'Login Profile for User ann cannot be found.',
    });
  }
});

it('an access key that nobody has used says so, of whom it is, and to its own account alone', async () => {
  const test = new TestEngine();
  await iam(test, 'CreateUser', { UserName: 'ann' });
  const { AccessKey } = await iam<{ AccessKey: { AccessKeyId: string } }>(test, 'CreateAccessKey', { UserName: 'ann' });
  const { AccessKeyId } = AccessKey;

  expect(await iam(test, 'GetAccessKeyLastUsed', { AccessKeyId })).toEqual({
    UserName: 'ann',
    AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
  });
  const elsewhere = test.call('iam', 'GetAccessKeyLastUsed', { AccessKeyId }, { account: '111111111111' });
  await expect(elsewhere).rejects.toMatchObject({ code: 'NoSuchEntity' });
});

it.each(['User', 'Group'])('inline and managed policies of a %s are put, listed, read and taken away', async (kind) => {
  const test = new TestEngine();
  const name = { [`${kind}Name`]: 'jobs' };
  await iam(test, `Create${kind}`, name);
  const { Policy } = await iam<{ Policy: { Arn: string } }>(test, 'CreatePolicy', {
    PolicyName: 'logs',
    PolicyDocument: DOCUMENT,
  });
  const [put, get, remove, list, attach, detach, listAttached] =
    kind === 'User'
      ? ([
          'PutUserPolicy',
          'GetUserPolicy',
          'DeleteUserPolicy',
          'ListUserPolicies',
          'AttachUserPolicy',
          'DetachUserPolicy',
          'ListAttachedUserPolicies',
        ] as const)
      : ([
          'PutGroupPolicy',
          'GetGroupPolicy',
          'DeleteGroupPolicy',
          'ListGroupPolicies',
          'AttachGroupPolicy',
          'DetachGroupPolicy',
          'ListAttachedGroupPolicies',
        ] as const);
  const inline = { ...name, PolicyName: 'inline' };
  await iam(test, put, { ...inline, PolicyDocument: DOCUMENT });
  await iam(test, attach, { ...name, PolicyArn: Policy.Arn });

  expect(await iam(test, list, name)).toMatchObject({ PolicyNames: ['inline'] });
  const { PolicyDocument } = await iam<{ PolicyDocument: string }>(test, get, inline);
  expect(decodeURIComponent(PolicyDocument)).toBe(DOCUMENT);
  expect(await iam(test, listAttached, name)).toMatchObject({
    AttachedPolicies: [{ PolicyName: 'logs', PolicyArn: Policy.Arn }],
  });
  await expect(iam(test, `Delete${kind}`, name)).rejects.toMatchObject({ code: 'DeleteConflict' });

  await iam(test, remove, inline);
  await iam(test, detach, { ...name, PolicyArn: Policy.Arn });
  await expect(iam(test, get, inline)).rejects.toMatchObject({ code: 'NoSuchEntity' });
  expect(await iam(test, listAttached, name)).toMatchObject({ AttachedPolicies: [] });
  await iam(test, `Delete${kind}`, name);
});
