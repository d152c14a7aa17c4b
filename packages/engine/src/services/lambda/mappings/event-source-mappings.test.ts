import { describe, expect, it } from 'vitest';
import { LambdaBench } from '../lambda-bench.ts';

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

const prepared = async (): Promise<{ bench: LambdaBench; arn: string }> => {
  const bench = new LambdaBench();
  await bench.createFunction('fn');
  return { bench, arn: bench.queues.add('orders').arn };
};

const create = (bench: LambdaBench, EventSourceArn: string, more: object = {}) =>
  bench.call<{ UUID: string; State: string }>('CreateEventSourceMapping', {
    EventSourceArn,
    FunctionName: 'fn',
    ...more,
  });

const stateOf = async (bench: LambdaBench, UUID: string): Promise<string> =>
  (await bench.call<{ State: string }>('GetEventSourceMapping', { UUID })).State;

describe('an event source mapping', () => {
  it('answers in the shape that AWS gives to queues', async () => {
    const { bench, arn } = await prepared();

    const mapping = await create(bench, arn);

    expect(mapping).toEqual({
      UUID: mapping.UUID,
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${mapping.UUID}`,
      EventSourceArn: arn,
      FunctionArn: FUNCTION_ARN,
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: 0,
      FunctionResponseTypes: [],
      LastModified: new Date(bench.clock.now()),
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
    });
  });

  it('passes through the states of AWS', async () => {
    const { bench, arn } = await prepared();
    const update = (UUID: string, more: object) =>
      bench.call<{ State: string; BatchSize: number }>('UpdateEventSourceMapping', { UUID, ...more });

    const { UUID } = await create(bench, arn);
    const seen: string[] = [await stateOf(bench, UUID)];
    const settle = async (): Promise<void> => {
      await bench.advance(1_000);
      seen.push(await stateOf(bench, UUID));
    };
    await settle();
    const updated = await update(UUID, { BatchSize: 5 });
    seen.push(updated.State);
    await settle();
    seen.push((await update(UUID, { Enabled: false })).State);
    await settle();
    seen.push((await update(UUID, { Enabled: true })).State);
    await settle();
    seen.push((await bench.call<{ State: string }>('DeleteEventSourceMapping', { UUID })).State);
    await bench.advance(1_000);

    expect(seen).toEqual([
      'Creating',
      'Enabled',
      'Updating',
      'Enabled',
      'Disabling',
      'Disabled',
      'Enabling',
      'Enabled',
      'Deleting',
    ]);
    expect(updated.BatchSize).toBe(10);
    await expect(stateOf(bench, UUID)).rejects.toThrow('The resource you requested does not exist.');
  });

  it('begins disabled when asked to', async () => {
    const { bench, arn } = await prepared();

    expect(await create(bench, arn, { Enabled: false })).toMatchObject({ State: 'Disabled' });
  });

  it('cannot be changed while it passes from one state to another', async () => {
    const { bench, arn } = await prepared();
    const { UUID } = await create(bench, arn);

    await expect(bench.call('UpdateEventSourceMapping', { UUID, BatchSize: 1 })).rejects.toMatchObject({
      code: 'ResourceInUseException',
      status: 400,
    });
    await expect(bench.call('DeleteEventSourceMapping', { UUID })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    });
  });

  it('keeps filters, scaling and response types', async () => {
    const { bench, arn } = await prepared();
    const settings = {
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
      ScalingConfig: { MaximumConcurrency: 2 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    };

    const { UUID } = await create(bench, arn, settings);
    await bench.advance(1_000);
    expect(await bench.call('GetEventSourceMapping', { UUID })).toMatchObject(settings);
    await bench.call('UpdateEventSourceMapping', {
      UUID,
      FilterCriteria: {},
      ScalingConfig: {},
      FunctionResponseTypes: [],
    });
    await bench.advance(1_000);

    const after = await bench.call('GetEventSourceMapping', { UUID });
    expect(after).not.toHaveProperty('FilterCriteria');
    expect(after).not.toHaveProperty('ScalingConfig');
    expect(after['FunctionResponseTypes']).toEqual([]);
  });

  it('exists once per queue and function', async () => {
    const { bench, arn } = await prepared();
    const { UUID } = await create(bench, arn);

    await expect(create(bench, arn)).rejects.toMatchObject({
      code: 'ResourceConflictException',
      status: 409,
      message: `An event source mapping with SQS arn (" ${arn} ") and function (" fn ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
    });
  });

  it.each<[string, object, string]>([
    ['no source', { EventSourceArn: undefined }, 'Unrecognized event source.'],
    ['a missing function', { FunctionName: 'gone' }, 'Function does not exist'],
    [
      'a missing queue',
      { EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:gone' },
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    ],
    [
      'large batches without a window',
      { BatchSize: 11 },
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    ],
    [
      'a failure destination',
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:d' } } },
      'Unsupported DestinationConfig parameter for given event source mapping type.',
    ],
    [
      'a broken filter',
      { FilterCriteria: { Filters: [{ Pattern: '{"body":' }] } },
      'Invalid filter pattern definition.',
    ],
    ['a bare text filter', { FilterCriteria: { Filters: [{ Pattern: 'x' }] } }, 'Invalid filter pattern definition.'],
  ])('is refused with %s', async (_name, input, message) => {
    const { bench, arn } = await prepared();

    await expect(create(bench, arn, input)).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      status: 400,
      message,
    });
  });

  it('is refused when the queue would show messages again before the function can be done', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', undefined, { Timeout: 60 });
    const { arn } = bench.queues.add('orders');

    await expect(create(bench, arn)).rejects.toThrow(
      'Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds',
    );
  });

  it('is refused by name for brokers and for consumers of streams', async () => {
    const { bench } = await prepared();

    await expect(create(bench, 'arn:aws:kafka:us-east-1:000000000000:cluster/c')).rejects.toMatchObject({
      code: 'NotSupportedByHoldfast',
      message: expect.stringContaining('event source mappings from kafka'),
    });
    await expect(create(bench, 'arn:aws:kinesis:us-east-1:000000000000:stream/s/consumer/c:1')).rejects.toThrow(
      'event source mappings from stream consumers',
    );
  });

  it('from a queue takes nothing that is meant for streams', async () => {
    const { bench, arn } = await prepared();

    await expect(create(bench, arn, { MaximumRetryAttempts: 1 })).rejects.toMatchObject({
      code: 'InvalidParameterValueException',
      message: 'Unsupported MaximumRetryAttempts parameter for given event source mapping type.',
    });
  });

  it('is found by queue and by function', async () => {
    const { bench, arn } = await prepared();
    await bench.createFunction('other');
    await create(bench, arn);
    await create(bench, arn, { FunctionName: 'other' });
    const list = async (input: object): Promise<number> =>
      (await bench.call<{ EventSourceMappings: object[] }>('ListEventSourceMappings', input)).EventSourceMappings
        .length;

    expect([await list({}), await list({ EventSourceArn: arn }), await list({ FunctionName: 'other' })]).toEqual([
      2, 2, 1,
    ]);
  });
});
