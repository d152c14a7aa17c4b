import { describe, expect, it } from 'vitest';
import type { Store } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const ALLOW_LOGS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }],
});
const AWS_MANAGED = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

const iam = (test: TestEngine, action: string, input: object = {}) => test.call('iam', action, input);

const withRole = async (store?: Store): Promise<TestEngine> => {
  const test = new TestEngine(store === undefined ? {} : { store });
  await iam(test, 'CreateRole', { RoleName: 'worker', AssumeRolePolicyDocument: TRUST, Path: '/jobs/' });
  return test;
};

describe('roles', () => {
  it('a role has an ARN without region, and its trust policy comes back URL-encoded', async () => {
    const test = await withRole();

    const { Role } = (await iam(test, 'GetRole', { RoleName: 'worker' })) as { Role: Record<string, string> };

    expect(Role).toMatchObject({
      RoleName: 'worker',
      Path: '/jobs/',
      Arn: 'arn:aws:iam::000000000000:role/jobs/worker',
      MaxSessionDuration: 3600,
    });
    expect(Role['RoleId']).toMatch(/^AROA[A-Z0-9]{17}$/);
    expect(Role['AssumeRolePolicyDocument']).not.toContain('{');
    expect(decodeURIComponent(Role['AssumeRolePolicyDocument'] as string)).toBe(TRUST);
  });

  it('names differ by more than their case', async () => {
    const test = await withRole();

    await expect(
      iam(test, 'CreateRole', { RoleName: 'Worker', AssumeRolePolicyDocument: TRUST }),
    ).rejects.toMatchObject({
      code: 'EntityAlreadyExists',
      message: 'Role with name Worker already exists.',
      status: 409,
    });
  });

  it('a role that is not there is named in the refusal', async () => {
    const test = await withRole();

    await expect(iam(test, 'GetRole', { RoleName: 'nobody' })).rejects.toMatchObject({
      code: 'NoSuchEntity',
      message: 'The role with name nobody cannot be found.',
      status: 404,
    });
  });

  it('accounts do not see each other', async () => {
    const test = await withRole();

    const other = test.call('iam', 'GetRole', { RoleName: 'worker' }, { account: '111111111111' });

    await expect(other).rejects.toMatchObject({ code: 'NoSuchEntity' });
  });

  it('a role can only be deleted once its policies are gone', async () => {
    const test = await withRole();
    await iam(test, 'AttachRolePolicy', { RoleName: 'worker', PolicyArn: AWS_MANAGED });
    await iam(test, 'PutRolePolicy', { RoleName: 'worker', PolicyName: 'logs', PolicyDocument: ALLOW_LOGS });

    await expect(iam(test, 'DeleteRole', { RoleName: 'worker' })).rejects.toMatchObject({
      code: 'DeleteConflict',
      message: 'Cannot delete entity, must detach all policies first.',
    });
    await iam(test, 'DetachRolePolicy', { RoleName: 'worker', PolicyArn: AWS_MANAGED });
    await expect(iam(test, 'DeleteRole', { RoleName: 'worker' })).rejects.toMatchObject({
      message: 'Cannot delete entity, must delete policies first.',
    });
    await iam(test, 'DeleteRolePolicy', { RoleName: 'worker', PolicyName: 'logs' });
    await iam(test, 'DeleteRole', { RoleName: 'worker' });

    expect(await iam(test, 'ListRoles')).toEqual({ Roles: [], IsTruncated: false });
  });

  it('a document that is no policy is refused', async () => {
    const test = await withRole();
    const put = (PolicyDocument: string) =>
      iam(test, 'PutRolePolicy', { RoleName: 'worker', PolicyName: 'p', PolicyDocument });

    await expect(put('{')).rejects.toMatchObject({
      code: 'MalformedPolicyDocument',
      message: 'Syntax errors in policy.',
    });
    await expect(put('{"Statement":[{"Effect":"Allow","Action":"a:b"}]}')).rejects.toMatchObject({
      message: 'Policy statement must contain resources.',
    });
  });

  it('lists go on where the marker says', async () => {
    const test = await withRole();
    for (const RoleName of ['alpha', 'zeta']) {
      await iam(test, 'CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST });
    }

    const first = (await iam(test, 'ListRoles', { MaxItems: 2 })) as { Roles: { RoleName: string }[]; Marker: string };
    const second = (await iam(test, 'ListRoles', { Marker: first.Marker })) as typeof first;

    expect(first.Roles.map((role) => role.RoleName)).toEqual(['alpha', 'worker']);
    expect(second.Roles.map((role) => role.RoleName)).toEqual(['zeta']);
  });
});

describe('managed policies', () => {
  it('an attached policy cannot be deleted, and counts its attachments', async () => {
    const test = await withRole();
    const { Policy } = (await iam(test, 'CreatePolicy', { PolicyName: 'logs', PolicyDocument: ALLOW_LOGS })) as {
      Policy: { Arn: string };
    };
    await iam(test, 'AttachRolePolicy', { RoleName: 'worker', PolicyArn: Policy.Arn });

    const counted = await iam(test, 'GetPolicy', { PolicyArn: Policy.Arn });

    expect(counted).toMatchObject({ Policy: { AttachmentCount: 1, DefaultVersionId: 'v1' } });
    await expect(iam(test, 'DeletePolicy', { PolicyArn: Policy.Arn })).rejects.toMatchObject({
      code: 'DeleteConflict',
      message: 'Cannot delete a policy attached to entities.',
    });
  });

  it('a new version can become the default, and the old one can then go', async () => {
    const test = await withRole();
    const PolicyArn = 'arn:aws:iam::000000000000:policy/logs';
    await iam(test, 'CreatePolicy', { PolicyName: 'logs', PolicyDocument: ALLOW_LOGS });

    await iam(test, 'CreatePolicyVersion', { PolicyArn, PolicyDocument: ALLOW_LOGS, SetAsDefault: true });
    await iam(test, 'DeletePolicyVersion', { PolicyArn, VersionId: 'v1' });
    const { PolicyVersion } = (await iam(test, 'GetPolicyVersion', { PolicyArn, VersionId: 'v2' })) as {
      PolicyVersion: { Document: string; IsDefaultVersion: boolean };
    };

    expect(decodeURIComponent(PolicyVersion.Document)).toBe(ALLOW_LOGS);
    expect(PolicyVersion.IsDefaultVersion).toBe(true);
  });

  it('a policy that does not exist cannot be attached, one of AWS can', async () => {
    const test = await withRole();

    await iam(test, 'AttachRolePolicy', { RoleName: 'worker', PolicyArn: AWS_MANAGED });
    const missing = iam(test, 'AttachRolePolicy', {
      RoleName: 'worker',
      PolicyArn: 'arn:aws:iam::000000000000:policy/none',
    });

    await expect(missing).rejects.toMatchObject({
      message: 'Policy arn:aws:iam::000000000000:policy/none does not exist or is not attachable.',
    });
    expect(await iam(test, 'ListAttachedRolePolicies', { RoleName: 'worker' })).toEqual({
      AttachedPolicies: [{ PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: AWS_MANAGED }],
      IsTruncated: false,
    });
  });

  it('roles and policies outlive the process', async () => {
    const store = new MapStore();
    const before = await withRole(store);
    await iam(before, 'CreatePolicy', { PolicyName: 'logs', PolicyDocument: ALLOW_LOGS });
    const PolicyArn = 'arn:aws:iam::000000000000:policy/logs';
    await iam(before, 'AttachRolePolicy', { RoleName: 'worker', PolicyArn });

    const after = new TestEngine({ store });

    expect(await iam(after, 'GetRole', { RoleName: 'worker' })).toEqual(
      await iam(before, 'GetRole', { RoleName: 'worker' }),
    );
    expect(await iam(after, 'GetPolicy', { PolicyArn })).toMatchObject({ Policy: { AttachmentCount: 1 } });
  });
});
