import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const document = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const ARN = 'arn:aws:iam::000000000000:policy';
const RoleName = 'worker';

const iam = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('iam', action, input);

const withRole = async (): Promise<TestEngine> => {
  const test = new TestEngine();
  await iam(test, 'CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST });
  return test;
};

const createPolicy = (test: TestEngine, PolicyName: string, more: object = {}) =>
  iam(test, 'CreatePolicy', { PolicyName, PolicyDocument: document('s3:GetObject'), ...more });

describe('limits', () => {
  it('a role has ten managed policies at most', async () => {
    const test = await withRole();
    for (let index = 0; index < 11; index++) await createPolicy(test, `p${index}`);
    for (let index = 0; index < 10; index++) {
      await iam(test, 'AttachRolePolicy', { RoleName, PolicyArn: `${ARN}/p${index}` });
    }

    await expect(iam(test, 'AttachRolePolicy', { RoleName, PolicyArn: `${ARN}/p10` })).rejects.toMatchObject({
      code: 'LimitExceeded',
      message: 'Cannot exceed quota for PoliciesPerRole: 10',
      status: 409,
    });
    // One that is attached already takes no place.
    await iam(test, 'AttachRolePolicy', { RoleName, PolicyArn: `${ARN}/p3` });
  });

  it('inline policies of a role take 10,240 characters together, blanks not counted', async () => {
    const test = await withRole();
    const long = (letters: number) => document(`s3:${'x'.repeat(letters)}`);
    await iam(test, 'PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument: long(6_000) });

    await expect(
      iam(test, 'PutRolePolicy', { RoleName, PolicyName: 'b', PolicyDocument: long(6_000) }),
    ).rejects.toMatchObject({
      code: 'LimitExceeded',
      message: 'Maximum policy size of 10240 bytes exceeded for role worker',
    });
    // The old one under the same name no longer counts.
    await iam(test, 'PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument: long(9_000) });
    const blanks = document('s3:GetObject')
      .replaceAll(':', `:${' '.repeat(3_000)}`)
      .replaceAll('s3: ', 's3:');
    await expect(
      iam(test, 'PutRolePolicy', { RoleName, PolicyName: 'c', PolicyDocument: blanks.replace(/s3:\s+/, 's3:') }),
    ).resolves.toEqual({});
  });

  it('a policy has 6,144 characters and five versions at most', async () => {
    const test = await withRole();
    await expect(
      createPolicy(test, 'huge', { PolicyDocument: document(`s3:${'x'.repeat(6_144)}`) }),
    ).rejects.toMatchObject({
      message: 'Cannot exceed quota for PolicySize: 6144',
    });
    await createPolicy(test, 'logs');
    const PolicyArn = `${ARN}/logs`;
    const version = () => iam(test, 'CreatePolicyVersion', { PolicyArn, PolicyDocument: document('logs:*') });
    for (let count = 0; count < 4; count++) await version();

    await expect(version()).rejects.toMatchObject({ code: 'LimitExceeded' });
    await expect(iam(test, 'DeletePolicyVersion', { PolicyArn, VersionId: 'v1' })).rejects.toMatchObject({
      code: 'DeleteConflict',
      message: 'Cannot delete the default version of a policy.',
    });
    await iam(test, 'DeletePolicyVersion', { PolicyArn, VersionId: 'v3' });
    // Numbers are not given twice.
    expect(await version()).toMatchObject({ PolicyVersion: { VersionId: 'v6', IsDefaultVersion: false } });
    const { Versions } = await iam<{ Versions: { VersionId: string }[] }>(test, 'ListPolicyVersions', { PolicyArn });
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual(['v6', 'v5', 'v4', 'v2', 'v1']);
    await iam(test, 'SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v6' });
    expect(await iam(test, 'GetPolicy', { PolicyArn })).toMatchObject({ Policy: { DefaultVersionId: 'v6' } });
  });

  it('fifty tags at most, and keys that differ by case alone are one', async () => {
    const test = await withRole();
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
    await iam(test, 'TagRole', { RoleName, Tags: many });

    await expect(iam(test, 'TagRole', { RoleName, Tags: [{ Key: 'more', Value: 'v' }] })).rejects.toMatchObject({
      code: 'LimitExceeded',
      status: 409,
    });
    await iam(test, 'TagRole', { RoleName, Tags: [{ Key: 'K1', Value: 'new' }] });
    await iam(test, 'UntagRole', { RoleName, TagKeys: many.slice(2).map(({ Key }) => Key.toUpperCase()) });
    expect(await iam(test, 'ListRoleTags', { RoleName })).toEqual({
      Tags: [
        { Key: 'K1', Value: 'new' },
        { Key: 'k0', Value: 'v' },
      ],
      IsTruncated: false,
    });
  });
});

describe('lists', () => {
  it('choose by path, and name what has a policy', async () => {
    const test = await withRole();
    await createPolicy(test, 'inner', { Path: '/team/' });
    await createPolicy(test, 'outer');
    await iam(test, 'AttachRolePolicy', { RoleName, PolicyArn: `${ARN}/team/inner` });
    const names = async (action: string, input: object, member: string, field: string) =>
      (await iam<Record<string, Record<string, string>[]>>(test, action, input))[member]?.map((each) => each[field]);

    expect(await names('ListPolicies', { Scope: 'Local', PathPrefix: '/team/' }, 'Policies', 'PolicyName')).toEqual([
      'inner',
    ]);
    expect(await names('ListPolicies', { Scope: 'Local', OnlyAttached: true }, 'Policies', 'PolicyName')).toEqual([
      'inner',
    ]);
    const attached = ['ListAttachedRolePolicies', { RoleName, PathPrefix: '/team/' }, 'AttachedPolicies'] as const;
    expect(await names(...attached, 'PolicyArn')).toEqual([`${ARN}/team/inner`]);
    expect(await names('ListEntitiesForPolicy', { PolicyArn: `${ARN}/team/inner` }, 'PolicyRoles', 'RoleName')).toEqual(
      [RoleName],
    );
    const groups = { PolicyArn: `${ARN}/team/inner`, EntityFilter: 'Group' };
    expect(await names('ListEntitiesForPolicy', groups, 'PolicyRoles', 'RoleName')).toEqual([]);
  });

  it('of inline policies are in order of names and go on where the marker says', async () => {
    const test = await withRole();
    for (const PolicyName of ['c', 'a', 'b']) {
      await iam(test, 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: document('s3:*') });
    }
    type Page = { PolicyNames: string[]; IsTruncated: boolean; Marker?: string };

    const first = await iam<Page>(test, 'ListRolePolicies', { RoleName, MaxItems: 2 });
    const second = await iam<Page>(test, 'ListRolePolicies', { RoleName, Marker: first.Marker });

    expect([first.PolicyNames, second]).toEqual([['a', 'b'], { PolicyNames: ['c'], IsTruncated: false }]);
    await expect(iam(test, 'ListRolePolicies', { RoleName, Marker: 'x' })).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'Invalid Marker: x',
    });
    await expect(iam(test, 'ListRolePolicies', { RoleName, MaxItems: 0 })).rejects.toMatchObject({
      code: 'ValidationError',
    });
  });
});

describe('roles', () => {
  it('change their description, session length and trust in place', async () => {
    const test = await withRole();

    await iam(test, 'UpdateRole', { RoleName, Description: 'works', MaxSessionDuration: 7_200 });
    const other = TRUST.replace('lambda', 'states');
    await iam(test, 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument: other });

    const { Role } = await iam<{ Role: Record<string, unknown> }>(test, 'GetRole', { RoleName });
    expect(Role).toMatchObject({ Description: 'works', MaxSessionDuration: 7_200 });
    expect(decodeURIComponent(Role['AssumeRolePolicyDocument'] as string)).toBe(other);
    await expect(iam(test, 'UpdateRole', { RoleName, MaxSessionDuration: 60 })).rejects.toMatchObject({
      code: 'ValidationError',
    });
  });

  it('give back inline policies URL-encoded, and miss what is not there', async () => {
    const test = await withRole();
    const PolicyDocument = document('s3:*');
    await iam(test, 'PutRolePolicy', { RoleName, PolicyName: 'a b', PolicyDocument }).catch(() => {});
    await iam(test, 'PutRolePolicy', { RoleName, PolicyName: 'a', PolicyDocument });

    expect(await iam(test, 'GetRolePolicy', { RoleName, PolicyName: 'a' })).toMatchObject({
      PolicyDocument: encodeURIComponent(PolicyDocument).replaceAll('*', '%2A'),
    });
    await expect(iam(test, 'GetRolePolicy', { RoleName, PolicyName: 'z' })).rejects.toMatchObject({
      code: 'NoSuchEntity',
      message: 'The role policy with name z cannot be found.',
    });
    await expect(iam(test, 'DetachRolePolicy', { RoleName, PolicyArn: `${ARN}/none` })).rejects.toMatchObject({
      code: 'NoSuchEntity',
      message: `Policy ${ARN}/none was not found.`,
    });
  });
});

it('a new policy is answered without its description, and without tags where it has none', async () => {
  const test = new TestEngine();
  const made = async (PolicyName: string, more: object) => {
    const { Policy } = await iam(test, 'CreatePolicy', {
      PolicyName,
      PolicyDocument: document('s3:GetObject'),
      Description: 'reads',
      ...more,
    });
    const found = await iam(test, 'GetPolicy', { PolicyArn: (Policy as { Arn: string }).Arn });
    return [Policy, found['Policy']] as { Tags?: unknown; Description?: string }[];
  };
  const [plain, plainFound] = await made('plain', {});
  const [tagged] = await made('tagged', { Tags: [{ Key: 'a', Value: '1' }] });

  expect([plain?.Description, plain?.Tags, tagged?.Tags]).toEqual([undefined, undefined, [{ Key: 'a', Value: '1' }]]);
  expect(plainFound).toMatchObject({ Description: 'reads', Tags: [] });
});
