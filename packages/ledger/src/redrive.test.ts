import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MARK } from './delivery.ts';
import { Crash, FakeWorld, optionsOf, QUEUE_ARN, SOURCE_ARN } from './fake-world.ts';
import { redrive } from './redrive.ts';
import { byPath } from './selection.ts';

const BEHIND = 'behind ten messages of its group that stay: a FIFO queue shows no later one';

const SIGNAL = new AbortController().signal;

const worldOf = (count: number): FakeWorld => {
  const world = new FakeWorld();
  for (let index = 0; index < count; index += 1) world.add(`m${index}`);
  return world;
};

describe('a redrive', () => {
  it('moves everything to where it came from, marked, and leaves nothing behind', async () => {
    const world = worldOf(25);

    const result = await redrive(optionsOf(), world.ports, SIGNAL);

    expect(result).toMatchObject({ moved: 25, skipped: 0, failed: 0, cameBack: 0, state: 'completed' });
    expect(world.kept.size).toBe(0);
    expect(world.delivered).toHaveLength(25);
    expect(world.delivered[0]).toMatchObject({
      kind: 'queue',
      arn: SOURCE_ARN,
      attributes: { [MARK]: { StringValue: 'job-1' } },
    });
  });

  it('keeps the rate: 10,000 at 500 per second take twenty seconds', async () => {
    const world = worldOf(10_000);
    const begun = world.now;

    const { moved } = await redrive(optionsOf({ perSecond: 500 }), world.ports, SIGNAL);

    expect(moved / ((world.now - begun) / 1_000)).toBeGreaterThan(475);
    expect(moved / ((world.now - begun) / 1_000)).toBeLessThan(525);
  }, 120_000);

  it('leaves what is not selected, visible again', async () => {
    const world = worldOf(12);

    const result = await redrive(optionsOf({ selection: byPath('order=m3') }), world.ports, SIGNAL);

    expect(result).toMatchObject({ moved: 1, skipped: 11, reasons: { 'not selected': 11 } });
    expect([...world.kept.values()].every(({ visibleAt }) => visibleAt <= world.now)).toBe(true);
  });

  it.each([
    [4, { moved: 26, skipped: 4, reasons: { 'not selected': 4 } }],
    [12, { moved: 0, skipped: 30, reasons: { 'not selected': 10, [BEHIND]: 20 } }],
  ])('reaches what is behind %i of its FIFO group that stay, or says that it cannot', async (staying, expected) => {
    const world = new FakeWorld();
    for (let index = 0; index < 30; index += 1) {
      world.add(`m${index}`, { Attributes: { MessageGroupId: 'g' }, Body: `{"late":${index >= staying}}` });
    }
    const { ports, kept } = world;
    const isVisible = ({ visibleAt }: { readonly visibleAt: number }): boolean => visibleAt <= world.now;
    const queue = {
      ...ports.queue,
      arn: `${QUEUE_ARN}.fifo`,
      receive: async (seconds: number) => ([...kept.values()].every(isVisible) ? ports.queue.receive(seconds) : []),
      countVisible: async () => [...kept.values()].filter(isVisible).length,
    };

    const options = optionsOf({ selection: byPath('late=true'), to: `${SOURCE_ARN}.fifo` });
    expect(await redrive(options, { ...ports, queue }, SIGNAL)).toMatchObject(expected);
    expect([...kept.values()].every(isVisible)).toBe(true);
  });

  it('stops after the canary when one comes back, and leaves the rest', async () => {
    const world = worldOf(40);
    const { ports } = world;
    const wait = ports.time.wait;
    let isBack = false;
    const time = {
      ...ports.time,
      wait: async (ms: number, signal: AbortSignal) => {
        if (world.delivered.length === 3 && !isBack) world.add('sent-0', { MessageAttributes: {} });
        isBack ||= world.delivered.length === 3;
        await wait(ms, signal);
      },
    };

    const result = await redrive(optionsOf({ canary: 3, watchMs: 60_000 }), { ...ports, time }, SIGNAL);

    expect(result).toMatchObject({ moved: 3, cameBack: 1, state: 'stopped' });
    expect(result.because).toBe('1 of 3 redriven messages came back');
    expect(world.kept.size).toBe(38);
  });

  it('knows an asynchronous invocation that failed again by its request', async () => {
    const world = new FakeWorld();
    const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:parser';
    const record = (requestId: string): string =>
      JSON.stringify({
        requestContext: { requestId, functionArn: `${functionArn}:$LATEST` },
        requestPayload: { n: 1 },
      });
    world.add('m0', { Body: record('first'), Attributes: {} });
    world.respond = () => {
      world.add('again', { Body: record('second'), Attributes: {} });
      return { taken: true, proof: 'second' };
    };

    const result = await redrive(optionsOf(), world.ports, SIGNAL);

    expect(world.delivered).toMatchObject([{ kind: 'function', arn: functionArn, body: '{"n":1}' }]);
    expect(result).toMatchObject({ moved: 1, cameBack: 1 });
    expect([...world.kept.keys()]).toEqual(['again']);
  });

  it('stops when the target takes nothing', async () => {
    const world = worldOf(100);
    world.respond = () => ({ taken: false, outcome: 'refused', error: 'QueueDoesNotExist: gone' });

    const result = await redrive(optionsOf({ concurrency: 1 }), world.ports, SIGNAL);

    expect(result).toMatchObject({ moved: 0, failed: 10, state: 'stopped' });
    expect(world.kept.size).toBe(100);
  });

  it('slows down when it is throttled', async () => {
    const world = worldOf(1);
    let tries = 0;
    world.respond = () => {
      tries += 1;
      return tries < 3 ? { taken: false, outcome: 'slow down', error: 'throttled' } : { taken: true, proof: 'p' };
    };

    expect(await redrive(optionsOf(), world.ports, SIGNAL)).toMatchObject({ moved: 1, failed: 0 });
    expect(tries).toBe(3);
  });

  it('names what it cannot know to have arrived, and names it again when it sends it again', async () => {
    const world = worldOf(1);
    world.respond = () => ({ taken: false, outcome: 'unclear', error: 'socket hang up' });
    expect(await redrive(optionsOf(), world.ports, SIGNAL)).toMatchObject({ failed: 1, possibleDuplicates: ['m0'] });

    world.respond = () => ({ taken: true, proof: 'p' });
    expect(await redrive(optionsOf(), world.ports, SIGNAL)).toMatchObject({ moved: 1, possibleDuplicates: ['m0'] });
  });

  it('pauses when it is asked to, and gives everything back that it holds', async () => {
    const world = worldOf(30);
    const controller = new AbortController();
    world.respond = () => {
      if (world.delivered.length === 4) controller.abort();
      return { taken: true, proof: `sent-${world.delivered.length}` };
    };

    const result = await redrive(optionsOf({ concurrency: 1 }), world.ports, controller.signal);

    expect(result).toMatchObject({ moved: 5, state: 'paused' });
    expect(world.kept.size).toBe(25);
    expect([...world.kept.values()].every(({ visibleAt }) => visibleAt <= world.now)).toBe(true);
  });

  it('loses nothing whenever it dies, and names every duplicate', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(
          fc.integer({ min: 2, max: 240 }).map((halves) => halves / 2),
          { minLength: 1, maxLength: 4 },
        ),
        async (count, concurrency, crashes) => {
          const world = worldOf(count);
          const duplicates = new Set<string>();
          for (const [index, crashesAfter] of [...crashes, Number.POSITIVE_INFINITY].entries()) {
            world.crashesAfter = crashesAfter;
            try {
              const options = optionsOf({ jobId: `job-${index}`, concurrency });
              for (const id of (await redrive(options, world.ports, SIGNAL)).possibleDuplicates) duplicates.add(id);
            } catch (error) {
              expect(error).toBeInstanceOf(Crash);
            }
            // What the dead process held is visible again.
            world.now += 86_400_000;
          }
          // The process that died could not report; what it would have named stands in the journal.
          for (const { mayBeDuplicate, messageId } of world.entries)
            if (mayBeDuplicate === true) duplicates.add(messageId ?? '');
          const times = new Map<string, number>();
          for (const { body } of world.delivered) {
            const id = (JSON.parse(body) as { order: string }).order;
            times.set(id, (times.get(id) ?? 0) + 1);
          }
          expect(world.kept.size).toBe(0);
          expect(times.size).toBe(count);
          for (const [id, sent] of times) if (sent > 1) expect(duplicates).toContain(id);
        },
      ),
      { numRuns: 200 },
    );
  }, 120_000);
});
