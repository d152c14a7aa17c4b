import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const ALLOW = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }],
});
const AWS_MANAGED = 'arn:aws:iam::aws:policy/AmazonSQSFullAccess';
const UserName = 'ann';

const iam = <Output = Record<string, unknown>>(
  test: TestEngine,
  action: string,
  input: object = {},
  context: Partial<RequestContext> = {},
) => test.call<Output>('iam', action, input, context);

const withUser = async (): Promise<TestEngine> => {
  const test = new TestEngine();
  await iam(test, 'CreateUser', { UserName });
  return test;
};

type KeyAnswer = { AccessKey: { AccessKeyId: string; SecretAccessKey: string; Status: string } };

describe('a user', () => {
  it('has an id of its own, and an ARN that follows path and name', async () => {
    const test = await withUser();
    const { User: made } = await iam<{ User: { UserId: string } }>(test, 'GetUser', { UserName });
    expect(made).toEqual({
      Path: '/',
      UserName,
      UserId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/),
      Arn: 'arn:aws:iam::000000000000:user/ann',
      CreateDate: new Date(test.clock.now()),
    });

    await iam(test, 'UpdateUser', { UserName, NewUserName: 'anna', NewPath: '/jobs/' });

    expect(await iam(test, 'GetUser', { UserName: 'ANNA' })).toMatchObject({
      User: { UserId: made.UserId, Arn: 'arn:aws:iam::000000000000:user/jobs/anna' },
    });
    await expect(iam(test, 'GetUser', { UserName })).rejects.toMatchObject({
      code: 'NoSuchEntity',
      message: 'The user with name ann cannot be found.',
    });
    await expect(iam(test, 'CreateUser', { UserName: 'Anna' })).rejects.toMatchObject({
      code: 'EntityAlreadyExists',
      message: 'User with name Anna already exists.',
    });
  });

  it('has tags with keys and values, whose keys differ by more than their case', async () => {
    const test = await withUser();
    const tag = (...Tags: object[]) => iam(test, 'TagUser', { UserName, Tags });
    await expect(tag({ Value: 'a' })).rejects.toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining("Value null at 'tags.1.member.key'"),
    });
    await expect(tag({ Key: 'k'.repeat(129), Value: 'a' })).rejects.toMatchObject({ code: 'ValidationError' });
    await tag({ Key: 'Team', Value: 'a' });
    await tag({ Key: 'team', Value: 'b' }, { Key: 'x', Value: '' });

    expect(await iam(test, 'ListUserTags', { UserName })).toMatchObject({
      Tags: [
        { Key: 'team', Value: 'b' },
        { Key: 'x', Value: '' },
      ],
    });
    await iam(test, 'UntagUser', { UserName, TagKeys: ['TEAM', 'none'] });
    expect(await iam(test, 'GetUser', { UserName })).toMatchObject({ User: { Tags: [{ Key: 'x', Value: '' }] } });
  });

  it('goes only once all that is its own has gone', async () => {
    const test = await withUser();
    await iam(test, 'CreateGroup', { GroupName: 'team' });
    await iam(test, 'AddUserToGroup', { UserName, GroupName: 'team' });
    await iam(test, 'PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument: ALLOW });
    await iam(test, 'AttachUserPolicy', { UserName, PolicyArn: AWS_MANAGED });
    const { AccessKey } = await iam<KeyAnswer>(test, 'CreateAccessKey', { UserName });
    const { AccessKeyId } = AccessKey;
    const conflict = (text: string) =>
      expect(iam(test, 'DeleteUser', { UserName })).rejects.toMatchObject({
        code: 'DeleteConflict',
        message: `Cannot delete entity, must ${text} first.`,
        status: 409,
      });

    await conflict('detach all policies');
    await iam(test, 'DetachUserPolicy', { UserName, PolicyArn: AWS_MANAGED });
    await conflict('delete policies');
    await iam(test, 'DeleteUserPolicy', { UserName, PolicyName: 'own' });
    await conflict('delete access keys');
    await iam(test, 'DeleteAccessKey', { UserName, AccessKeyId });
    await conflict('remove users from group');
    await iam(test, 'RemoveUserFromGroup', { UserName, GroupName: 'team' });
    await iam(test, 'DeleteUser', { UserName });

    expect(await iam(test, 'ListUsers')).toEqual({ Users: [], IsTruncated: false });
  });

  it('has 2,048 characters of inline policies, and ten managed ones', async () => {
    const test = await withUser();
    const PolicyDocument = ALLOW.replace('sqs:*', `sqs:${'x'.repeat(2_000)}`);
    await expect(iam(test, 'PutUserPolicy', { UserName, PolicyName: 'own', PolicyDocument })).rejects.toMatchObject({
      code: 'LimitExceeded',
      message: 'Maximum policy size of 2048 bytes exceeded for user ann',
    });
    for (let n = 0; n < 10; n++) await iam(test, 'AttachUserPolicy', { UserName, PolicyArn: `${AWS_MANAGED}${n}` });

    await expect(iam(test, 'AttachUserPolicy', { UserName, PolicyArn: AWS_MANAGED })).rejects.toMatchObject({
      message: 'Cannot exceed quota for PoliciesPerUser: 10',
    });
    await expect(
      iam(test, 'AttachUserPolicy', { UserName, PolicyArn: 'longpolicynamebutnoarn' }),
    ).rejects.toMatchObject({ code: 'ValidationError', message: 'Invalid ARN:  Could not be parsed!' });
  });

  it('is bounded by a policy that is there, and no longer once that is taken back', async () => {
    const test = await withUser();
    const boundary = { UserName, PermissionsBoundary: 'arn:aws:iam::000000000000:policy/none' };
    await expect(iam(test, 'PutUserPermissionsBoundary', boundary)).rejects.toMatchObject({ code: 'NoSuchEntity' });
    await iam(test, 'PutUserPermissionsBoundary', { UserName, PermissionsBoundary: AWS_MANAGED });
    expect(await iam(test, 'GetUser', { UserName })).toMatchObject({
      User: { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: AWS_MANAGED } },
    });

    await iam(test, 'DeleteUserPermissionsBoundary', { UserName });

    expect(await iam(test, 'GetUser', { UserName })).not.toMatchObject({ User: { PermissionsBoundary: {} } });
  });
});

describe('access keys', () => {
  it('are two at most; the secret is told once', async () => {
    const test = await withUser();
    const { AccessKey } = await iam<KeyAnswer>(test, 'CreateAccessKey', { UserName });
    expect(AccessKey.AccessKeyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
    expect(AccessKey.SecretAccessKey).toHaveLength(40);
    await iam(test, 'CreateAccessKey', { UserName });

    await expect(iam(test, 'CreateAccessKey', { UserName })).rejects.toMatchObject({
      code: 'LimitExceeded',
      message: 'Cannot exceed quota for AccessKeysPerUser: 2',
    });
    const listed = await iam<{ AccessKeyMetadata: object[] }>(test, 'ListAccessKeys', { UserName });
    expect(listed.AccessKeyMetadata).toHaveLength(2);
    expect(JSON.stringify(listed)).not.toContain(AccessKey.SecretAccessKey);
  });

  it('say who calls, as long as they are active, also after a restart', async () => {
    const store = new MapStore();
    const first = new TestEngine({ store });
    await iam(first, 'CreateUser', { UserName, Path: '/jobs/' }, { account: '111111111111' });
    const context = { account: '111111111111' };
    const { AccessKey } = await iam<KeyAnswer>(first, 'CreateAccessKey', { UserName }, context);
    const { AccessKeyId } = AccessKey;
    const test = new TestEngine({ store });
    const callerArn = 'arn:aws:iam::111111111111:user/jobs/ann';

    expect(test.engine.identify(AccessKeyId)).toMatchObject({ account: '111111111111', arn: callerArn });
    const { User } = await iam<{ User: { UserId: string } }>(test, 'GetUser', {}, { ...context, callerArn });
    expect(User).toMatchObject({ UserName });
    expect(await test.call('sts', 'GetCallerIdentity', {}, { ...context, callerArn })).toEqual({
      UserId: User.UserId,
      Account: '111111111111',
      Arn: callerArn,
    });
    await iam(test, 'UpdateAccessKey', { AccessKeyId, Status: 'Inactive' }, { ...context, callerArn });
    expect(test.engine.identify(AccessKeyId)).toBeUndefined();
    await iam(test, 'UpdateAccessKey', { UserName, AccessKeyId, Status: 'Active' }, context);
    expect(test.engine.identify(AccessKeyId)).toMatchObject({ arn: callerArn });
    await iam(test, 'DeleteAccessKey', { UserName, AccessKeyId }, context);
    expect(test.engine.identify(AccessKeyId)).toBeUndefined();
  });

  it('want a user to be named by who is none', async () => {
    const test = await withUser();
    const callerArn = 'arn:aws:sts::000000000000:assumed-role/worker/once';

    for (const action of ['GetUser', 'CreateAccessKey', 'ListAccessKeys']) {
      await expect(iam(test, action, {}, { callerArn })).rejects.toMatchObject({
        code: 'ValidationError',
        message: 'Must specify userName when calling with non-User credentials',
      });
    }
    expect(await iam(test, 'GetUser')).toMatchObject({ User: { Arn: 'arn:aws:iam::000000000000:root' } });
  });
});

describe('a group', () => {
  it('knows who is in it under whatever name, and goes only when it is empty', async () => {
    const test = await withUser();
    await iam(test, 'CreateGroup', { GroupName: 'team' });
    await iam(test, 'AddUserToGroup', { UserName, GroupName: 'TEAM' });
    await iam(test, 'AddUserToGroup', { UserName, GroupName: 'team' });
    await iam(test, 'UpdateGroup', { GroupName: 'team', NewGroupName: 'crew' });

    expect(await iam(test, 'GetGroup', { GroupName: 'crew' })).toMatchObject({
      Group: { Arn: 'arn:aws:iam::000000000000:group/crew', GroupId: expect.stringMatching(/^AGPA/) },
      Users: [{ UserName }],
    });
    expect(await iam(test, 'ListGroupsForUser', { UserName })).toMatchObject({ Groups: [{ GroupName: 'crew' }] });
    await expect(iam(test, 'DeleteGroup', { GroupName: 'crew' })).rejects.toMatchObject({
      message: 'Cannot delete entity, must remove users from group first.',
    });
  });

  it('takes no user who is in ten already', async () => {
    const test = await withUser();
    for (let n = 0; n < 11; n++) await iam(test, 'CreateGroup', { GroupName: `g${n}` });
    for (let n = 0; n < 10; n++) await iam(test, 'AddUserToGroup', { UserName, GroupName: `g${n}` });

    await expect(iam(test, 'AddUserToGroup', { UserName, GroupName: 'g10' })).rejects.toMatchObject({
      code: 'LimitExceeded',
      message: 'Cannot exceed quota for GroupsPerUser: 10',
    });
  });
});

it('a policy names the roles, users and groups that have it, page by page', async () => {
  const test = await withUser();
  await iam(test, 'CreateGroup', { GroupName: 'team' });
  await iam(test, 'AttachUserPolicy', { UserName, PolicyArn: AWS_MANAGED });
  await iam(test, 'AttachGroupPolicy', { GroupName: 'team', PolicyArn: AWS_MANAGED });

  expect(await iam(test, 'ListEntitiesForPolicy', { PolicyArn: AWS_MANAGED })).toMatchObject({
    PolicyGroups: [{ GroupName: 'team' }],
    PolicyUsers: [{ UserName }],
    PolicyRoles: [],
    IsTruncated: false,
  });
  const first = await iam(test, 'ListEntitiesForPolicy', { PolicyArn: AWS_MANAGED, MaxItems: 1 });
  expect(first).toMatchObject({ PolicyGroups: [{ GroupName: 'team' }], PolicyUsers: [], IsTruncated: true });
  expect(await iam(test, 'GetPolicy', { PolicyArn: AWS_MANAGED })).toMatchObject({ Policy: { AttachmentCount: 2 } });
});
