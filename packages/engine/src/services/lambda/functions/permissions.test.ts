import { describe, expect, it } from 'vitest';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
const BUCKET = 'arn:aws:s3:::uploads';

const allow = (bench: LambdaBench, more: object = {}) =>
  bench.call<{ Statement: string }>('AddPermission', {
    FunctionName: 'fn',
    StatementId: 's3',
    Action: 'lambda:InvokeFunction',
    Principal: 's3.amazonaws.com',
    SourceArn: BUCKET,
    SourceAccount: '000000000000',
    ...more,
  });

const s3 = { principal: 's3.amazonaws.com', sourceArn: BUCKET, sourceAccount: '000000000000' };

describe('the resource policy of a function', () => {
  it('has the shape that AWS gives it', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    const { Statement } = await allow(bench);
    const { Policy } = await bench.call<{ Policy: string }>('GetPolicy', { FunctionName: 'fn' });

    expect(JSON.parse(Statement)).toEqual({
      Sid: 's3',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: ARN,
      Condition: { StringEquals: { 'AWS:SourceAccount': '000000000000' }, ArnLike: { 'AWS:SourceArn': BUCKET } },
    });
    expect(JSON.parse(Policy)).toEqual({ Version: '2012-10-17', Id: 'default', Statement: [JSON.parse(Statement)] });
  });

  it('lets in through the URL alone whom it names for it', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    const { Statement } = await bench.call<{ Statement: string }>('AddPermission', {
      FunctionName: 'fn',
      StatementId: 'url',
      Action: 'lambda:InvokeFunction',
      Principal: '*',
      InvokedViaFunctionUrl: true,
    });

    expect(JSON.parse(Statement)).toMatchObject({
      Principal: '*',
      Condition: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    });
    expect(bench.service.accepts(ARN, s3)).toBe(false);
  });

  it('decides who may deliver', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    const before = bench.service.deliver(ARN, '{}', s3);
    await allow(bench);

    expect(before).toMatchObject({ ok: false, error: { code: 'AccessDeniedException', status: 403 } });
    expect(bench.service.deliver(ARN, '{}', s3)).toEqual({ ok: true });
    expect(bench.service.accepts(ARN, s3)).toBe(true);
    expect(bench.service.accepts(ARN, { ...s3, sourceArn: 'arn:aws:s3:::other' })).toBe(false);
    expect(bench.service.accepts(ARN, { ...s3, principal: 'sns.amazonaws.com' })).toBe(false);
    expect(bench.service.deliver(ARN, '{}', {})).toEqual({ ok: true });
    expect(bench.service.deliver(`${ARN}-gone`, '{}', {})).toMatchObject({
      error: { code: 'ResourceNotFoundException' },
    });
  });

  it('of an alias is its own', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { Publish: true });
    await bench.call('CreateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' });
    await allow(bench, { Qualifier: 'live' });

    expect(bench.service.accepts(`${ARN}:live`, s3)).toBe(true);
    expect(bench.service.accepts(ARN, s3)).toBe(false);
  });

  it('refuses a statement id twice and forgets removed statements', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    await allow(bench);

    await expect(allow(bench)).rejects.toThrow(
      'The statement id (s3) provided already exists. Please provide a new statement id, or remove the existing statement.',
    );
    await expect(bench.call('RemovePermission', { FunctionName: 'fn', StatementId: 'x' })).rejects.toThrow(
      'Statement x is not found in resource policy.',
    );
    await bench.call('RemovePermission', { FunctionName: 'fn', StatementId: 's3' });
    await expect(bench.call('GetPolicy', { FunctionName: 'fn' })).rejects.toThrow(
      'The resource you requested does not exist.',
    );
    expect(bench.service.accepts(ARN, s3)).toBe(false);
  });
});
