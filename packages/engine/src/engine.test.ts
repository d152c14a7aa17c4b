import { describe, expect, it } from 'vitest';
import { TestEngine } from './test-engine.ts';

const PolicyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});

describe('an engine', () => {
  it('says once of what is kept without effect that it has none', async () => {
    const notes: string[] = [];
    const test = new TestEngine({ note: (text) => notes.push(text) });

    for (const PolicyName of ['a', 'b']) await test.call('iam', 'CreatePolicy', { PolicyName, PolicyDocument });
    await test.call('iam', 'ListPolicies');

    expect(notes).toEqual([expect.stringContaining('IAM policies are kept, not enforced')]);
  });

  it('names in what is kept without effect only actions that there are', () => {
    const { engine } = new TestEngine();
    for (const { id, storedOnly = {} } of engine.descriptors) {
      expect(engine.actionsOf(id)).toEqual(expect.arrayContaining(Object.keys(storedOnly)));
    }
  });
});
