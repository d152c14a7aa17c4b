import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const template = (delaySeconds: number) =>
  JSON.stringify({ Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: delaySeconds } } } });

it('a protected stack is deleted only when it no longer is, and protection is not turned off by saying nothing', async () => {
  const bench = new DeployerBench();
  await bench.create('Shop', template(1));
  const protect = (more: object) => bench.cloudFormation('UpdateTerminationProtection', { StackName: 'Shop', ...more });
  await protect({ EnableTerminationProtection: true });

  await expect(protect({})).rejects.toMatchObject({ code: 'ValidationError' });
  await expect(bench.cloudFormation('DeleteStack', { StackName: 'Shop' })).rejects.toMatchObject({
    code: 'ValidationError',
  });

  await protect({ EnableTerminationProtection: false });
  await bench.cloudFormation('DeleteStack', { StackName: 'Shop' });
});

it('a change set that is deleted cannot be executed, and deleting it again succeeds', async () => {
  const bench = new DeployerBench();
  await bench.create('Shop', template(1));
  const named = { StackName: 'Shop', ChangeSetName: 'slower' };
  await bench.cloudFormation('CreateChangeSet', { ...named, TemplateBody: template(9) });
  expect(await bench.cloudFormation('ListChangeSets', { StackName: 'Shop' })).toMatchObject({
    Summaries: [{ ChangeSetName: 'slower' }],
  });

  await bench.cloudFormation('DeleteChangeSet', named);
  await bench.cloudFormation('DeleteChangeSet', named);

  expect(await bench.cloudFormation('ListChangeSets', { StackName: 'Shop' })).toMatchObject({ Summaries: [] });
  await expect(bench.cloudFormation('ExecuteChangeSet', named)).rejects.toMatchObject({ code: 'ChangeSetNotFound' });
});
