import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const AWSServiceName = 'apidestinations.events.amazonaws.com';
const RoleName = 'AWSServiceRoleForAmazonEventBridgeApiDestinations';
const ARN = `arn:aws:iam::000000000000:role/aws-service-role/${AWSServiceName}/${RoleName}`;
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

const iam = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('iam', action, input);

const withRole = async (store = new MapStore()): Promise<TestEngine> => {
  const test = new TestEngine({ store });
  await iam(test, 'CreateServiceLinkedRole', { AWSServiceName });
  return test;
};

describe('a role that is linked to a service', () => {
  it("has the service's name, path, trust and policy", async () => {
    const test = await withRole();

    const { Role } = await iam<{ Role: { AssumeRolePolicyDocument: string } }>(test, 'GetRole', { RoleName });

    expect(Role).toMatchObject({ Arn: ARN, Path: `/aws-service-role/${AWSServiceName}/`, RoleLastUsed: {} });
    expect(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: AWSServiceName }, Action: 'sts:AssumeRole' }],
    });
    const PolicyName = 'AmazonEventBridgeApiDestinationsServiceRolePolicy';
    expect(await iam(test, 'ListAttachedRolePolicies', { RoleName })).toMatchObject({
      AttachedPolicies: [{ PolicyName, PolicyArn: `arn:aws:iam::aws:policy/aws-service-role/${PolicyName}` }],
    });
  });

  it('is there once, unless the service tells several apart by a suffix', async () => {
    const test = await withRole();

    await expect(iam(test, 'CreateServiceLinkedRole', { AWSServiceName })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: `Service role name ${RoleName} has been taken in this account, please try a different suffix.`,
      status: 400,
    });
    await expect(iam(test, 'CreateServiceLinkedRole', { AWSServiceName, CustomSuffix: 'a' })).rejects.toMatchObject({
      message: `Custom suffix is not allowed for ${AWSServiceName}`,
    });
    const scaling = { AWSServiceName: 'autoscaling.amazonaws.com', CustomSuffix: 'a' };
    expect(await iam(test, 'CreateServiceLinkedRole', scaling)).toMatchObject({
      Role: { RoleName: 'AWSServiceRoleForAutoScaling_a' },
    });
    await expect(iam(test, 'CreateServiceLinkedRole', { AWSServiceName: 'x.example.com' })).rejects.toMatchObject({
      code: 'NotSupportedByHoldfast',
    });
  });

  it.each([
    ['DeleteRole', {}],
    ['UpdateAssumeRolePolicy', { PolicyDocument: TRUST }],
    ['UpdateRole', { MaxSessionDuration: 7_200 }],
    ['PutRolePolicy', { PolicyName: 'p', PolicyDocument: TRUST }],
    ['DeleteRolePolicy', { PolicyName: 'p' }],
    ['AttachRolePolicy', { PolicyArn }],
    ['DetachRolePolicy', { PolicyArn }],
    ['PutRolePermissionsBoundary', { PermissionsBoundary: PolicyArn }],
    ['DeleteRolePermissionsBoundary', {}],
  ])('is not changed by %s', async (action, input) => {
    const test = await withRole();

    await expect(iam(test, action, { RoleName, ...input })).rejects.toMatchObject({
      code: 'UnmodifiableEntity',
      message: `Cannot perform the operation on the protected role '${RoleName}' - this role is only modifiable by AWS`,
      status: 400,
    });
  });

  it('takes another description and tags', async () => {
    const test = await withRole();

    await iam(test, 'UpdateRole', { RoleName, Description: 'calls partners' });
    await iam(test, 'TagRole', { RoleName, Tags: [{ Key: 'team', Value: 'a' }] });

    expect(await iam(test, 'GetRole', { RoleName })).toMatchObject({
      Role: { Description: 'calls partners', Tags: [{ Key: 'team', Value: 'a' }] },
    });
  });

  it('is deleted by a task that tells how it went, also after a restart', async () => {
    const store = new MapStore();
    const test = await withRole(store);
    await iam(test, 'CreateRole', { RoleName: 'worker', AssumeRolePolicyDocument: TRUST });

    const { DeletionTaskId } = await iam<{ DeletionTaskId: string }>(test, 'DeleteServiceLinkedRole', { RoleName });

    expect(DeletionTaskId).toMatch(new RegExp(`^task/aws-service-role/${AWSServiceName}/${RoleName}/[0-9a-f-]{36}$`));
    await expect(iam(test, 'GetRole', { RoleName })).rejects.toMatchObject({ code: 'NoSuchEntity' });
    const after = new TestEngine({ store });
    expect(await iam(after, 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId })).toEqual({ Status: 'SUCCEEDED' });
    await expect(
      iam(after, 'GetServiceLinkedRoleDeletionStatus', { DeletionTaskId: `${DeletionTaskId}0` }),
    ).rejects.toMatchObject({ code: 'NoSuchEntity' });
    await expect(iam(after, 'DeleteServiceLinkedRole', { RoleName: 'worker' })).rejects.toMatchObject({
      code: 'NoSuchEntity',
    });
  });

  it('alone has such a path', async () => {
    const Path = '/aws-service-role/lambda.amazonaws.com/';

    await expect(
      iam(new TestEngine(), 'CreateRole', { RoleName: 'mine', Path, AssumeRolePolicyDocument: TRUST }),
    ).rejects.toMatchObject({
      code: 'InvalidInput',
      message: "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
    });
  });
});
