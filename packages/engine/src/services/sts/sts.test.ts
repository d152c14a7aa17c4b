import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

describe('STS', () => {
  it('without a known caller the account speaks for itself', async () => {
    const test = new TestEngine();

    expect(await test.call('sts', 'GetCallerIdentity')).toEqual({
      UserId: '000000000000',
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
    });
  });

  it('a role session is told who it is', async () => {
    const callerArn = 'arn:aws:sts::000000000000:assumed-role/worker/parse';

    const identity = await new TestEngine().call('sts', 'GetCallerIdentity', {}, { callerArn, accessKeyId: 'ASIAX' });

    expect(identity).toEqual({
      UserId: expect.stringMatching(/^AROA[0-9A-F]{17}:parse$/),
      Account: '000000000000',
      Arn: callerArn,
    });
  });

  it('assuming a role gives credentials that end in time', async () => {
    const test = new TestEngine();

    const answer = await test.call<{ Credentials: { AccessKeyId: string; Expiration: Date } }>('sts', 'AssumeRole', {
      RoleArn: 'arn:aws:iam::222222222222:role/jobs/worker',
      RoleSessionName: 'once',
      DurationSeconds: 900,
    });

    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: 'arn:aws:sts::222222222222:assumed-role/worker/once' },
    });
    expect(answer.Credentials.AccessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(answer.Credentials.Expiration.getTime()).toBe(test.clock.now() + 900_000);
  });

  it('what is no role cannot be assumed, and session tokens are refused by name', async () => {
    const test = new TestEngine();

    await expect(
      test.call('sts', 'AssumeRole', { RoleArn: 'arn:aws:iam::222222222222:user/ann', RoleSessionName: 'once' }),
    ).rejects.toMatchObject({ code: 'ValidationError' });
    await expect(test.call('sts', 'GetSessionToken')).rejects.toMatchObject({ code: 'NotSupportedByHoldfast' });
  });
});

describe('a session of a role', () => {
  const RoleArn = 'arn:aws:iam::222222222222:role/jobs/worker';
  type Assumed = { Credentials: { AccessKeyId: string }; AssumedRoleUser: { AssumedRoleId: string; Arn: string } };
  const TRUST = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
  });
  const assume = (test: TestEngine, more: object = {}, context: Partial<RequestContext> = {}) =>
    test.call<Assumed>('sts', 'AssumeRole', { RoleArn, RoleSessionName: 'once', ...more }, context);

  it('calls by its credentials, also after a restart, and has the id that IAM gave the role', async () => {
    const store = new MapStore();
    const first = new TestEngine({ store });
    const { Role } = await first.call<{ Role: { RoleId: string } }>(
      'iam',
      'CreateRole',
      { RoleName: 'worker', Path: '/jobs/', AssumeRolePolicyDocument: TRUST },
      { account: '222222222222' },
    );
    const { Credentials, AssumedRoleUser } = await assume(first);
    const test = new TestEngine({ store });

    expect(AssumedRoleUser.AssumedRoleId).toBe(`${Role.RoleId}:once`);
    const caller = test.engine.identify(Credentials.AccessKeyId);
    expect(caller).toMatchObject({ account: '222222222222', arn: AssumedRoleUser.Arn });
    const context = { account: '222222222222', callerArn: caller?.arn };
    expect(await test.call('sts', 'GetCallerIdentity', {}, context)).toEqual({
      UserId: `${Role.RoleId}:once`,
      Account: '222222222222',
      Arn: AssumedRoleUser.Arn,
    });
  });

  it('is as long as the role allows, and an hour for who is in a role already', async () => {
    const test = new TestEngine();
    const account = '222222222222';
    const role = { RoleName: 'worker', Path: '/jobs/', AssumeRolePolicyDocument: TRUST };
    await test.call('iam', 'CreateRole', role, { account });

    await expect(assume(test, { DurationSeconds: 7_200 })).rejects.toMatchObject({
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    const callerArn = 'arn:aws:sts::222222222222:assumed-role/other/once';
    await expect(assume(test, { DurationSeconds: 7_200 }, { callerArn })).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    });
  });

  it('has tags whose keys differ, and cannot take over those of the session before it', async () => {
    const test = new TestEngine();
    const Tags = [{ Key: 'Team', Value: 'a' }];
    const code = 'InvalidParameterValue';

    await expect(assume(test, { Tags: [...Tags, { Key: 'team', Value: 'b' }] })).rejects.toMatchObject({
      code,
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    });
    await expect(assume(test, { Tags, TransitiveTagKeys: ['Other'] })).rejects.toMatchObject({
      code,
      message: 'The specified transitive tag key must be included in the requested tags.',
    });
    const { Credentials } = await assume(test, { Tags, TransitiveTagKeys: ['Team'] });
    await expect(
      assume(test, { Tags: [{ Key: 'TEAM', Value: 'b' }] }, { accessKeyId: Credentials.AccessKeyId }),
    ).rejects.toMatchObject({ code, message: expect.stringContaining('conflicts with a transitive tag key') });
  });
});
