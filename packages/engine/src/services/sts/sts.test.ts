import { describe, expect, it } from 'vitest';
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
