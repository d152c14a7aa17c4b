import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAudit } from './audit.ts';
import { Crash, FakeWorld, QUEUE_ARN, SOURCE_ARN } from './fake-world.ts';
import type { FingerprintRule } from './fingerprints/rules.ts';
import type { Job } from './jobs/job.ts';
import { MemoryJobStore } from './jobs/memory-job-store.ts';
import { JobDesk } from './redrive-desk.ts';

/** A desk over a world in memory; `store` outlives the processes that work at it. */
const deskOf = (world: FakeWorld, rules: readonly FingerprintRule[] = []) => {
  const store = new MemoryJobStore();
  const lease = store.lease.bind(store);
  store.lease = async (jobId) => {
    const taken = await lease(jobId);
    // A process can die before and after any line that it writes.
    return taken && { ...taken, append: async (step) => world.effect(() => void taken.append(step)) };
  };
  const { queue, sender, time, random } = world.ports;
  let ids = 0;
  const desk = new JobDesk({
    jobs: store,
    time,
    random,
    sender,
    newId: () => `job-${++ids}`,
    open: async (arn) => ({
      ...queue,
      arn,
      visible: world.kept.size,
      inFlight: [...world.kept.values()].filter(({ visibleAt }) => visibleAt > world.now).length,
      look: async (max) => [...world.kept.values()].slice(0, max).map(({ message }) => message),
    }),
    fillersOf: async () => [],
    reasonOf: async ({ MessageId }) => ({ error: `vendor ${MessageId} is away` }),
    rules,
    lookMax: 100_000,
  });
  return { desk, store };
};

const worldOf = (count: number): FakeWorld => {
  const world = new FakeWorld();
  for (let index = 0; index < count; index += 1) world.add(`m${index}`);
  return world;
};

const timesOf = (world: FakeWorld): ReadonlyMap<string, number> => {
  const times = new Map<string, number>();
  for (const { messageId } of world.delivered) times.set(messageId, (times.get(messageId) ?? 0) + 1);
  return times;
};

describe('a redrive job', () => {
  it('moves 100,000 at 500 a second within 5 % of the rate', async () => {
    const world = worldOf(100_000);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, perSecond: 500 }, 'me');
    const begun = world.now;

    const job = await desk.run(jobId);

    expect(job).toMatchObject({ state: 'completed', moved: 100_000, planned: 100_000, possibleDuplicates: [] });
    const perSecond = 100_000 / ((world.now - begun) / 1_000);
    expect(perSecond).toBeGreaterThan(475);
    expect(perSecond).toBeLessThan(525);
  }, 240_000);

  it("takes a group of the user's own rules for what the ledger takes it for", async () => {
    const world = worldOf(3);
    const { desk } = deskOf(world, [{ name: 'one', error: 'vendor (m1) is away', group: 'vendor $1' }]);
    const plan = await desk.plan({ from: QUEUE_ARN, fingerprint: 'r|vendor m1' });
    expect(plan).toMatchObject({ toMove: 1 });
  });

  it('goes on in slices, and counts over all of them', async () => {
    const world = worldOf(1_000);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, perSecond: 100 }, 'me');
    const counts: number[] = [];
    for (let job: Job | undefined; job?.state !== 'completed'; ) {
      job = await desk.run(jobId, { untilMs: world.now + 3_000 });
      counts.push(job.moved);
      expect(['waiting', 'completed']).toContain(job.state);
      world.now += 600_000;
    }
    expect(counts.length).toBeGreaterThan(3);
    expect(counts.at(-1)).toBe(1_000);
    expect(new Set(timesOf(world).values())).toEqual(new Set([1]));
  });

  it('is paused, resumed and cancelled from elsewhere, within two seconds each', async () => {
    const world = worldOf(1_000);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, perSecond: 20 }, 'me');
    let askedAt = 0;
    const askAt = (count: number, ask: () => Promise<unknown>) => {
      world.respond = () => {
        if (world.delivered.length === count) {
          askedAt = world.now;
          void ask();
        }
        return { taken: true, proof: `sent-${world.delivered.length}` };
      };
    };

    askAt(100, () => desk.pause(jobId));
    expect(await desk.run(jobId)).toMatchObject({ state: 'paused' });
    expect(world.now - askedAt).toBeLessThan(2_000);
    expect(await desk.run(jobId)).toMatchObject({ state: 'paused' });

    expect(await desk.resume(jobId)).toMatchObject({ state: 'waiting' });
    askAt(300, () => desk.cancel(jobId));
    expect(await desk.run(jobId)).toMatchObject({ state: 'cancelled' });
    expect(world.now - askedAt).toBeLessThan(2_000);
    await expect(desk.resume(jobId)).rejects.toThrow(`job ${jobId} is cancelled, and cannot be asked to go on`);
    expect(world.kept.size + world.delivered.length).toBe(1_000);
    expect([...world.kept.values()].every(({ visibleAt }) => visibleAt <= world.now)).toBe(true);
  });

  it('goes on after a breaker stopped it, with a canary anew, and is not stopped again by what stopped it', async () => {
    const world = worldOf(100);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, canary: 10, watchMs: 30_000 }, 'me');
    let isMended = false;
    world.respond = () => {
      const proof = `sent-${world.delivered.length}`;
      const attributes = { DeadLetterQueueSourceArn: SOURCE_ARN, SentTimestamp: String(world.now) };
      if (!isMended) world.add(proof, { Attributes: attributes });
      return { taken: true, proof };
    };
    expect(await desk.run(jobId)).toMatchObject({
      state: 'stopped',
      moved: 10,
      because: '10 of 10 redriven messages came back',
    });

    expect((await desk.resume(jobId)).because).toBeUndefined();
    expect(await desk.run(jobId)).toMatchObject({
      state: 'stopped',
      moved: 20,
      because: '10 of 10 redriven messages came back',
    });

    isMended = true;
    await desk.resume(jobId);
    const ended = await desk.run(jobId);
    expect(ended).toMatchObject({ state: 'completed', moved: 100, cameBack: 20 });
    expect(ended.because).toBeUndefined();
    // What came back is for another job.
    expect(world.kept.size).toBe(20);
    expect(new Set(timesOf(world).values())).toEqual(new Set([1]));
  });

  it('keeps the rate after the canary was watched: no burst makes up for the wait', async () => {
    const world = worldOf(1_000);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, perSecond: 100, canary: 5, watchMs: 60_000 }, 'me');
    const begun = world.now;
    expect(await desk.run(jobId)).toMatchObject({ moved: 1_000, state: 'completed' });
    expect(world.now - begun).toBeGreaterThan(2 * 60_000 + 9_500);
  });

  it('is paused in the middle of a long watch', async () => {
    const world = worldOf(100);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, canary: 5, watchMs: 3_600_000 }, 'me');
    world.respond = () => {
      if (world.delivered.length === 4) void desk.pause(jobId);
      return { taken: true, proof: `sent-${world.delivered.length}` };
    };
    const begun = world.now;
    expect(await desk.run(jobId)).toMatchObject({ state: 'paused' });
    expect(world.now - begun).toBeLessThan(2_000);
  });

  it('keeps the order of a group and never has two of it under way, and holds a FIFO group behind one that stays', async () => {
    const world = new FakeWorld();
    const to = `${SOURCE_ARN}.fifo`;
    for (let index = 0; index < 40; index += 1) {
      world.add(`m${index}`, { Attributes: { MessageGroupId: `g${index % 4}`, SentTimestamp: String(index) } });
    }
    world.respond = ({ messageId }) =>
      messageId === 'm5' ? { taken: false, outcome: 'refused', error: 'no' } : { taken: true, proof: messageId };
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, to }, 'me');

    expect(await desk.run(jobId)).toMatchObject({ moved: 31, failed: 1, skipped: 8, state: 'completed' });
    for (const group of ['g0', 'g2', 'g3']) {
      const order = world.delivered.flatMap(({ groupId, messageId }) =>
        groupId === group ? Number(messageId.slice(1)) : [],
      );
      expect(order).toEqual([...order].sort((a, b) => a - b));
    }
    expect(world.delivered.flatMap(({ groupId, messageId }) => (groupId === 'g1' ? messageId : []))).toEqual(['m1']);
  });

  it('remembers from run to run what came back late of what stopped it, and is not stopped by that again', async () => {
    const world = worldOf(60);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN, canary: 12, perSecond: 10, watchMs: 30_000 }, 'me');
    const late: string[] = [];
    let sent = 0;
    const addBack = (proof: string): void =>
      world.add(proof, {
        Attributes: { DeadLetterQueueSourceArn: SOURCE_ARN, SentTimestamp: String(Math.floor(world.now)) },
      });
    world.respond = () => {
      sent += 1;
      const proof = `sent-${sent}`;
      if (sent <= 5) addBack(proof);
      else if (sent <= 12) late.push(proof);
      return { taken: true, proof };
    };
    expect(await desk.run(jobId)).toMatchObject({ state: 'stopped', moved: 12, cameBack: 5 });
    for (const proof of late) addBack(proof);

    await desk.resume(jobId);
    const first = await desk.run(jobId, { untilMs: world.now + 33_000 });
    expect(first).toMatchObject({ state: 'waiting', cameBack: 12 });
    expect(first.moved).toBeLessThan(60);

    expect(await desk.run(jobId)).toMatchObject({ state: 'completed', moved: 60, cameBack: 12 });
  });

  it('is not over while somebody has what it planned to move, and goes on when it is visible again', async () => {
    const world = worldOf(3);
    const { desk } = deskOf(world);
    const { jobId } = await desk.start({ from: QUEUE_ARN }, 'me');
    const held = world.kept.get('m1');
    if (held !== undefined) held.visibleAt = world.now + 60_000;
    expect(await desk.run(jobId)).toMatchObject({
      moved: 2,
      state: 'waiting',
      because: expect.stringMatching(/^1 more are in flight/),
    });
    world.now += 60_000;
    const ended = await desk.run(jobId);
    expect(ended).toMatchObject({ moved: 3, state: 'completed' });
    expect(ended).not.toHaveProperty('because');

    const other = await desk.start({ from: QUEUE_ARN }, 'me');
    expect(await desk.run(other.jobId)).toMatchObject({ moved: 0, state: 'completed' });
  });

  it('sends repaired bodies, and leaves what cannot be repaired with the reason', async () => {
    const world = new FakeWorld();
    world.add('good', { Body: '{"price":"12"}' });
    world.add('bad', { Body: '{"price":"twelve"}' });
    const { desk } = deskOf(world);
    const repair = JSON.stringify({ name: 'prices', steps: [{ convert: 'price', to: 'number' }] });
    const { jobId } = await desk.start({ from: QUEUE_ARN, repair }, 'me');
    const { moved, skipped, reasons } = await desk.run(jobId);
    expect({ moved, skipped }).toEqual({ moved: 1, skipped: 1 });
    expect(world.delivered).toMatchObject([{ messageId: 'good', body: '{"price":12}' }]);
    expect(Object.keys(reasons)).toEqual(['the repair failed: "price" is "twelve", which is no number']);
  });

  it('refuses what a request may not be, by name and rule', async () => {
    const { desk } = deskOf(worldOf(1));
    const start = (more: object) => desk.start({ from: QUEUE_ARN, ...more }, 'me');
    await expect(start({ perSecond: 0 })).rejects.toThrow('perSecond: 0 must be a number from');
    await expect(start({ delayJitterSeconds: 901 })).rejects.toThrow('delayJitterSeconds: 901 must be');
    await expect(start({ repair: '{"name":"x","steps":[{"sett":"a"}]}' })).rejects.toThrow('steps[0]');
    await expect(desk.status('none')).rejects.toThrow('no redrive job none');
  });

  it('loses nothing whatever ends it at any step, and names every duplicate', async () => {
    const event = fc.record({
      kind: fc.constantFrom('crash', 'pause', 'cancel', 'slice', 'unclear'),
      at: fc.integer({ min: 2, max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(event, { maxLength: 6 }),
        async (count, canary, events) => {
          const world = worldOf(count);
          const { desk, store } = deskOf(world);
          const jobs = new Set<string>();
          const begin = async () => {
            const job = await desk.start({ from: QUEUE_ARN, canary, watchMs: 1_000 }, 'me');
            jobs.add(job.jobId);
            return job.jobId;
          };
          let jobId = await begin();
          for (const { kind, at } of [...events, { kind: 'end', at: 0 }]) {
            world.crashesAfter = kind === 'crash' ? at / 2 : Number.POSITIVE_INFINITY;
            const before = world.delivered.length;
            // A wish may come at any step: before a receive, a line of the journal, a send, a delete, a release.
            world.countAnew();
            world.onEffect = (step) => {
              if (kind === 'pause' && step === at) void desk.pause(jobId).catch(() => {});
              if (kind === 'cancel' && step === at) void desk.cancel(jobId).catch(() => {});
            };
            world.respond = ({ messageId }) => {
              const nth = world.delivered.length - before;
              if (kind === 'unclear' && nth === at % count) {
                // It did arrive, and nobody hears of it.
                world.delivered.push({
                  kind: 'queue',
                  arn: SOURCE_ARN,
                  body: '',
                  attributes: {},
                  because: '',
                  messageId,
                });
                return { taken: false, outcome: 'unclear', error: 'socket hang up' };
              }
              return { taken: true, proof: `sent-${world.delivered.length}-${messageId}` };
            };
            try {
              await desk.run(jobId, kind === 'slice' ? { untilMs: world.now + at * 10 } : {});
            } catch (error) {
              expect(error).toBeInstanceOf(Crash);
              // The lease of a process that died ends by itself.
              store.forsake(jobId);
            }
            world.crashesAfter = Number.POSITIVE_INFINITY;
            world.now += 86_400_000;
            const { state } = await desk.status(jobId);
            if (state === 'cancelled' || state === 'completed' || state === 'stopped') jobId = await begin();
            else if (state === 'paused') await desk.resume(jobId);
          }
          for (let tries = 0; tries < 3 && world.kept.size > 0; tries += 1) {
            world.respond = ({ messageId }) => ({ taken: true, proof: `last-${messageId}` });
            await desk.run(await begin());
            world.now += 86_400_000;
          }

          expect(world.kept.size).toBe(0);
          const times = timesOf(world);
          expect(times.size).toBe(count);
          const named = new Set<string>();
          for (const id of jobs)
            for await (const one of store.results(id)) if (one.mayBeDuplicate) named.add(one.messageId);
          for (const [id, sent] of times) if (sent > 1) expect(named).toContain(id);
          expect(readAudit(await store.audit()).fault).toBeUndefined();
        },
      ),
      { numRuns: 200 },
    );
  }, 240_000);
});
