import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const secrets = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('secretsmanager', action, { SecretId: 'db', ...input });

it('versions with a stage are listed, and those without only when they are asked for', async () => {
  const test = new TestEngine();
  await test.call('secretsmanager', 'CreateSecret', { Name: 'db', SecretString: 'one' });
  for (const SecretString of ['two', 'three']) await secrets(test, 'PutSecretValue', { SecretString });
  const stages = async (input: object) =>
    (await secrets<{ Versions: { VersionStages?: string[] }[] }>(test, 'ListSecretVersionIds', input)).Versions.map(
      ({ VersionStages }) => VersionStages?.[0] ?? 'none',
    ).sort();

  expect(await stages({})).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  expect(await stages({ IncludeDeprecated: true })).toEqual(['AWSCURRENT', 'AWSPREVIOUS', 'none']);
  const first = await secrets<{ NextToken: string }>(test, 'ListSecretVersionIds', { MaxResults: 1 });
  expect(await stages({ MaxResults: 1, NextToken: first.NextToken })).toHaveLength(1);
});

it('a resource policy is there from when it is put until it is deleted', async () => {
  const test = new TestEngine();
  const { ARN } = await test.call('secretsmanager', 'CreateSecret', { Name: 'db', SecretString: 'one' });
  expect(await secrets(test, 'GetResourcePolicy')).toEqual({ ARN, Name: 'db' });
  const Principal = { AWS: 'arn:aws:iam::000000000000:root' };
  const ResourcePolicy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' }],
  });
  await secrets(test, 'PutResourcePolicy', { ResourcePolicy });
  expect(await secrets(test, 'GetResourcePolicy')).toEqual({ ARN, Name: 'db', ResourcePolicy });
  await secrets(test, 'DeleteResourcePolicy');
  expect(await secrets(test, 'GetResourcePolicy')).toEqual({ ARN, Name: 'db' });
});
