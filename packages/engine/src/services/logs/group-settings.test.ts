import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const logGroupName = 'orders';
const logs = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('logs', action, input);

const withGroup = async (): Promise<TestEngine> => {
  const test = new TestEngine();
  await logs(test, 'CreateLogGroup', { logGroupName });
  return test;
};
const described = async (test: TestEngine) =>
  (await logs<{ logGroups: object[] }>(test, 'DescribeLogGroups')).logGroups;

it('tags of a group by the older calls are those of the newer ones', async () => {
  const test = await withGroup();
  await logs(test, 'TagLogGroup', { logGroupName, tags: { team: 'blue', stage: 'test' } });
  await logs(test, 'UntagLogGroup', { logGroupName, tags: ['stage', 'nobody'] });
  const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:orders';
  expect(await logs(test, 'ListTagsForResource', { resourceArn })).toEqual({ tags: { team: 'blue' } });
});

it('a group that is protected is deleted only when it no longer is', async () => {
  const test = await withGroup();
  const protect = (deletionProtectionEnabled: boolean) =>
    logs(test, 'PutLogGroupDeletionProtection', { logGroupIdentifier: logGroupName, deletionProtectionEnabled });
  await protect(true);
  await expect(logs(test, 'PutLogGroupDeletionProtection', { logGroupIdentifier: logGroupName })).rejects.toMatchObject(
    { code: 'InvalidParameterException' },
  );
  await expect(logs(test, 'DeleteLogGroup', { logGroupName })).rejects.toMatchObject({ status: 400 });
  await protect(false);
  await logs(test, 'DeleteLogGroup', { logGroupName });
  expect(await described(test)).toEqual([]);
});

it('what had a retention is kept for ever once that is deleted', async () => {
  const test = await withGroup();
  await logs(test, 'PutRetentionPolicy', { logGroupName, retentionInDays: 1 });
  expect(await described(test)).toMatchObject([{ retentionInDays: 1 }]);
  await logs(test, 'DeleteRetentionPolicy', { logGroupName });
  expect((await described(test))[0]).not.toHaveProperty('retentionInDays');
});

it('a query that has ended is not stopped', async () => {
  const test = await withGroup();
  const { queryId } = await logs(test, 'StartQuery', {
    logGroupName,
    queryString: 'fields @message',
    startTime: 0,
    endTime: 1,
  });
  await test.advance(1_000);
  await expect(logs(test, 'StopQuery', { queryId })).rejects.toMatchObject({ code: 'InvalidParameterException' });
});
