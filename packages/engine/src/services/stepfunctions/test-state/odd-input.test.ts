import { expect, it } from 'vitest';
import { StatesBench } from '../state-machine-bench.ts';

const PASS = '{"Type":"Pass","End":true}';

it.each([
  ['a definition that is null', { definition: 'null' }, 'InvalidDefinition'],
  ['a definition that is a list', { definition: '[]' }, 'InvalidDefinition'],
  ['a machine whose states are a list', { definition: '{"States":[1]}' }, 'ValidationException'],
  ['a machine whose state is null', { definition: '{"States":{"A":null}}' }, 'InvalidDefinition'],
  ['a named state that is a number', { definition: '{"States":{"A":1}}', stateName: 'A' }, 'InvalidDefinition'],
  [
    'a state that is looked for in branches that are none',
    { definition: '{"States":{"P":{"Branches":[null,1]},"Q":{"Branches":{}}}}', stateName: 'A' },
    'ValidationException',
  ],
  ['an input that is no JSON', { definition: PASS, input: '[1' }, 'InvalidExecutionInput'],
  ['variables that are no JSON', { definition: PASS, variables: 'x' }, 'ValidationException'],
  ['variables that are a list', { definition: PASS, variables: '[]' }, 'ValidationException'],
])('TestState refuses %s', async (_case, input, code) => {
  const roleArn = 'arn:aws:iam::000000000000:role/x';

  await expect(new StatesBench().call('states', 'TestState', { roleArn, ...input })).rejects.toMatchObject({ code });
});
