import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

type Page = { Parameters: { Name: string; Value: string; Version: number }[]; NextToken?: string };

const ssm = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('ssm', action, input);

const put = (test: TestEngine, Name: string, Value = 'x', rest: object = {}) =>
  ssm(test, 'PutParameter', { Name, Value, Type: 'String', ...rest });

/** All pages of a list. */
const pages = async (test: TestEngine, action: string, input: object): Promise<Page['Parameters'][]> => {
  const found: Page['Parameters'][] = [];
  let NextToken: string | undefined;
  do {
    const page: Page = await ssm(test, action, { ...input, ...(NextToken === undefined ? {} : { NextToken }) });
    found.push(page.Parameters);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
};

describe('pages', () => {
  it('of a history go from the oldest version to the newest', async () => {
    const test = new TestEngine();
    for (let version = 1; version <= 5; version++) await put(test, 'a', `v${version}`, { Overwrite: true });

    const history = await pages(test, 'GetParameterHistory', { Name: 'a', MaxResults: 2 });

    expect(history.map((page) => page.map(({ Value }) => Value))).toEqual([['v1', 'v2'], ['v3', 'v4'], ['v5']]);
  });

  it('of descriptions have no values, and none is given twice though others come and go', async () => {
    const test = new TestEngine();
    for (const name of ['/a', '/b', '/c', '/d']) await put(test, name);

    const first = await ssm<Page>(test, 'DescribeParameters', { MaxResults: 2 });
    await ssm(test, 'DeleteParameter', { Name: '/b' });
    await put(test, '/bb');
    const second = await ssm<Page>(test, 'DescribeParameters', { MaxResults: 50, NextToken: first.NextToken });

    expect(first.Parameters.map(({ Name }) => Name)).toEqual(['/a', '/b']);
    expect(second.Parameters.map(({ Name }) => Name)).toEqual(['/bb', '/c', '/d']);
    expect(first.Parameters[0]).not.toHaveProperty('Value');
  });

  it('below a path are filled although many on the way do not fit', async () => {
    const test = new TestEngine();
    for (let index = 0; index < 30; index++) {
      await put(test, `/app/p${String(index).padStart(2, '0')}`, 'x', index % 5 === 0 ? { Type: 'StringList' } : {});
    }
    const ParameterFilters = [{ Key: 'Type', Values: ['StringList'] }];

    const found = await pages(test, 'GetParametersByPath', { Path: '/app', MaxResults: 4, ParameterFilters });

    expect(found.map((page) => page.length)).toEqual([4, 2]);
  });

  it.each([
    ['DescribeParameters', { MaxResults: 51 }],
    ['GetParametersByPath', { Path: '/a', MaxResults: 11 }],
    ['GetParameterHistory', { Name: 'a', MaxResults: 0 }],
  ])('of %s are bounded', async (action, input) => {
    await expect(ssm(new TestEngine(), action, input)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('events', () => {
  it('tell EventBridge of every change, with what it is of', async () => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'heard' });
    await test.call('events', 'PutRule', { Name: 'all', EventPattern: JSON.stringify({ source: ['aws.ssm'] }) });
    const Arn = 'arn:aws:sqs:us-east-1:000000000000:heard';
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: Arn },
      ],
    });
    await test.call('sqs', 'SetQueueAttributes', { QueueUrl: 'heard', Attributes: { Policy } });
    await test.call('events', 'PutTargets', { Rule: 'all', Targets: [{ Id: 'q', Arn }] });

    await put(test, '/app/url', 'one', { Description: 'where' });
    await put(test, '/app/url', 'two', { Overwrite: true });
    await ssm(test, 'LabelParameterVersion', { Name: '/app/url', Labels: ['live'] });
    await ssm(test, 'DeleteParameters', { Names: ['/app/url', '/none'] });

    const { Messages } = await test.call<{ Messages: { Body: string }[] }>('sqs', 'ReceiveMessage', {
      QueueUrl: 'heard',
      MaxNumberOfMessages: 10,
    });
    const events = Messages.map(
      ({ Body }) => JSON.parse(Body) as { detail: { operation: string }; resources: string[] },
    );
    expect(events.map(({ detail }) => detail.operation)).toEqual([
      'Create',
      'Update',
      'LabelParameterVersion',
      'Delete',
    ]);
    expect(events[0]).toMatchObject({
      'detail-type': 'Parameter Store Change',
      resources: ['arn:aws:ssm:us-east-1:000000000000:parameter/app/url'],
      detail: { name: '/app/url', type: 'String', description: 'where' },
    });
  });
});

describe('labels and tags', () => {
  it('a label is taken off the version that it is on, and off no other', async () => {
    const test = new TestEngine();
    await put(test, 'a');
    await put(test, 'a', 'y', { Overwrite: true });
    await ssm(test, 'LabelParameterVersion', { Name: 'a', ParameterVersion: 1, Labels: ['old'] });

    const wrong = { Name: 'a', ParameterVersion: 2, Labels: ['old'] };
    expect(await ssm(test, 'UnlabelParameterVersion', wrong)).toEqual({ RemovedLabels: [], InvalidLabels: ['old'] });
    const right = { ...wrong, ParameterVersion: 1 };
    expect(await ssm(test, 'UnlabelParameterVersion', right)).toEqual({ RemovedLabels: ['old'], InvalidLabels: [] });
    await expect(ssm(test, 'GetParameter', { Name: 'a:old' })).rejects.toMatchObject({
      code: 'ParameterVersionNotFound',
    });
  });

  it('fifty tags at most; a tag that is there gets the new value', async () => {
    const test = new TestEngine();
    await put(test, 'a');
    const resource = { ResourceType: 'Parameter', ResourceId: 'a' };
    const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
    await ssm(test, 'AddTagsToResource', { ...resource, Tags });

    await ssm(test, 'AddTagsToResource', { ...resource, Tags: [{ Key: 'k0', Value: 'new' }] });
    await expect(
      ssm(test, 'AddTagsToResource', { ...resource, Tags: [{ Key: 'more', Value: 'v' }] }),
    ).rejects.toMatchObject({ code: 'TooManyTagsError' });
    await ssm(test, 'RemoveTagsFromResource', { ...resource, TagKeys: Tags.slice(1).map(({ Key }) => Key) });
    expect(await ssm(test, 'ListTagsForResource', resource)).toEqual({ TagList: [{ Key: 'k0', Value: 'new' }] });
    await expect(ssm(test, 'ListTagsForResource', { ...resource, ResourceId: 'none' })).rejects.toMatchObject({
      code: 'InvalidResourceId',
    });
    await expect(ssm(test, 'ListTagsForResource', { ...resource, ResourceType: 'Document' })).rejects.toMatchObject({
      code: 'NotSupportedByHoldfast',
    });
  });
});
