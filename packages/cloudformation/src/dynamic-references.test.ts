import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const parameter = (Value: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } });
const valueIn = async (bench: DeployerBench, LogicalResourceId: string) => {
  const { StackResourceDetail } = await bench.cloudFormation<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'shop', LogicalResourceId },
  );
  const { Parameter } = await bench.call<{ Parameter: { Value: string } }>('ssm', 'GetParameter', {
    Name: StackResourceDetail.PhysicalResourceId,
  });
  return Parameter.Value;
};

it('values of parameters and of members of secrets get into properties', async () => {
  const bench = new DeployerBench();
  await bench.call('ssm', 'PutParameter', { Name: '/stage', Value: 'test', Type: 'String' });
  const secretOf = (key: string) => ({
    'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Login' }, `:SecretString:${key}::}}`]],
  });
  const { StackStatus } = await bench.create('shop', {
    Resources: {
      Login: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          GenerateSecretString: {
            SecretStringTemplate: '{"user":"app"}',
            GenerateStringKey: 'password',
            PasswordLength: 12,
            ExcludePunctuation: true,
          },
        },
      },
      Stage: parameter('is {{resolve:ssm:/stage}} and {{resolve:ssm:/stage:1}}'),
      User: parameter(secretOf('user')),
      Password: parameter(secretOf('password')),
    },
  });
  expect(StackStatus).toBe('CREATE_COMPLETE');
  expect(await valueIn(bench, 'Stage')).toBe('is test and test');
  expect(await valueIn(bench, 'User')).toBe('app');
  expect(await valueIn(bench, 'Password')).toMatch(/^[A-Za-z0-9]{12}$/);
});

it('a value that is not there fails the resource in its own words', async () => {
  const bench = new DeployerBench();
  const reasons = async (value: string) => {
    const { StackId } = await bench.create(`shop${value.length}`, { Resources: { A: parameter(value) } });
    const failed = (await bench.events(StackId as string)).find(({ LogicalResourceId }) => LogicalResourceId === 'A');
    expect(failed).toBeDefined();
    return (await bench.events(StackId as string))
      .filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
      .map(({ ResourceStatusReason }) => ResourceStatusReason);
  };
  await bench.call('secretsmanager', 'CreateSecret', { Name: 'login', SecretString: '{"user":"app"}' });
  expect(await reasons('{{resolve:secretsmanager:nobody}}')).toEqual([
    expect.stringContaining("Secrets Manager can't find the specified secret."),
  ]);
  expect(await reasons('{{resolve:secretsmanager:login:SecretString:word}}')).toEqual([
    'Could not find a value associated with JSONKey in SecretString',
  ]);
});
