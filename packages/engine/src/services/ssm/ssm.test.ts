import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

type Answer = { Parameter: { Value: string; Version: number }; Parameters: { Name: string; Value: string }[] } & Record<
  string,
  unknown
>;

const ssm = (test: TestEngine, action: string, input: object = {}) => test.call<Answer>('ssm', action, input);

const put = (test: TestEngine, Name: string, Value: string, rest: object = {}) =>
  ssm(test, 'PutParameter', { Name, Value, Type: 'String', ...rest });

describe('parameters', () => {
  it('a value that would nest another parameter is refused', async () => {
    const test = new TestEngine();
    await expect(put(test, '/page', '<p>{{\nname }}</p>')).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringContaining(`Parameter value can't nest another parameter. Do not use "{{}}" in the value`),
    });
    await put(test, '/json', '{"a":{"b":1}}');
  });

  it('a parameter is not overwritten unless that is asked for; each overwrite is a new version', async () => {
    const test = new TestEngine();
    await put(test, '/app/url', 'one');

    await expect(put(test, '/app/url', 'two')).rejects.toMatchObject({
      code: 'ParameterAlreadyExists',
      message:
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    });
    expect(await put(test, '/app/url', 'two', { Overwrite: true })).toEqual({ Version: 2, Tier: 'Standard' });

    expect((await ssm(test, 'GetParameter', { Name: '/app/url' })).Parameter).toMatchObject({
      Name: '/app/url',
      Value: 'two',
      Version: 2,
      ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/app/url',
      DataType: 'text',
    });
  });

  it('a version or label can be asked for by selector, a parameter also by ARN', async () => {
    const test = new TestEngine();
    await put(test, 'url', 'one');
    await put(test, 'url', 'two', { Overwrite: true });
    const labelled = await ssm(test, 'LabelParameterVersion', {
      Name: 'url',
      ParameterVersion: 1,
      Labels: ['prod', '1st'],
    });

    expect(labelled).toEqual({ InvalidLabels: ['1st'], ParameterVersion: 1 });
    expect((await ssm(test, 'GetParameter', { Name: 'url:1' })).Parameter).toMatchObject({
      Value: 'one',
      Selector: ':1',
    });
    expect((await ssm(test, 'GetParameter', { Name: 'url:prod' })).Parameter.Value).toBe('one');
    const byArn = await ssm(test, 'GetParameter', { Name: 'arn:aws:ssm:us-east-1:000000000000:parameter/url' });
    expect(byArn.Parameter.Value).toBe('two');
    await expect(ssm(test, 'GetParameter', { Name: 'url:7' })).rejects.toMatchObject({
      code: 'ParameterVersionNotFound',
    });
  });

  it('a label moves to the version it is put on', async () => {
    const test = new TestEngine();
    await put(test, 'url', 'one');
    await put(test, 'url', 'two', { Overwrite: true });
    await ssm(test, 'LabelParameterVersion', { Name: 'url', ParameterVersion: 1, Labels: ['prod'] });

    await ssm(test, 'LabelParameterVersion', { Name: 'url', Labels: ['prod'] });
    const { Parameters } = await ssm(test, 'GetParameterHistory', { Name: 'url' });

    expect(Parameters).toMatchObject([
      { Version: 1, Labels: [] },
      { Version: 2, Labels: ['prod'] },
    ]);
  });

  it('a hundred versions are kept; a labelled one is not dropped for a new one', async () => {
    const test = new TestEngine();
    for (let version = 1; version <= 101; version++) {
      await put(test, 'url', `${version}`, version === 1 ? {} : { Overwrite: true });
    }
    await expect(ssm(test, 'GetParameter', { Name: 'url:1' })).rejects.toMatchObject({
      code: 'ParameterVersionNotFound',
    });

    await ssm(test, 'LabelParameterVersion', { Name: 'url', ParameterVersion: 2, Labels: ['keep'] });

    await expect(put(test, 'url', 'more', { Overwrite: true })).rejects.toMatchObject({
      code: 'ParameterMaxVersionLimitExceeded',
    });
  });

  it('GetParameters names what it did not find instead of failing', async () => {
    const test = new TestEngine();
    await put(test, 'a', '1');

    const answer = await ssm(test, 'GetParameters', { Names: ['a', 'b'] });

    expect(answer.Parameters).toMatchObject([{ Name: 'a', Value: '1' }]);
    expect(answer['InvalidParameters']).toEqual(['b']);
    await expect(ssm(test, 'GetParameter', { Name: 'b' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
    await expect(
      ssm(test, 'GetParameters', { Names: Array.from({ length: 11 }, (_, index) => `n${index}`) }),
    ).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('a path gives its own level, or everything below, ten at a time', async () => {
    const test = new TestEngine();
    for (let index = 0; index < 12; index++) await put(test, `/app/p${String(index).padStart(2, '0')}`, 'x');
    await put(test, '/app/db/host', 'x');
    await put(test, '/apple', 'x');

    const first = await ssm(test, 'GetParametersByPath', { Path: '/app' });
    const second = await ssm(test, 'GetParametersByPath', { Path: '/app', NextToken: first['NextToken'] });
    const below = await ssm(test, 'GetParametersByPath', { Path: '/app/', Recursive: true, MaxResults: 1 });

    expect(first.Parameters).toHaveLength(10);
    expect(second.Parameters.map(({ Name }) => Name)).toEqual(['/app/p10', '/app/p11']);
    expect(second['NextToken']).toBeUndefined();
    expect(below.Parameters.map(({ Name }) => Name)).toEqual(['/app/db/host']);
  });

  it('a secure string shows its value only when decryption is asked for', async () => {
    const test = new TestEngine();
    await put(test, 'secret', 'hush', { Type: 'SecureString' });

    const hidden = (await ssm(test, 'GetParameter', { Name: 'secret' })).Parameter.Value;
    const shown = (await ssm(test, 'GetParameter', { Name: 'secret', WithDecryption: true })).Parameter.Value;
    const { Parameters } = await ssm(test, 'DescribeParameters');

    expect(hidden).toMatch(/^AQICAH[\w+/]+$/);
    expect(shown).toBe('hush');
    expect(Parameters).toMatchObject([{ Name: 'secret', KeyId: 'alias/aws/ssm', Type: 'SecureString' }]);
  });

  it('large values need the advanced tier, which intelligent tiering chooses by itself', async () => {
    const test = new TestEngine();
    const large = 'x'.repeat(4_097);

    await expect(put(test, 'a', large)).rejects.toMatchObject({
      message: expect.stringContaining('Standard tier parameters support a maximum parameter value of 4096 characters'),
    });
    expect(await put(test, 'b', large, { Tier: 'Intelligent-Tiering' })).toEqual({ Version: 1, Tier: 'Advanced' });
    await expect(put(test, 'b', 'x', { Tier: 'Standard', Overwrite: true })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('names, types, patterns and policies are checked', async () => {
    const test = new TestEngine();

    await expect(put(test, 'app/url', 'x')).rejects.toMatchObject({
      message: 'Parameter name must be a fully qualified name.',
    });
    await expect(put(test, '/aws/x', 'x')).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: 'No access to reserved parameter name: /aws/x.',
    });
    await expect(ssm(test, 'PutParameter', { Name: 'x', Value: 'x' })).rejects.toMatchObject({
      message: 'A parameter type is required when you create a parameter.',
    });
    await expect(put(test, 'n', 'x', { AllowedPattern: '\\d+' })).rejects.toMatchObject({
      code: 'ParameterPatternMismatchException',
    });
    await expect(put(test, 'p', 'x', { Policies: '[]' })).rejects.toMatchObject({ code: 'NotSupportedByHoldfast' });
  });

  it('filters choose among parameters', async () => {
    const test = new TestEngine();
    await put(test, '/a/x', '1', { Tags: [{ Key: 'team', Value: 'red' }] });
    await put(test, '/a/b/y', '1');
    await put(test, '/c', '1', { Type: 'StringList' });
    const names = async (...ParameterFilters: object[]) =>
      (await ssm(test, 'DescribeParameters', { ParameterFilters })).Parameters.map(({ Name }) => Name);

    expect(await names({ Key: 'Path', Option: 'Recursive', Values: ['/a'] })).toEqual(['/a/b/y', '/a/x']);
    expect(await names({ Key: 'Path', Values: ['/a'] })).toEqual(['/a/x']);
    expect(await names({ Key: 'Type', Values: ['StringList'] })).toEqual(['/c']);
    expect(await names({ Key: 'Name', Option: 'BeginsWith', Values: ['/a/b'] })).toEqual(['/a/b/y']);
    expect(await names({ Key: 'tag:team', Values: ['red'] })).toEqual(['/a/x']);
  });

  it('versions, labels and tags outlive the process; what was deleted stays deleted', async () => {
    const store = new MapStore();
    const before = new TestEngine({ store });
    await put(before, '/a', '1', { Tags: [{ Key: 'k', Value: 'v' }] });
    await put(before, '/a', '2', { Overwrite: true });
    await ssm(before, 'LabelParameterVersion', { Name: '/a', ParameterVersion: 1, Labels: ['old'] });
    await put(before, '/b', '1');
    await ssm(before, 'DeleteParameters', { Names: ['/b', '/nope'] });

    const after = new TestEngine({ store });

    expect((await ssm(after, 'GetParameter', { Name: '/a:old' })).Parameter.Value).toBe('1');
    expect((await ssm(after, 'GetParameter', { Name: '/a' })).Parameter.Version).toBe(2);
    expect(await ssm(after, 'ListTagsForResource', { ResourceType: 'Parameter', ResourceId: '/a' })).toEqual({
      TagList: [{ Key: 'k', Value: 'v' }],
    });
    await expect(ssm(after, 'GetParameter', { Name: '/b' })).rejects.toMatchObject({ code: 'ParameterNotFound' });
  });

  it('of type SecureString need their key', async () => {
    const test = new TestEngine();
    const { KeyMetadata } = await test.call<{ KeyMetadata: { KeyId: string } }>('kms', 'CreateKey');
    const secure = { Name: '/key', Value: 'v', Type: 'SecureString', KeyId: KeyMetadata.KeyId };
    await ssm(test, 'PutParameter', secure);
    await test.call('kms', 'DisableKey', { KeyId: KeyMetadata.KeyId });
    await expect(ssm(test, 'GetParameter', { Name: '/key', WithDecryption: true })).rejects.toMatchObject({
      code: 'InvalidKeyId',
      message: expect.stringContaining('is disabled.'),
    });
    await ssm(test, 'GetParameter', { Name: '/key' });
    await expect(ssm(test, 'PutParameter', { ...secure, Overwrite: true })).rejects.toMatchObject({
      code: 'InvalidKeyId',
    });
  });
});
