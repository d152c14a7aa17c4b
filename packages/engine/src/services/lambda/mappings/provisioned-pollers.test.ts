import { describe, expect, it } from 'vitest';
import { LambdaBench } from '../lambda-bench.ts';

const mapped = async (
  mapping: object,
  durationMs: number,
): Promise<{ bench: LambdaBench; send: (count: number, bytes?: number) => void; uuid: string }> => {
  const bench = new LambdaBench({ settings: { accountConcurrency: 5_000 } });
  const queue = bench.queues.add('orders', { visibilityTimeoutSeconds: 3_600 });
  await bench.createFunction('fn', () => ({ durationMs }));
  const { UUID } = await bench.call<{ UUID: string }>('CreateEventSourceMapping', {
    EventSourceArn: queue.arn,
    FunctionName: 'fn',
    BatchSize: 1,
    ...mapping,
  });
  await bench.advance(1_000);
  const send = (count: number, bytes = 1): void =>
    bench.queues.send(queue, ...Array.from({ length: count }, () => ({ body: 'x'.repeat(bytes) })));
  return { bench, send, uuid: UUID };
};

describe('a queue mapped with provisioned pollers', () => {
  it('shows them with their defaults, changes them and goes back to ordinary ones', async () => {
    const { bench, uuid } = await mapped({ ProvisionedPollerConfig: { MinimumPollers: 3 } }, 1);
    const config = async (): Promise<unknown> =>
      (await bench.call('GetEventSourceMapping', { UUID: uuid }))['ProvisionedPollerConfig'];
    expect(await config()).toEqual({ MinimumPollers: 3, MaximumPollers: 200 });

    const change = async (ProvisionedPollerConfig: object): Promise<void> => {
      await bench.call('UpdateEventSourceMapping', { UUID: uuid, ProvisionedPollerConfig });
      await bench.advance(1_000);
    };
    await change({ MaximumPollers: 5 });
    expect(await config()).toEqual({ MinimumPollers: 2, MaximumPollers: 5 });
    await change({});
    expect(await config()).toBeUndefined();
  });

  it.each([
    [{ ProvisionedPollerConfig: { MinimumPollers: 201 } }, 'Member must have value less than or equal to 200'],
    [{ ProvisionedPollerConfig: { MaximumPollers: 10_001 } }, 'Member must have value less than or equal to 10000'],
    [{ ProvisionedPollerConfig: { MinimumPollers: 1 } }, 'must be at least 2'],
    [{ ProvisionedPollerConfig: { MinimumPollers: 5, MaximumPollers: 4 } }, 'must not be greater than MaximumPollers'],
    [
      { ProvisionedPollerConfig: { MinimumPollers: 2 }, ScalingConfig: { MaximumConcurrency: 2 } },
      'cannot be used together',
    ],
  ])('refuses %j', async (mapping, text) => {
    await expect(mapped(mapping, 1)).rejects.toThrow(text);
  });

  it('runs ten batches at once for each poller that is always there, then a thousand more per minute', async () => {
    const { bench, send } = await mapped({ ProvisionedPollerConfig: { MinimumPollers: 4, MaximumPollers: 50 } }, 1e9);
    send(2_000);

    await bench.advance(2_000);
    expect(bench.invocations).toHaveLength(40);
    await bench.advance(12_000);
    expect(bench.invocations.length).toBeGreaterThanOrEqual(190);
    expect(bench.invocations.length).toBeLessThanOrEqual(240);
    await bench.advance(60_000);
    expect(bench.invocations).toHaveLength(500);
  });

  it('receives ten times per second and poller', async () => {
    const { bench, send } = await mapped({ ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 2 } }, 1);
    send(1_000);

    await bench.advance(5_000);

    // What two pollers may do at once, and five seconds of it.
    expect(bench.invocations.length).toBeGreaterThanOrEqual(118);
    expect(bench.invocations.length).toBeLessThanOrEqual(121);
    await bench.advance(60_000);
    expect(bench.invocations).toHaveLength(1_000);
  });

  it('receives a megabyte per second and poller', async () => {
    const { bench, send } = await mapped({ ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 2 } }, 1);
    send(50, 250_000);

    await bench.advance(3_000);

    expect(bench.invocations.length).toBeGreaterThanOrEqual(31);
    expect(bench.invocations.length).toBeLessThanOrEqual(34);
    await bench.advance(10_000);
    expect(bench.invocations).toHaveLength(50);
  });
});
