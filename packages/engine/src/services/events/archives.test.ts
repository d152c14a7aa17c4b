import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const BUS = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
const ARCHIVE = 'arn:aws:events:us-east-1:000000000000:archive/all';
const RULE = 'arn:aws:events:us-east-1:000000000000:rule/';
const MINUTE = 60_000;

/** An engine with an archive of the default bus, and two rules that send all of `shop` to queues of their names. */
const wired = async (archive: object = {}, store = new MapStore()) => {
  const test = new TestEngine({ store });
  await test.call('events', 'CreateArchive', { ArchiveName: 'all', EventSourceArn: BUS, ...archive });
  for (const name of ['one', 'two']) {
    await test.call('sqs', 'CreateQueue', { QueueName: name });
    await test.call('events', 'PutRule', { Name: name, EventPattern: '{"source":["shop"]}' });
    const Arn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
    await test.call('events', 'PutTargets', { Rule: name, Targets: [{ Id: 'q', Arn }] });
    await test.call('sqs', 'SetQueueAttributes', {
      QueueUrl: `http://127.0.0.1:4566/000000000000/${name}`,
      Attributes: {
        Policy: JSON.stringify({
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: Arn,
            },
          ],
        }),
      },
    });
  }
  return test;
};

const put = async (test: TestEngine, id: number, source = 'shop') => {
  const Entries = [{ Source: source, DetailType: 'order', Detail: JSON.stringify({ id }) }];
  await test.call('events', 'PutEvents', { Entries });
};

const drain = async (test: TestEngine, name: string) => {
  const QueueUrl = `http://127.0.0.1:4566/000000000000/${name}`;
  const { Messages = [] } = await test.call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
    'sqs',
    'ReceiveMessage',
    { QueueUrl, MaxNumberOfMessages: 10 },
  );
  for (const { ReceiptHandle } of Messages) await test.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
  return Messages.map(({ Body }) => JSON.parse(Body) as Record<string, unknown> & { detail: { id: number } });
};

const start = (test: TestEngine, from: number, until: number, more: object = {}) =>
  test.call('events', 'StartReplay', {
    ReplayName: 'again',
    EventSourceArn: ARCHIVE,
    EventStartTime: new Date(from),
    EventEndTime: new Date(until),
    Destination: { Arn: BUS, ...more },
  });

const stateOf = async (test: TestEngine) =>
  (await test.call<{ State: string }>('events', 'DescribeReplay', { ReplayName: 'again' })).State;

describe('a replay', () => {
  it('puts the events of its time on the bus again, with its name, and no others', async () => {
    const test = await wired();
    const began = test.clock.now();
    for (let id = 0; id < 4; id++) {
      await put(test, id);
      await test.advance(MINUTE);
    }
    const first = await drain(test, 'one');
    await drain(test, 'two');
    expect(await start(test, began + MINUTE, began + 3 * MINUTE)).toMatchObject({ State: 'STARTING' });
    await test.advance(1_000);
    expect(await stateOf(test)).toBe('RUNNING');
    await test.advance(MINUTE);

    const again = await drain(test, 'one');
    expect(again.map(({ detail }) => detail.id)).toEqual([1, 2]);
    expect(again[0]).toMatchObject({ 'replay-name': 'again', id: first[1]?.['id'], time: first[1]?.['time'] });
    expect(await drain(test, 'two')).toHaveLength(2);
    expect(await stateOf(test)).toBe('COMPLETED');
  });

  it('reaches the named rules only, and is not archived again', async () => {
    const test = await wired();
    const began = test.clock.now();
    await put(test, 1);
    await drain(test, 'one');
    await drain(test, 'two');
    await start(test, began, began + MINUTE, { FilterArns: [`${RULE}two`] });
    await test.advance(MINUTE);
    expect(await drain(test, 'one')).toHaveLength(0);
    expect(await drain(test, 'two')).toHaveLength(1);
    expect(await test.call('events', 'DescribeArchive', { ArchiveName: 'all' })).toMatchObject({ EventCount: 1 });
  });

  it('that is cancelled stops between two minutes', async () => {
    const test = await wired();
    const began = test.clock.now();
    for (let id = 0; id < 4; id++) {
      await put(test, id);
      await test.advance(MINUTE);
    }
    await drain(test, 'one');
    await start(test, began, began + 4 * MINUTE);
    await test.advance(2_000);
    expect(await test.call('events', 'CancelReplay', { ReplayName: 'again' })).toMatchObject({ State: 'CANCELLING' });
    await test.advance(MINUTE);
    expect(await stateOf(test)).toBe('CANCELLED');
    expect(await drain(test, 'one')).toHaveLength(2);
  });

  it('goes on after a restart where it was', async () => {
    const store = new MapStore();
    const test = await wired({}, store);
    const began = test.clock.now();
    for (let id = 0; id < 4; id++) {
      await put(test, id);
      await test.advance(MINUTE);
    }
    await drain(test, 'one');
    await start(test, began, began + 4 * MINUTE);
    await test.advance(2_000);
    const again = new TestEngine({ store, start: test.clock.now() });
    await again.advance(MINUTE);
    expect((await drain(again, 'one')).map(({ detail }) => detail.id)).toEqual([0, 1, 2, 3]);
    expect(await stateOf(again)).toBe('COMPLETED');
  });

  it.each([
    ['an unknown archive', { EventSourceArn: `${ARCHIVE}x` }, 'Reason: Archive allx does not exist.'],
    ['an end before its start', { EventEndTime: new Date(0) }, 'Reason: EventStartTime must be before EventEndTime.'],
  ])('of %s is refused', async (_, input, reason) => {
    const test = await wired();
    const valid = {
      ReplayName: 'again',
      EventSourceArn: ARCHIVE,
      EventStartTime: new Date(1_000),
      EventEndTime: new Date(2_000),
      Destination: { Arn: BUS },
    };
    await expect(test.call('events', 'StartReplay', { ...valid, ...input })).rejects.toThrow(reason);
  });
});

describe('an archive', () => {
  it('keeps what its pattern matches, as long as it says', async () => {
    const test = await wired({ EventPattern: '{"source":["shop"]}', RetentionDays: 1 });
    await put(test, 1);
    await put(test, 2, 'other');
    await test.advance(MINUTE);
    await put(test, 3);
    const count = async () =>
      (await test.call<{ EventCount: number }>('events', 'DescribeArchive', { ArchiveName: 'all' })).EventCount;
    expect(await count()).toBe(2);
    await test.advance(24 * 60 * MINUTE - 1_000);
    expect(await count()).toBe(1);
    await test.advance(MINUTE);
    expect(await count()).toBe(0);
  });

  it('keeps what happened long ago as long as the rest, and replays it in its place', async () => {
    const store = new MapStore();
    const test = await wired({ RetentionDays: 1 }, store);
    const now = test.clock.now();
    await put(test, 1);
    const Time = new Date(now - 10 * 24 * 60 * MINUTE);
    await test.call('events', 'PutEvents', {
      Entries: [{ Source: 'shop', DetailType: 'order', Detail: '{"id":2}', Time }],
    });
    await test.advance(23 * 60 * MINUTE);
    await drain(test, 'one');
    const again = new TestEngine({ store, start: test.clock.now() });
    await start(again, Time.getTime(), now + MINUTE);
    await again.advance(10_000);
    expect((await drain(again, 'one')).map(({ detail }) => detail.id)).toEqual([2, 1]);
    await again.advance(2 * 60 * MINUTE);
    expect(await again.call('events', 'DescribeArchive', { ArchiveName: 'all' })).toMatchObject({
      EventCount: 0,
      SizeBytes: 0,
    });
  });

  it('changes, and needs something to change', async () => {
    const test = await wired();
    await expect(test.call('events', 'UpdateArchive', { ArchiveName: 'all' })).rejects.toThrow(
      'At least one of EventPattern, RetentionDays or Description must be provided.',
    );
    await test.call('events', 'UpdateArchive', { ArchiveName: 'all', RetentionDays: 3 });
    expect(await test.call('events', 'ListArchives', { EventSourceArn: BUS })).toMatchObject({
      Archives: [{ ArchiveName: 'all', RetentionDays: 3, State: 'ENABLED' }],
    });
  });
});
