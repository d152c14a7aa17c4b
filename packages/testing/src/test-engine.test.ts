import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { InvalidInputError } from '@holdfast/local';
import { describe, expect, it } from 'vitest';
import { kinesisEvent, sqsEvent, startTestEngine, type TestEngine } from './index.ts';
import { ORDERS } from './orders-bench.ts';
import { holdfastTest } from './vitest.ts';

const startAt = new Date('2026-11-28T00:00:00Z');
const noStock = async () => {
  throw new Error('no stock');
};

describe('a record that is followed', () => {
  it('is dead-lettered with its last error once it was received too often', async () => {
    await using aws = await startTestEngine({ bind: { Booking: noStock }, startAt });
    const { outputs } = await aws.deployTemplate('Orders', ORDERS);
    await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl: outputs['Queue'], MessageBody: 'order 4711' }));

    const at = await aws.record('order 4711').until('dead-lettered');

    expect(at.getTime() - startAt.getTime()).toBeGreaterThanOrEqual(90_000);
    expect(await aws.failures()).toEqual([
      expect.objectContaining({
        queue: 'orders-failed',
        body: 'order 4711',
        reason: 'MaxReceiveCount',
        error: 'Error: no stock',
        receiveCount: 3,
      }),
    ]);
    const order = aws.record('order 4711');
    await expect(order).toBeDeadLettered({ queue: 'orders-failed', reason: 'MaxReceiveCount' });
    await expect(order).not.toBeDeadLettered({ queue: 'orders' });
    expect(order).toHaveAttempts(3);
    expect(order).not.toBeProcessedOnce();
    expect(await aws.messages('orders')).toEqual([]);
    expect(order.timeline()).toContain('attempt 3 failed: Error: no stock');
  });

  it('is processed once when its function recovers in time', async () => {
    await using aws = await startTestEngine({ startAt });
    const booking = aws.bind('Orders/Booking', async () => {});
    const { outputs } = await aws.deployTemplate('Orders', ORDERS);
    booking.failFirst(2);
    await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl: outputs['Queue'], MessageBody: 'order 4711' }));

    const at = await aws.record('order 4711').until('processed', { within: 'PT1H' });

    expect(at.getTime() - startAt.getTime()).toBeLessThan(90_000);
    expect(aws.record('order 4711')).toHaveAttempts(3, 'Orders/Booking');
    expect(aws.record('order 4711')).toBeProcessedOnce();
    expect(await aws.failures()).toEqual([]);
    expect(booking.calls.map(({ isInjected }) => isInjected)).toEqual([true, true, false]);
  });

  it('of a stream comes again from the first that is reported on, and all of it when the report cannot be read', async () => {
    await using aws = await startTestEngine({ startAt });
    const { Records } = kinesisEvent(['one', 'two', 'three'].map((data) => ({ data })));
    const ids = Records.map(({ kinesis }) => kinesis.sequenceNumber);
    const reported = async (answer: unknown) => {
      const spy = aws.bind(`f${JSON.stringify(answer)}`, async () => answer);
      await spy.run({ Records }, { awsRequestId: 'r' } as never);
      return ['one', 'two', 'three'].map((text) => spy.successes(text));
    };
    expect(await reported({ batchItemFailures: [{ itemIdentifier: ids[2] }, { itemIdentifier: ids[1] }] })).toEqual([
      1, 0, 0,
    ]);
    expect(await reported({ batchItemFailures: [] })).toEqual([1, 1, 1]);
    for (const item of [null, {}, { itemIdentifier: '' }, { itemIdentifier: 'other' }]) {
      expect(await reported({ batchItemFailures: [item] })).toEqual([0, 0, 0]);
    }
  });

  it('is looked for under names that there are, so that `not` never holds because one is misspelt', async () => {
    await using aws = await startTestEngine({ bind: { Booking: noStock }, startAt });
    await aws.deployTemplate('Orders', ORDERS);
    const order = aws.record('order 4711');
    await expect(order).not.toBeDeadLettered({ queue: `${aws.endpoint}/000000000000/orders-failed` });
    await expect(expect(order).not.toBeDeadLettered({ queue: 'order-failed' })).rejects.toThrow(
      /^queue: "order-failed" does not exist; there are orders, orders-failed$/,
    );
    expect(() => expect(order).toHaveAttempts(0, 'Bokking')).toThrow(
      /^handler: "Bokking" is not bound; bound are: Booking$/,
    );
    expect(() => expect(aws).not.toHaveAlarmed('depth')).toThrow(/^alarmName: "depth" does not exist; there are none$/);
  });

  it('fails alone when its handler reports it', async () => {
    const event = sqsEvent([{ body: 'good' }, { body: 'bad' }]);
    const [, bad] = event.Records;
    await using aws = await startTestEngine();
    const spy = aws.bind('f', async () => ({ batchItemFailures: [{ itemIdentifier: bad?.messageId }] }));
    await spy.run(event, { awsRequestId: 'r' } as never);
    expect([spy.successes('good'), spy.successes('bad'), spy.attempts(/good|bad/g)]).toEqual([1, 0, 2]);
  });

  it('that nobody saw is told as such', async () => {
    await using aws = await startTestEngine();
    expect(() => expect(aws.record('order 1')).toBeProcessedOnce()).toThrow(
      '"order 1" was processed 0 times\nno bound handler was given anything of it, and no queue holds anything of it',
    );
  });
});

describe('waiting', () => {
  it('goes from one thing that is due to the next', async () => {
    await using aws = await startTestEngine({ bind: { Booking: noStock }, startAt });
    const { outputs } = await aws.deployTemplate('Orders', ORDERS);
    const before = aws.now();
    await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl: outputs['Queue'], MessageBody: 'order' }));
    const at = await aws.until(() => aws.spy('Booking').attempts('order') === 2, { within: 'PT1M' });
    expect(at.getTime() - before.getTime()).toBeGreaterThanOrEqual(30_000);
    expect(at.getTime() - before.getTime()).toBeLessThan(32_000);
  });

  it('in vain fails with what happened', async () => {
    await using aws = await startTestEngine({ bind: { Booking: noStock }, startAt });
    const { outputs } = await aws.deployTemplate('Orders', ORDERS);
    await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl: outputs['Queue'], MessageBody: 'order' }));
    const failure = await aws.until(() => false, { within: { minutes: 10 } }).catch((error: Error) => error.message);
    expect(failure).toMatch(/^within PT10M, until 2026-11-28T00:1\d:\d\d\.\d{3}Z, it did not come true/);
    expect(failure).toContain('attempt 1 failed: Error: no stock');
    expect(failure).toContain('queue orders-failed  put aside: MaxReceiveCount after 3 receives, Error: no stock');
  });

  it('is refused for what is no length of time, and for dates that are over', async () => {
    await using aws = await startTestEngine({ startAt });
    await expect(aws.advance({ weeks: 1 } as never)).rejects.toThrow(/^advance.weeks: .*use days, hours/);
    await expect(aws.advance(-1)).rejects.toThrow(InvalidInputError);
    await expect(aws.advanceTo(new Date('2020-01-01'))).rejects.toThrow(/^advanceTo: .*not before now/);
    await aws.advanceTo(new Date('2026-12-24T18:00:00Z'));
    expect(aws.now().toISOString()).toBe('2026-12-24T18:00:00.000Z');
  });
});

describe('a test engine', () => {
  it('fails the same share of calls with the same seed', async () => {
    const failed = async (seed: number): Promise<readonly number[]> => {
      await using aws = await startTestEngine({ seed });
      const spy = aws.bind('f', () => 'done').failShare(0.3);
      for (let n = 0; n < 100; n++)
        await Promise.resolve(spy.run({ n }, { awsRequestId: 'r' } as never)).catch(() => {});
      return spy.calls.flatMap(({ error, number }) => (error === undefined ? [] : [number]));
    };
    const [one, again, other] = [await failed(7), await failed(7), await failed(8)];
    expect(one).toEqual(again);
    expect(one).not.toEqual(other);
    expect(one.length).toBeGreaterThan(15);
    expect(one.length).toBeLessThan(45);
  });

  it('names what is bound when a spy is asked for that is not', async () => {
    await using aws = await startTestEngine({ bind: { Booking: noStock } });
    expect(() => aws.spy('Boking')).toThrow('bound are: Booking');
    await expect(aws.messages('nowhere')).rejects.toThrow('queue: "nowhere"');
  });

  it('that shows itself is found by a client that was made for the one before it, and is one at a time', async () => {
    const endpoints: string[] = [];
    let client: SQSClient | undefined;
    for (const name of ['first', 'second']) {
      await using aws = await startTestEngine({ environment: true });
      client ??= new SQSClient();
      await client.send(new CreateQueueCommand({ QueueName: name }));
      expect(await aws.messages(name)).toEqual([]);
      endpoints.push(aws.endpoint);
      await expect(startTestEngine({ environment: true })).rejects.toThrow(/^environment: .*one engine of a process/);
    }
    client?.destroy();
    expect(endpoints[0]).toBe(endpoints[1]);
  });

  it('shows itself to clients of the code under test, and takes that back', async () => {
    const before = process.env['AWS_ENDPOINT_URL'];
    const aws = await startTestEngine({ environment: true });
    expect(process.env['AWS_ENDPOINT_URL']).toBe(aws.endpoint);
    await aws.close();
    expect(process.env['AWS_ENDPOINT_URL']).toBe(before);
  });
});

const atChristmas = holdfastTest.extend({ engine: { startAt: new Date('2026-12-24T00:00:00Z') } });

atChristmas('the fixture has an engine of its own, as it was asked for', ({ aws }) => {
  expect(aws.now().toISOString()).toBe('2026-12-24T00:00:00.000Z');
});

describe('what would be taken and mean nothing is refused by name', () => {
  const refused = async (act: () => unknown): Promise<string> => {
    try {
      await act();
      return '';
    } catch (error) {
      return error instanceof InvalidInputError ? error.message : `not by name: ${error}`;
    }
  };

  it.each([
    [
      'faults of an action that there is not',
      (aws) => aws.throttle('sqs', { action: 'SendMesage' }),
      /^action: "SendMesage" is no action of sqs .*SendMessage, SendMessageBatch$/,
    ],
    ['faults of no call', (aws) => aws.throttle('sqs', { first: 0 }), /^first: 0 must be a whole number from 1$/],
    [
      'faults of more than all',
      (aws) => aws.throttle('sqs', { share: 2 }),
      /^share: 2 must be above 0, and 1 at most$/,
    ],
    [
      'faults by other names',
      (aws) => aws.throttle('sqs', { actoin: 'x' } as never),
      /^actoin: "x" is not known; use service, action, first/,
    ],
    [
      'bindings of nothing',
      (aws) => aws.bind('Booking', undefined as never),
      /^handler: "undefined" must be a function/,
    ],
    ['bindings to nothing', (aws) => aws.bind('', noStock), /^name: "" must name a function$/],
    [
      'no length of time',
      (aws) => aws.advance(undefined as never),
      /^advance: undefined must be milliseconds, a duration like 'PT5M'/,
    ],
    ['no length of time by parts', (aws) => aws.advance('5 minutes'), /^advance: "5 minutes" must be an ISO 8601/],
    ['a date as text', (aws) => aws.advanceTo('2030-01-01' as never), /^advanceTo: "2030-01-01" must be a date/],
    ['quiet of no time', (aws) => aws.untilQuiet({ quiet: 0 }), /^quiet: 0 must be a length of time above 0$/],
    ['records of no selector', (aws) => aws.record(undefined as never), /^selector: undefined must be an id/],
    ['a source of nothing', (aws) => aws.deploy(undefined as never), /^source: "undefined" must be an App of the CDK/],
    [
      'a directory without an assembly',
      (aws) => aws.deploy(import.meta.dirname),
      /has no manifest\.json: name the directory that `cdk synth` wrote/,
    ],
    [
      'options of a deployment',
      (aws) => aws.deploy('x.yaml', { parameter: {} } as never),
      /^options.parameter: {} is not known; there are stackNames, parameters/,
    ],
  ] as const satisfies readonly (readonly [string, (aws: TestEngine) => unknown, RegExp])[])(
    '%s',
    async (_, act, sentence) => {
      await using aws = await startTestEngine();
      expect(await refused(() => act(aws))).toMatch(sentence);
    },
  );

  it.each([
    [{ startAtt: 1 }, /^options.startAtt: 1 is not known; there are bind, startAt/],
    [{ region: 'mars' }, /^region: "mars" must be the name of a region/],
    [{ seed: 1.5 }, /^seed: 1.5 must be a whole number$/],
    [{ startAt: '2030-01-01' }, /^startAt: "2030-01-01" must be a date$/],
    [{ startAt: new Date(-1) }, /^startAt: "1969-12-31T23:59:59.999Z" must be from 1970/],
    [{ standingClock: 'no' }, /^standingClock: "no" must be tell or fail$/],
    [{ bind: { Booking: 1 } }, /^handler: "1" must be a function/],
  ])('options of an engine: %o', async (options, sentence) => {
    expect(await refused(() => startTestEngine(options as never))).toMatch(sentence);
  });
});

it('may be closed twice, by a test and by the end of its block', async () => {
  await using aws = await startTestEngine();
  await Promise.all([aws.close(), aws.close()]);
});
