import { describe, expect, it } from 'vitest';
import { LambdaBench } from '../lambda-bench.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';

const put = 'PutFunctionEventInvokeConfig';

const refusal = (bench: LambdaBench, action: string, input: object): Promise<unknown> =>
  bench.refusal(action, { FunctionName: 'fn', ...input });

const benchWithFunction = async (): Promise<LambdaBench> => {
  const bench = new LambdaBench();
  await bench.createFunction('fn', undefined, { Publish: true });
  return bench;
};

describe('the configuration of asynchronous invocation', () => {
  it('is replaced by PUT and merged by POST', async () => {
    const bench = await benchWithFunction();

    await bench.call(put, { FunctionName: 'fn', MaximumRetryAttempts: 0 });
    const replaced = await bench.call(put, { FunctionName: 'fn', MaximumEventAgeInSeconds: 60 });
    const merged = await bench.call('UpdateFunctionEventInvokeConfig', { FunctionName: 'fn', MaximumRetryAttempts: 1 });

    expect(replaced).toEqual({
      LastModified: new Date(bench.clock.now()),
      FunctionArn: `${ARN}:$LATEST`,
      MaximumEventAgeInSeconds: 60,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    });
    expect(merged).toMatchObject({ MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1 });
  });

  it('belongs to one qualifier', async () => {
    const bench = await benchWithFunction();
    await bench.call(put, { FunctionName: 'fn', MaximumRetryAttempts: 0 });

    expect(await refusal(bench, 'GetFunctionEventInvokeConfig', { Qualifier: '1' })).toEqual([
      404,
      'ResourceNotFoundException',
      `The function ${ARN}:1 doesn't have an EventInvokeConfig`,
    ]);
    await bench.call('DeleteFunctionEventInvokeConfig', { FunctionName: 'fn' });
    expect(await refusal(bench, 'DeleteFunctionEventInvokeConfig', {})).toEqual([
      404,
      'ResourceNotFoundException',
      `The function ${ARN}:$LATEST doesn't have an EventInvokeConfig`,
    ]);
  });

  it('takes an empty destination as none', async () => {
    const bench = await benchWithFunction();

    const config = await bench.call(put, {
      FunctionName: 'fn',
      DestinationConfig: { OnSuccess: { Destination: '' }, OnFailure: { Destination: QUEUE } },
    });

    expect(config['DestinationConfig']).toEqual({ OnSuccess: {}, OnFailure: { Destination: QUEUE } });
  });

  const invalid = (text: unknown) => [400, 'InvalidParameterValueException', text];
  const onFailure = (Destination: string) => ({ DestinationConfig: { OnFailure: { Destination } } });

  it.each<[string, object, unknown]>([
    ['nothing', {}, invalid('You must specify at least one of error handling or destination setting.')],
    ['itself', onFailure(ARN), invalid("You can't specify the function as a destination for itself.")],
    ['a missing function', onFailure(`${ARN}-gone`), invalid(`The destination ARN ${ARN}-gone is invalid.`)],
    ['a missing queue', onFailure(`${QUEUE}-gone`), invalid(`The destination ARN ${QUEUE}-gone is invalid.`)],
    [
      'another service',
      { DestinationConfig: { OnSuccess: { Destination: 'arn:aws:iam::000000000000:role/r' } } },
      invalid(
        'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:iam::000000000000:role/r), onFailure=null) is invalid.',
      ),
    ],
    [
      'a bucket for successes',
      { DestinationConfig: { OnSuccess: { Destination: 'arn:aws:s3:::b' } } },
      invalid(
        'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::b), onFailure=null) is invalid.',
      ),
    ],
    [
      'no ARN',
      onFailure('q'),
      [
        400,
        'ValidationException',
        expect.stringMatching(
          /^1 validation error detected: Value 'q' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must satisfy regular expression pattern: /,
        ),
      ],
    ],
    [
      'three retries',
      { MaximumRetryAttempts: 3 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2",
      ],
    ],
    [
      'an age of 59 s',
      { MaximumEventAgeInSeconds: 59 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
      ],
    ],
    [
      'an age of 21601 s',
      { MaximumEventAgeInSeconds: 21_601 },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value '21601' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value less than or equal to 21600",
      ],
    ],
    [
      'a missing function',
      { FunctionName: 'gone', MaximumRetryAttempts: 0 },
      [404, 'ResourceNotFoundException', "The function doesn't exist."],
    ],
    [
      'a missing alias',
      { Qualifier: 'gone', MaximumRetryAttempts: 0 },
      [404, 'ResourceNotFoundException', "The function doesn't exist."],
    ],
    [
      'two qualifiers',
      { FunctionName: 'fn:1', Qualifier: '2', MaximumRetryAttempts: 0 },
      invalid('The derived qualifier from the function name does not match the specified qualifier.'),
    ],
  ])('is refused with %s', async (_name, input, expected) => {
    const bench = await benchWithFunction();
    bench.missing.add(`${QUEUE}-gone`);

    expect(await refusal(bench, put, input)).toEqual(expected);
  });

  it('is listed for all qualifiers', async () => {
    const bench = await benchWithFunction();
    await bench.call(put, { FunctionName: 'fn', MaximumRetryAttempts: 0 });
    await bench.call(put, { FunctionName: 'fn', Qualifier: '1', MaximumRetryAttempts: 1 });

    const { FunctionEventInvokeConfigs: configs } = await bench.call<{ FunctionEventInvokeConfigs: object[] }>(
      'ListFunctionEventInvokeConfigs',
      { FunctionName: 'fn' },
    );

    expect(configs).toMatchObject([{ FunctionArn: `${ARN}:$LATEST` }, { FunctionArn: `${ARN}:1` }]);
  });
});
