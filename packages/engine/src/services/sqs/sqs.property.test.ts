import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ServiceError } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { SqsUnderTest } from './queue-bench.ts';
import { ReferenceQueue, type ReferenceSettings } from './reference-queue.ts';

type Step =
  | { readonly kind: 'send'; readonly group: string; readonly delay: number | undefined }
  | { readonly kind: 'receive'; readonly max: number; readonly timeout: number | undefined; readonly dead: boolean }
  | { readonly kind: 'delete'; readonly pick: number }
  | { readonly kind: 'change'; readonly pick: number; readonly seconds: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'purge' };

interface Case {
  readonly isFifo: boolean;
  readonly delay: number;
  readonly visibility: number;
  readonly retention: number;
  readonly maxReceiveCount: number;
  readonly steps: readonly Step[];
}

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 3 });

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      group: fc.constantFrom('a', 'b', 'c'),
      delay: optional(fc.nat(10)),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('receive' as const),
      max: fc.constantFrom(1, 1, 2, 3, 10),
      timeout: optional(fc.nat(20)),
      dead: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), pick: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      pick: fc.nat(),
      seconds: fc.oneof(fc.constant(0), fc.nat(30), fc.constant(43_200)),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(15_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('purge' as const) }) },
);

const anyCase: fc.Arbitrary<Case> = fc.record({
  isFifo: fc.boolean(),
  delay: fc.constantFrom(0, 0, 5),
  visibility: fc.constantFrom(0, 0, 1, 10, 30),
  retention: fc.constantFrom(60, 345_600),
  maxReceiveCount: fc.constantFrom(1, 2, 3, 5, 1_000),
  steps: fc.array(step, { maxLength: 80, size: 'max' }),
});

/** A receive that a caller remembers: of which queue, which message, and which time it was. */
interface Remembered {
  readonly queue: string;
  readonly body: string;
  readonly receives: number;
  readonly handle: string;
}

/** Performs a case; `observe` sees every answer. */
class Run {
  readonly sqs: SqsUnderTest;
  readonly main: string;
  readonly dead: string;
  readonly trace: unknown[] = [];
  readonly remembered: Remembered[] = [];
  readonly model: { readonly main: ReferenceQueue; readonly dead: ReferenceQueue };
  readonly #case: Case;
  #sent = 0;
  #purgedAt = Number.NEGATIVE_INFINITY;

  constructor(testCase: Case, store?: MapStore) {
    this.#case = testCase;
    this.sqs = new SqsUnderTest(store === undefined ? {} : { store });
    this.main = testCase.isFifo ? 'q.fifo' : 'q';
    this.dead = testCase.isFifo ? 'q-dlq.fifo' : 'q-dlq';
    const settings: ReferenceSettings = {
      isFifo: testCase.isFifo,
      delayMs: testCase.delay * 1_000,
      visibilityMs: testCase.visibility * 1_000,
      retentionMs: testCase.retention * 1_000,
      maxReceiveCount: testCase.maxReceiveCount,
    };
    const dead = new ReferenceQueue({ ...settings, delayMs: 0, visibilityMs: 30_000, retentionMs: 345_600_000 });
    this.model = { main: new ReferenceQueue(settings, dead), dead };
  }

  async perform(): Promise<void> {
    const { delay, visibility, retention, maxReceiveCount, steps } = this.#case;
    await this.sqs.createWithDeadLetterQueue(this.main, maxReceiveCount, {
      DelaySeconds: String(delay),
      VisibilityTimeout: String(visibility),
      MessageRetentionPeriod: String(retention),
    });
    for (const each of steps) {
      await this.#step(each);
      for (const [name, model] of [
        [this.main, this.model.main],
        [this.dead, this.model.dead],
      ] as const) {
        model.settle(this.sqs.clock.now());
        expect(await this.sqs.counts(name)).toEqual(model.counts());
      }
    }
  }

  async #step(each: Step): Promise<void> {
    const now = this.sqs.clock.now();
    switch (each.kind) {
      case 'send':
        return this.#send(each.group, this.#case.isFifo ? undefined : each.delay, now);
      case 'receive':
        return this.#receive(each.dead ? this.dead : this.main, each.max, each.timeout, now);
      case 'delete':
        return this.#delete(each.pick, now);
      case 'change':
        return this.#change(each.pick, each.seconds, now);
      case 'advance':
        return this.sqs.advance(each.ms);
      case 'purge':
        return this.#purge(now);
    }
  }

  async #send(group: string, delay: number | undefined, now: number): Promise<void> {
    const body = `m${++this.#sent}`;
    const more = this.#case.isFifo
      ? { MessageGroupId: group, MessageDeduplicationId: body }
      : delay === undefined
        ? {}
        : { DelaySeconds: delay };
    this.trace.push(await this.sqs.send(this.main, body, more));
    this.model.main.send(body, group, delay === undefined ? undefined : delay * 1_000, now);
  }

  async #receive(queue: string, max: number, timeout: number | undefined, now: number): Promise<void> {
    const messages = await this.sqs.receive(queue, {
      MaxNumberOfMessages: max,
      AttributeNames: ['All'],
      ...(timeout === undefined ? {} : { VisibilityTimeout: timeout }),
    });
    this.trace.push(messages);
    const model = queue === this.main ? this.model.main : this.model.dead;
    const expected = model.receive(max, timeout === undefined ? undefined : timeout * 1_000, now);
    const seen = messages.map(({ Body, Attributes }) => [Body, Number(Attributes?.ApproximateReceiveCount)]);
    expect(seen).toEqual(expected.map(({ body, receives }) => [body, receives]));
    for (const { Body: body, ReceiptHandle: handle, Attributes } of messages) {
      const receives = Number(Attributes?.ApproximateReceiveCount);
      this.remembered.push({ queue, body: body as string, receives, handle: handle as string });
    }
  }

  /** The refusal that a call met, or `undefined`. */
  async #refusalOf(call: Promise<unknown>): Promise<ServiceError | undefined> {
    try {
      this.trace.push(await call);
      return undefined;
    } catch (error) {
      this.trace.push((error as Error).message);
      return error as ServiceError;
    }
  }

  #modelOf({ queue, body, receives }: Remembered, now: number) {
    const model = queue === this.main ? this.model.main : this.model.dead;
    model.settle(now);
    const isHere = model.messages.some((message) => message.body === body);
    return { model, message: model.latest(body, receives), isHere };
  }

  async #delete(pick: number, now: number): Promise<void> {
    const remembered = this.remembered[pick % Math.max(1, this.remembered.length)];
    if (remembered === undefined) return;
    const { model, message: latest, isHere } = this.#modelOf(remembered, now);
    // Any handle of a message on a standard queue will do, only the latest one on a FIFO queue.
    const message = this.#case.isFifo ? latest : model.messages.find(({ body }) => body === remembered.body);
    const refused = await this.#refusalOf(this.sqs.delete(remembered.queue, { ReceiptHandle: remembered.handle }));
    const hasExpired = this.#case.isFifo && isHere && message?.state !== 'in flight';
    expect(refused?.code).toBe(hasExpired ? 'InvalidParameterValueException' : undefined);
    if (message !== undefined && !hasExpired) model.remove(message);
  }

  async #change(pick: number, seconds: number, now: number): Promise<void> {
    const remembered = this.remembered[pick % Math.max(1, this.remembered.length)];
    if (remembered === undefined) return;
    const { model, message: latest, isHere } = this.#modelOf(remembered, now);
    const call = this.sqs.changeVisibility(remembered.queue, { ReceiptHandle: remembered.handle }, seconds);
    const refused = await this.#refusalOf(call);
    // Any handle of a message on a standard queue will do, only the latest one on a FIFO queue.
    const message = this.#case.isFifo ? latest : model.messages.find(({ body }) => body === remembered.body);
    const isInFlight = message?.state === 'in flight';
    const isRefused =
      !isHere ||
      (this.#case.isFifo && !isInFlight) ||
      (isInFlight && now + seconds * 1_000 - (message?.receivedAt ?? 0) > 43_200_000);
    expect(refused?.code).toBe(isRefused ? 'InvalidParameterValueException' : undefined);
    if (isRefused || message === undefined || !isInFlight) return;
    message.visibleAt = now + seconds * 1_000;
    model.settle(now);
  }

  async #purge(now: number): Promise<void> {
    const refused = await this.#refusalOf(this.sqs.sqs('PurgeQueue', { QueueUrl: this.main }));
    const isTooSoon = now - this.#purgedAt < 60_000;
    expect(refused?.code).toBe(isTooSoon ? 'PurgeQueueInProgress' : undefined);
    if (isTooSoon) return;
    this.#purgedAt = now;
    this.model.main.messages = [];
    this.model.main.settle(now);
  }
}

/** Everything a queue still gives, in order, deleted as it comes. */
const drain = async (sqs: SqsUnderTest, queue: string): Promise<[string, string, string][]> => {
  const drained: [string, string, string][] = [];
  for (;;) {
    const options = { MaxNumberOfMessages: 10, AttributeNames: ['All'], VisibilityTimeout: 600 };
    const messages = await sqs.receive(queue, options);
    if (messages.length === 0) return drained;
    for (const message of messages) {
      const { ApproximateReceiveCount: count, MessageGroupId: group } = message.Attributes ?? {};
      drained.push([group ?? '', message.MessageId as string, count as string]);
      await sqs.delete(queue, message);
    }
  }
};

describe('whatever callers do to a queue', () => {
  it('it behaves as the reference does: same messages, same order, same counts, same refusals', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (testCase) => {
        await new Run(testCase).perform();
      }),
      { numRuns: 300 },
    );
  });

  it('the same calls under the same seed give the same answers, ids and handles included', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (testCase) => {
        const [first, second] = [new Run(testCase), new Run(testCase)];
        await first.perform();
        await second.perform();
        expect(second.trace).toEqual(first.trace);
      }),
      { numRuns: 30 },
    );
  });

  it('a restart loses nothing, returns nothing that was deleted and keeps the order of groups', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async (testCase) => {
        const store = new MapStore();
        const run = new Run(testCase, store);
        await run.perform();
        const copy = store.copy();
        const restarted = new SqsUnderTest({ store: copy, start: run.sqs.clock.now() });
        for (const queue of [run.main, run.dead]) {
          expect(await restarted.counts(queue)).toEqual(await run.sqs.counts(queue));
        }
        for (const sqs of [run.sqs, restarted]) await sqs.advance(50_000);
        for (const queue of [run.main, run.dead]) {
          // Between groups, and in standard queues, the order is best effort: compare what must hold.
          const key = ([group, id, count]: [string, string, string], index: number) =>
            testCase.isFifo ? [group, String(index).padStart(6, '0'), id, count].join() : [id, count].join();
          const sorted = (drained: [string, string, string][]) => {
            const positions = new Map<string, number>();
            const keyed = drained.map((entry) => {
              const position = positions.get(entry[0]) ?? 0;
              positions.set(entry[0], position + 1);
              return key(entry, position);
            });
            return keyed.sort();
          };
          expect(sorted(await drain(restarted, queue))).toEqual(sorted(await drain(run.sqs, queue)));
        }
        for (const name of ['sqs.messages', 'sqs.receives']) {
          const left = (await Promise.all([run.main, run.dead].map((queue) => restarted.counts(queue)))).flat();
          expect(copy.keysOf(name).length).toBeLessThanOrEqual(left.reduce((sum, count) => sum + count, 0));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('no long poll stays parked while there is a message for it, none outlasts its wait, none gets what is hidden', async () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('send' as const), delay: fc.nat(5) }),
      fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(20), timeout: fc.nat(10) }),
      fc.record({ kind: fc.constant('advance' as const), ms: fc.nat(4_000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60, size: 'max' }), async (actions) => {
        const sqs = new SqsUnderTest();
        await sqs.create('q');
        const pending = new Set<number>();
        const hiddenUntil = new Map<string, number>();
        let sent = 0;
        let received = 0;
        for (const [index, each] of actions.entries()) {
          if (each.kind === 'send') {
            sent += 1;
            await sqs.send('q', `m${sent}`, { DelaySeconds: each.delay });
          } else if (each.kind === 'wait') {
            pending.add(index);
            const endsAt = sqs.clock.now() + each.seconds * 1_000;
            const options = { WaitTimeSeconds: each.seconds, VisibilityTimeout: each.timeout };
            void sqs.receive('q', options).then((messages) => {
              const now = sqs.clock.now();
              pending.delete(index);
              expect(now).toBeLessThanOrEqual(endsAt);
              if (messages.length === 0) expect(now).toBe(endsAt);
              for (const { Body } of messages) {
                received += 1;
                expect(hiddenUntil.get(Body as string) ?? 0).toBeLessThanOrEqual(now);
                hiddenUntil.set(Body as string, now + each.timeout * 1_000);
              }
            });
          } else {
            await sqs.advance(each.ms);
          }
          await sqs.advance(0);
          const [visible] = await sqs.counts('q');
          if (pending.size > 0) expect(visible).toBe(0);
        }
        await sqs.advance(20_000);
        expect(pending.size).toBe(0);
        expect(received).toBeGreaterThanOrEqual(0);
        expect((await sqs.counts('q')).reduce((sum, count) => sum + count, 0)).toBe(sent);
      }),
      { numRuns: 100 },
    );
  });
});
