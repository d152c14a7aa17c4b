import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const roleArn = 'arn:aws:iam::000000000000:role/states';
const machineOf = (result: string) =>
  JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Result: result, End: true } } });

const states = <Output = Record<string, string>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('states', action, input);

const withMachine = async (): Promise<[TestEngine, string]> => {
  const test = new TestEngine();
  const input = { name: 'orders', definition: machineOf('one'), roleArn };
  const { stateMachineArn = '' } = await states(test, 'CreateStateMachine', input);
  return [test, stateMachineArn];
};

it('machines and activities are listed until they are deleted', async () => {
  const [test, stateMachineArn] = await withMachine();
  const { activityArn } = await states(test, 'CreateActivity', { name: 'pack' });
  expect(await states(test, 'ListStateMachines')).toMatchObject({
    stateMachines: [{ name: 'orders', stateMachineArn }],
  });
  expect(await states(test, 'ListActivities')).toMatchObject({ activities: [{ name: 'pack', activityArn }] });
  expect(await states(test, 'DescribeActivity', { activityArn })).toMatchObject({ name: 'pack' });

  await states(test, 'DeleteStateMachine', { stateMachineArn });
  await states(test, 'DeleteActivity', { activityArn });
  await test.advance(60_000);

  expect(await states(test, 'ListStateMachines')).toMatchObject({ stateMachines: [] });
  expect(await states(test, 'ListActivities')).toMatchObject({ activities: [] });
  await expect(states(test, 'DescribeActivity', { activityArn })).rejects.toMatchObject({
    code: 'ActivityDoesNotExist',
  });
});

it('a version stays what was published, an alias leads where it was last told, and an execution knows its machine', async () => {
  const [test, stateMachineArn] = await withMachine();
  const publish = async (): Promise<string> =>
    (await states(test, 'PublishStateMachineVersion', { stateMachineArn }))['stateMachineVersionArn'] as string;
  const first = await publish();
  await states(test, 'UpdateStateMachine', { stateMachineArn, definition: machineOf('two') });
  const second = await publish();
  const { stateMachineAliasArn } = await states(test, 'CreateStateMachineAlias', {
    name: 'live',
    routingConfiguration: [{ stateMachineVersionArn: first, weight: 100 }],
  });
  const run = async (): Promise<unknown> => {
    const { executionArn } = await states(test, 'StartExecution', { stateMachineArn: stateMachineAliasArn });
    await test.advance(1_000);
    const { definition = '' } = await states(test, 'DescribeStateMachineForExecution', { executionArn });
    const { output = '' } = await states(test, 'DescribeExecution', { executionArn });
    return [JSON.parse(output), JSON.parse(definition).States.A.Result];
  };
  expect(await run()).toEqual(['one', 'one']);

  await states(test, 'UpdateStateMachineAlias', {
    stateMachineAliasArn,
    routingConfiguration: [{ stateMachineVersionArn: second, weight: 100 }],
  });
  expect(await run()).toEqual(['two', 'two']);
  expect(await states(test, 'DescribeStateMachineAlias', { stateMachineAliasArn })).toMatchObject({
    name: 'live',
    routingConfiguration: [{ stateMachineVersionArn: second, weight: 100 }],
  });
  expect(await states(test, 'ListStateMachineVersions', { stateMachineArn })).toMatchObject({
    stateMachineVersions: [{ stateMachineVersionArn: second }, { stateMachineVersionArn: first }],
  });
  expect(await states(test, 'ListStateMachineAliases', { stateMachineArn })).toMatchObject({
    stateMachineAliases: [{ stateMachineAliasArn }],
  });

  const used = states(test, 'DeleteStateMachineVersion', { stateMachineVersionArn: second });
  await expect(used).rejects.toMatchObject({ code: 'ConflictException' });
  await states(test, 'DeleteStateMachineAlias', { stateMachineAliasArn });
  await states(test, 'DeleteStateMachineVersion', { stateMachineVersionArn: second });
  expect(await states(test, 'ListStateMachineVersions', { stateMachineArn })).toMatchObject({
    stateMachineVersions: [{ stateMachineVersionArn: first }],
  });
});

it('a definition is judged without a machine being made', async () => {
  const test = new TestEngine();
  expect(await states(test, 'ValidateStateMachineDefinition', { definition: machineOf('one') })).toMatchObject({
    result: 'OK',
    diagnostics: [],
  });
  expect(
    await states(test, 'ValidateStateMachineDefinition', { definition: '{"StartAt":"B","States":{}}' }),
  ).toMatchObject({
    result: 'FAIL',
  });
  expect(await states(test, 'ListStateMachines')).toMatchObject({ stateMachines: [] });
});
