import type { PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type {
  DeliveryResult,
  QueueMessage,
  Sender,
  Service,
  ServiceEnvironment,
  Store,
  TopicMessage,
} from '../../core/index.ts';
import { DEFAULT_ENGINE_SETTINGS, MemoryStore, ServiceError } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';
import { EventsService } from './service.ts';

const LAMBDA = 'arn:aws:lambda:us-east-1:000000000000:function:f';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';
const FIFO = 'arn:aws:sqs:us-east-1:000000000000:q.fifo';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:t';
const DLQ = 'arn:aws:sqs:us-east-1:000000000000:dlq';
const GROUP = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/all';

interface Sent {
  readonly to: string;
  readonly body: string;
  readonly sender: Sender;
  readonly at: number;
  readonly message?: QueueMessage;
}

/** The service alone, its targets replaced by a list of what they got. */
class Bench {
  readonly test: TestEngine;
  readonly sent: Sent[] = [];
  readonly metrics: string[] = [];
  readonly logged: string[] = [];
  service: EventsService;
  /** What a target answers; success when absent. */
  readonly refusals = new Map<string, () => ServiceError | undefined>();
  readonly #environment: ServiceEnvironment;

  constructor(store: Store = new MemoryStore(), start?: number) {
    this.test = new TestEngine(start === undefined ? {} : { start });
    const take = (to: string, body: string, sender: Sender, message?: QueueMessage): DeliveryResult => {
      this.sent.push({ to, body, sender, at: this.now, ...(message === undefined ? {} : { message }) });
      const error = this.refusals.get(to)?.();
      return error === undefined ? { ok: true } : { ok: false, error };
    };
    const { clock, engine } = this.test;
    this.#environment = {
      clock,
      ids: engine.ids,
      timers: engine.timers,
      random: { stream: () => ({ nextUnit: () => 0.5 }) },
      store,
      settings: DEFAULT_ENGINE_SETTINGS,
      deliver: {
        to: (_kind: string, arn: string, message: string | QueueMessage | TopicMessage, sender: Sender) =>
          typeof message === 'string'
            ? take(arn, message, sender)
            : 'body' in message
              ? take(arn, message.body, sender, message)
              : take(arn, message.message, sender),
      },
      metrics: { record: (point: { name: string }) => this.metrics.push(point.name) },
      logs: {
        accepts: () => true,
        append: (target: { group: string }, events: { message: string }[]) =>
          this.logged.push(...events.map(({ message }) => `${target.group} ${message}`)),
      },
    } as unknown as ServiceEnvironment;
    this.service = new EventsService(this.#environment);
    this.service.start();
  }

  get now(): number {
    return this.test.clock.now();
  }

  async call<Output = Record<string, unknown>>(action: string, input: object): Promise<Output> {
    const operation = (this.service as Service).operations[action];
    if (operation === undefined) throw new Error(`no ${action}`);
    return operation.run(input, this.test.engine.context()) as Output;
  }

  async rule(input: object, ...targets: object[]): Promise<void> {
    await this.call('PutRule', { Name: 'r', ...input });
    if (targets.length === 0) return;
    const { EventBusName } = input as { EventBusName?: string };
    const name = (input as { Name?: string }).Name ?? 'r';
    await this.call('PutTargets', {
      Rule: name,
      EventBusName,
      Targets: targets.map((target, index) => ({ Id: `t${index}`, ...target })),
    });
  }

  put(entry: object = {}): Promise<PutEventsCommandOutput> {
    return this.call('PutEvents', { Entries: [{ Source: 'shop', DetailType: 'order', Detail: '{"n":1}', ...entry }] });
  }

  to(arn: string): Sent[] {
    return this.sent.filter(({ to }) => to === arn);
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const ANY = { EventPattern: JSON.stringify({ source: ['shop'] }) };

describe('schedules', () => {
  it('invoke a real function of the engine every five minutes with a Scheduled Event', async () => {
    const test = new TestEngine();
    await createFunction(test, 'f');
    await test.call('lambda', 'AddPermission', {
      FunctionName: 'f',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    });
    await test.call('events', 'PutRule', { Name: 'tick', ScheduleExpression: 'rate(5 minutes)' });
    await test.call('events', 'PutTargets', { Rule: 'tick', Targets: [{ Id: 'f', Arn: LAMBDA }] });

    await test.advance(15 * MINUTE_MS + 1_000);

    expect(test.invocations).toHaveLength(3);
    expect(JSON.parse(test.invocations[0]?.payload as string)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '000000000000',
      time: '2025-01-01T00:05:00Z',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:000000000000:rule/tick'],
      detail: {},
    });
  });

  it('count a rate from creation and again from enabling', async () => {
    await bench.test.advance(90_000);
    const start = bench.now;
    await bench.rule({ ScheduleExpression: 'rate(2 minutes)' }, { Arn: LAMBDA });
    await bench.test.advance(5 * MINUTE_MS);
    await bench.call('DisableRule', { Name: 'r' });
    await bench.test.advance(HOUR_MS);
    const enabled = bench.now;
    await bench.call('EnableRule', { Name: 'r' });
    await bench.test.advance(3 * MINUTE_MS);

    expect(bench.sent.map(({ at }) => at)).toEqual([
      start + 2 * MINUTE_MS,
      start + 4 * MINUTE_MS,
      enabled + 2 * MINUTE_MS,
    ]);
  });

  it('are not moved by a deployment that changes nothing, nor do they miss a change of targets', async () => {
    const start = bench.now;
    await bench.rule({ ScheduleExpression: 'rate(10 minutes)' }, { Arn: LAMBDA });
    await bench.test.advance(4 * MINUTE_MS);
    await bench.rule({ ScheduleExpression: 'rate(10 minutes)' }, { Arn: QUEUE });
    await bench.test.advance(6 * MINUTE_MS);

    expect(bench.sent.map(({ to, at }) => [to, at])).toEqual([[QUEUE, start + 10 * MINUTE_MS]]);
  });

  it('run by cron in UTC', async () => {
    await bench.rule({ ScheduleExpression: 'cron(0 18 ? * MON-FRI *)' }, { Arn: LAMBDA });
    await bench.test.advance(7 * DAY_MS);

    expect(bench.sent.map(({ at }) => new Date(at).toISOString().slice(0, 16))).toEqual(
      ['01', '02', '03', '06', '07'].map((day) => `2025-01-${day}T18:00`),
    );
  });

  it('make up for a downtime with one run and then keep to the schedule', async () => {
    const store = new MapStore();
    const before = new Bench(store);
    const start = before.now;
    await before.rule({ ScheduleExpression: 'rate(10 minutes)' }, { Arn: LAMBDA });
    await before.test.advance(15 * MINUTE_MS);

    const after = new Bench(store, start + 3 * HOUR_MS + 5 * MINUTE_MS);
    await after.test.advance(10 * MINUTE_MS);

    expect(before.sent).toHaveLength(1);
    expect(after.sent.map(({ at }) => at - start)).toEqual([3 * HOUR_MS + 5 * MINUTE_MS, 3 * HOUR_MS + 10 * MINUTE_MS]);
  });

  it('are refused where EventBridge refuses them', async () => {
    await bench.call('CreateEventBus', { Name: 'custom' });

    await expect(bench.call('PutRule', { Name: 'r', ScheduleExpression: 'rate(10 seconds)' })).rejects.toThrow(
      'Parameter ScheduleExpression is not valid.',
    );
    await expect(
      bench.call('PutRule', { Name: 'r', EventBusName: 'custom', ScheduleExpression: 'rate(1 minute)' }),
    ).rejects.toThrow('ScheduleExpression is supported only on the default event bus.');
    await expect(bench.call('PutRule', { Name: 'r' })).rejects.toThrow(
      'Parameter(s) EventPattern or ScheduleExpression must be specified.',
    );
  });

  it('stop with their rule', async () => {
    await bench.rule({ ScheduleExpression: 'rate(1 minute)' }, { Arn: LAMBDA });
    await expect(bench.call('DeleteRule', { Name: 'r' })).rejects.toThrow(
      "Rule can't be deleted since it has targets.",
    );
    await bench.call('RemoveTargets', { Rule: 'r', Ids: ['t0'] });
    await bench.call('DeleteRule', { Name: 'r' });
    await bench.test.advance(HOUR_MS);

    expect(bench.sent).toEqual([]);
    await expect(bench.call('DescribeRule', { Name: 'r' })).rejects.toThrow(
      'Rule r does not exist on EventBus default.',
    );
  });
});

describe('putting events', () => {
  it('reaches every target of every rule that matches, as an envelope', async () => {
    await bench.rule({ Name: 'a', ...ANY }, { Arn: LAMBDA }, { Arn: QUEUE });
    await bench.rule({ Name: 'b', EventPattern: '{"detail":{"n":[{"numeric":[">",0]}]}}' }, { Arn: TOPIC });
    await bench.rule({ Name: 'c', EventPattern: '{"source":["other"]}' }, { Arn: DLQ });
    await bench.rule({ Name: 'd', ...ANY, State: 'DISABLED' }, { Arn: DLQ });

    const { Entries, FailedEntryCount } = await bench.put({
      Time: new Date('2024-05-01T10:00:00.900Z'),
      Resources: ['arn:x'],
      TraceHeader: 'Root=1-2-3',
    });

    expect(FailedEntryCount).toBe(0);
    expect(bench.sent.map(({ to }) => to).sort()).toEqual([LAMBDA, QUEUE, TOPIC].sort());
    expect(JSON.parse(bench.to(QUEUE)[0]?.body as string)).toEqual({
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'order',
      source: 'shop',
      account: '000000000000',
      time: '2024-05-01T10:00:00Z',
      region: 'us-east-1',
      resources: ['arn:x'],
      detail: { n: 1 },
    });
    expect(bench.to(QUEUE)[0]?.sender).toEqual({
      principal: 'events.amazonaws.com',
      sourceArn: 'arn:aws:events:us-east-1:000000000000:rule/a',
      sourceAccount: '000000000000',
      traceHeader: 'Root=1-2-3',
    });
  });

  it('answers entry by entry, in order', async () => {
    const answer = await bench.call<PutEventsCommandOutput>('PutEvents', {
      Entries: [
        { DetailType: 'd', Detail: '{}' },
        { Source: 's', Detail: '{}' },
        { Source: 's', DetailType: 'd' },
        { Source: 's', DetailType: 'd', Detail: 'text' },
        { Source: 's', DetailType: 'd', Detail: '[1]' },
        { Source: 'aws.s3', DetailType: 'd', Detail: '{}' },
        { Source: 's', DetailType: 'd', Detail: '{}', EventBusName: 'nowhere' },
      ],
    });

    const required = (name: string) => `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    expect(answer.FailedEntryCount).toBe(6);
    expect(answer.Entries).toEqual([
      { ErrorCode: 'InvalidArgument', ErrorMessage: required('Source') },
      { ErrorCode: 'InvalidArgument', ErrorMessage: required('DetailType') },
      { ErrorCode: 'InvalidArgument', ErrorMessage: required('Detail') },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' },
      { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' },
      { EventId: expect.any(String) },
    ]);
  });

  it.each(['a:b', '*', '', 'arn:aws:sns:us-east-1:000000000000:orders', 'a b'])(
    'refuses a bus name that cannot be one: %j',
    async (EventBusName) => {
      await expect(bench.put({ EventBusName })).rejects.toThrow("at 'entries.1.member.eventBusName' failed to satisfy");
    },
  );

  it('refuses a whole request that is too big', async () => {
    await expect(bench.put({ Detail: JSON.stringify({ x: 'y'.repeat(1_048_576) }) })).rejects.toThrow(
      'Total size of the entries in the request is over the limit.',
    );
    const entry = { Source: 's', DetailType: 'd', Detail: '{}' };
    await expect(bench.call('PutEvents', { Entries: Array.from({ length: 11 }, () => entry) })).rejects.toThrow(
      /^1 validation error detected: Value '\[PutEventsRequestEntry\(.*Member must have length less than or equal to 10$/,
    );
  });

  it('goes from bus to bus with a new id, and with time and trace unchanged', async () => {
    await bench.call('CreateEventBus', { Name: 'inner' });
    await bench.rule(ANY, { Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/inner' });
    await bench.rule({ Name: 'i', ...ANY, EventBusName: 'inner' }, { Arn: QUEUE });

    const { Entries } = await bench.put({ Time: new Date('2024-05-01T10:00:00Z'), TraceHeader: 'Root=1-2-3' });
    await bench.test.advance(1_000);

    const [received] = bench.to(QUEUE);
    const event = JSON.parse(received?.body as string);
    expect(event.id).not.toBe(Entries?.[0]?.EventId);
    expect(event.time).toBe('2024-05-01T10:00:00Z');
    expect(received?.sender.traceHeader).toBe('Root=1-2-3');
    expect(received?.sender.sourceArn).toBe('arn:aws:events:us-east-1:000000000000:rule/inner/i');
  });

  it('does not go on to another bus when the input of the target is no event', async () => {
    await bench.call('CreateEventBus', { Name: 'inner' });
    const Arn = 'arn:aws:events:us-east-1:000000000000:event-bus/inner';
    await bench.rule(ANY, { Arn, Input: '{"hello":1}', DeadLetterConfig: { Arn: DLQ } });
    await bench.rule({ Name: 'i', EventPattern: '{"hello":[1]}', EventBusName: 'inner' }, { Arn: QUEUE });
    await bench.put();
    await bench.test.advance(1_000);

    expect(bench.to(QUEUE)).toEqual([]);
    expect(bench.to(DLQ)).toHaveLength(1);
  });

  it('lets buses in a circle go round without standing still in time', async () => {
    await bench.rule(ANY, { Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/default' });
    await bench.put();
    await bench.test.advance(1_000);

    expect(bench.metrics.filter((name) => name === 'MatchedEvents')).toHaveLength(101);
  });

  it('takes events of other services through the delivery contract', async () => {
    await bench.rule({ EventPattern: '{"source":["aws.s3"]}' }, { Arn: QUEUE });
    const event = {
      source: 'aws.s3',
      detailType: 'Object Created',
      detail: { key: 'k' },
      account: '000000000000',
      region: 'us-east-1',
    };

    const byName = bench.service.deliver('default', event, {});
    const byArn = bench.service.deliver('arn:aws:events:us-east-1:000000000000:event-bus/default', event, {});
    const missing = bench.service.deliver('none', event, {});

    expect([byName.ok, byArn.ok, missing.ok]).toEqual([true, true, false]);
    expect(JSON.parse(bench.to(QUEUE)[1]?.body as string)).toMatchObject({
      source: 'aws.s3',
      resources: [],
      detail: { key: 'k' },
    });
  });

  it('writes to log groups and to FIFO queues', async () => {
    await bench.rule(ANY, { Arn: GROUP, Input: '{"hello":1}' }, { Arn: FIFO, SqsParameters: { MessageGroupId: 'g' } });
    await bench.put();

    expect(bench.logged).toEqual(['/aws/events/all {"hello":1}']);
    expect(bench.to(FIFO)[0]?.message?.groupId).toBe('g');
  });
});

describe('target input', () => {
  const inputFor = async (target: object): Promise<string | undefined> => {
    await bench.rule({ Name: 'input-rule', ...ANY }, { Arn: QUEUE, ...target });
    await bench.put({ Detail: '{"name":"Jo \\"J\\" D","list":[1,2],"flag":true}', Resources: ['arn:r'] });
    return bench.sent.at(-1)?.body;
  };
  const transform = (InputTemplate: string, InputPathsMap: object = {}) => ({
    InputTransformer: { InputTemplate, InputPathsMap },
  });

  it('is a constant, a part of the event, or a filled template', async () => {
    expect(await inputFor({ Input: '{"a":1}' })).toBe('{"a":1}');
    expect(await inputFor({ InputPath: '$.detail.list' })).toBe('[1,2]');
    expect(await inputFor({ InputPath: '$.resources[0]' })).toBe('"arn:r"');
    const paths = { name: '$.detail.name', list: '$.detail.list', flag: '$.detail.flag', none: '$.detail.none' };
    expect(await inputFor(transform('{"n": <name>, "l": <list>, "f": <flag>}', paths))).toBe(
      '{"n": "Jo \\"J\\" D", "l": [1,2], "f": true}',
    );
    expect(await inputFor(transform('"flag is <flag>, first is <none>."', paths))).toBe('"flag is true, first is ."');
    expect(await inputFor(transform('{"n": <none>, "m": "<none>"}', paths))).toBe('{"n": "", "m": ""}');
  });

  it('takes structures into text without their quotes, and into the strings of JSON not at all', async () => {
    const paths = { list: '$.resources', detail: '$.detail.list' };
    expect(await inputFor(transform('"got <list>"\n"and <detail>"', paths))).toBe('"got [arn:r]"\n"and [1,2]"');
    const before = bench.sent.length;
    await inputFor(transform('{"list": "<list>"}', paths));
    expect(bench.sent).toHaveLength(before);
  });

  it('knows rule and event by reserved names', async () => {
    const body = await inputFor(
      transform(
        '{"r": <aws.events.rule-name>, "a": <aws.events.rule-arn>, "e": <aws.events.event>, "j": <aws.events.event.json>}',
      ),
    );
    const parsed = JSON.parse(body as string);

    expect(parsed).toMatchObject({ r: 'input-rule', a: 'arn:aws:events:us-east-1:000000000000:rule/input-rule' });
    expect(parsed.e.detail).toBeUndefined();
    expect(parsed.e.detailType).toBe(parsed.j['detail-type']);
    expect(parsed.e).not.toHaveProperty('detail-type');
    expect(parsed.j.detail.flag).toBe(true);
  });

  it.each([
    [
      { Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t0.',
    ],
    [transform('<nobody>'), 'InputTemplate for target t0 contains invalid placeholder nobody.'],
    [{ Input: 'text' }, 'JSON syntax error in input for target t0.'],
    [{ Arn: 'nonsense' }, 'Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.'],
    [
      { Arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s' },
      'RoleArn is required for target arn:aws:kinesis:us-east-1:000000000000:stream/s.',
    ],
    [{ Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/c' }, 'Holdfast does not support EventBridge targets of ecs'],
    [
      { Arn: 'arn:aws:events:us-east-1:000000000000:replay/x' },
      'Holdfast does not support EventBridge targets of events replay',
    ],
    [
      transform('{"a": <aws.events.rule-name>'),
      'InputTemplate for target t0 is not valid. Reason: the template does not',
    ],
    [transform('some text'), 'InputTemplate for target t0 is not valid. Reason: the template does not make JSON.'],
    [
      { Arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/events', ...transform('{"message": "m"}') },
      'a template for a log group must be an object with timestamp and message.',
    ],
    [{ EcsParameters: { TaskDefinitionArn: 'x' } }, 'PutTargets Targets with EcsParameters'],
    [{ Arn: FIFO }, 'Parameter(s) SqsParameters must be specified for target: t0.'],
    [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, 'Member must have value less than or equal to 185'],
    [{ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, 'Member must have value greater than or equal to 60'],
    [{ DeadLetterConfig: { Arn: FIFO } }, 'must be a standard SQS queue'],
  ])('refuses %j', async (target, message) => {
    await expect(bench.rule(ANY, { Arn: QUEUE, ...target })).rejects.toThrow(message);
  });

  it('refuses a sixth target', async () => {
    const six = Array.from({ length: 6 }, () => ({ Arn: QUEUE }));
    await expect(bench.rule(ANY, ...six)).rejects.toThrow('The requested resource exceeds the maximum number allowed.');
  });
});

describe('delivery', () => {
  const throttled = () => new ServiceError('ThrottlingException', 'Rate exceeded', 400);
  const fault = () => new ServiceError('InternalFailure', 'oops', 500);
  const denied = () => new ServiceError('AccessDeniedException', 'no policy', 403);
  const attributesOf = (sent: Sent | undefined) =>
    Object.fromEntries(
      Object.entries(sent?.message?.attributes ?? {}).map(([name, { stringValue }]) => [name, stringValue]),
    );

  it('is retried with growing delays until the target takes the event', async () => {
    let refusals = 4;
    bench.refusals.set(LAMBDA, () => (refusals-- > 0 ? throttled() : undefined));
    const start = bench.now;
    await bench.rule(ANY, { Arn: LAMBDA, DeadLetterConfig: { Arn: DLQ } });
    await bench.put();
    await bench.test.advance(DAY_MS);

    // Equal jitter with a fixed draw of one half: three quarters of 1, 2, 4, 8 seconds.
    expect(bench.to(LAMBDA).map(({ at }) => at - start)).toEqual([0, 750, 2_250, 5_250, 11_250]);
    expect(bench.to(DLQ)).toEqual([]);
    expect(bench.metrics.filter((name) => name === 'RetryInvocationAttempts')).toHaveLength(4);
    expect(bench.metrics).not.toContain('FailedInvocations');
  });

  it('goes to the dead-letter queue when retries are used up', async () => {
    bench.refusals.set(LAMBDA, fault);
    await bench.rule(ANY, { Arn: LAMBDA, DeadLetterConfig: { Arn: DLQ }, RetryPolicy: { MaximumRetryAttempts: 2 } });
    const { Entries } = await bench.put();
    await bench.test.advance(DAY_MS);

    expect(bench.to(LAMBDA)).toHaveLength(3);
    const [dead] = bench.to(DLQ);
    expect(JSON.parse(dead?.body as string).id).toBe(Entries?.[0]?.EventId);
    expect(attributesOf(dead)).toEqual({
      RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/r',
      TARGET_ARN: LAMBDA,
      ERROR_CODE: 'INTERNAL_ERROR',
      ERROR_MESSAGE: 'oops',
      RETRY_ATTEMPTS: '2',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
    expect(bench.metrics).toContain('FailedInvocations');
    expect(bench.metrics).toContain('InvocationsSentToDlq');
  });

  it('goes to the dead-letter queue when the event is too old', async () => {
    bench.refusals.set(LAMBDA, throttled);
    const start = bench.now;
    await bench.rule(ANY, {
      Arn: LAMBDA,
      DeadLetterConfig: { Arn: DLQ },
      RetryPolicy: { MaximumEventAgeInSeconds: 60 },
    });
    await bench.put();
    await bench.test.advance(DAY_MS);

    const [dead] = bench.to(DLQ);
    expect((dead as Sent).at - start).toBe(60_000);
    expect(attributesOf(dead)).toMatchObject({
      ERROR_CODE: 'THROTTLING',
      EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds',
    });
  });

  it('is given up at once without permission, and the queue is told of no exhausted condition', async () => {
    bench.refusals.set(LAMBDA, denied);
    await bench.rule(ANY, { Arn: LAMBDA, DeadLetterConfig: { Arn: DLQ } });
    await bench.put();

    const attributes = attributesOf(bench.to(DLQ)[0]);
    expect(attributes).toMatchObject({ ERROR_CODE: 'NO_PERMISSIONS', RETRY_ATTEMPTS: '0' });
    expect(attributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
    expect(bench.to(LAMBDA)).toHaveLength(1);
  });

  it('is given up at once when the target is gone or the input is no JSON', async () => {
    bench.refusals.set(QUEUE, () => new ServiceError('QueueDoesNotExist', 'gone', 400));
    await bench.rule(
      ANY,
      { Arn: QUEUE, DeadLetterConfig: { Arn: DLQ } },
      {
        Arn: LAMBDA,
        DeadLetterConfig: { Arn: DLQ },
        InputTransformer: { InputTemplate: '{"a": "<x>"}', InputPathsMap: { x: '$.detail' } },
      },
    );
    await bench.put({ Detail: '{"a":"b"}' });

    expect(bench.to(DLQ).map((dead) => attributesOf(dead)['ERROR_CODE'])).toEqual(['NO_RESOURCE', 'INVALID_JSON']);
  });

  it('spends all 185 retries within 24 hours', async () => {
    bench.refusals.set(LAMBDA, throttled);
    await bench.rule(ANY, { Arn: LAMBDA, DeadLetterConfig: { Arn: DLQ } });
    await bench.put();
    await bench.test.advance(2 * DAY_MS);

    expect(bench.to(LAMBDA)).toHaveLength(186);
    expect(attributesOf(bench.to(DLQ)[0])).toMatchObject({
      RETRY_ATTEMPTS: '185',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
  });

  it('goes on after a restart where it was', async () => {
    const store = new MapStore();
    const before = new Bench(store);
    before.refusals.set(LAMBDA, throttled);
    const start = before.now;
    await before.rule(ANY, { Arn: LAMBDA });
    const { Entries } = await before.put();
    await before.test.advance(2_000);

    const after = new Bench(store, start + 2_000);
    await after.test.advance(HOUR_MS);

    expect(before.to(LAMBDA)).toHaveLength(2);
    expect(after.to(LAMBDA).map(({ at }) => at - start)).toEqual([2_250]);
    expect(JSON.parse(after.to(LAMBDA)[0]?.body as string).id).toBe(Entries?.[0]?.EventId);
    expect([...store.collection('events.deliveries').entries()]).toEqual([]);
  });
});

describe('rules and buses', () => {
  it('are still there after a restart', async () => {
    const store = new MapStore();
    const before = new Bench(store);
    await before.call('CreateEventBus', { Name: 'custom', Description: 'd', Tags: [{ Key: 'k', Value: 'v' }] });
    await before.rule({ ...ANY, EventBusName: 'custom' }, { Arn: QUEUE });

    const after = new Bench(store);
    await after.put({ EventBusName: 'custom' });

    expect(after.to(QUEUE)).toHaveLength(1);
    expect(await after.call('DescribeEventBus', { Name: 'custom' })).toMatchObject({
      Name: 'custom',
      Description: 'd',
    });
    const ResourceARN = 'arn:aws:events:us-east-1:000000000000:event-bus/custom';
    expect(await after.call('ListTagsForResource', { ResourceARN })).toEqual({ Tags: [{ Key: 'k', Value: 'v' }] });
  });

  it('are replaced as a whole by PutRule, targets and tags kept', async () => {
    await bench.rule({ ...ANY, Description: 'first', Tags: [{ Key: 'k', Value: 'v' }] }, { Arn: QUEUE });
    await bench.call('PutRule', { Name: 'r', ScheduleExpression: 'rate(1 hour)', State: 'DISABLED' });

    const rule = await bench.call('DescribeRule', { Name: 'r' });
    expect(rule).toEqual({
      Name: 'r',
      Arn: 'arn:aws:events:us-east-1:000000000000:rule/r',
      ScheduleExpression: 'rate(1 hour)',
      State: 'DISABLED',
      EventBusName: 'default',
      CreatedBy: '000000000000',
    });
    expect(await bench.call('ListTargetsByRule', { Rule: 'r' })).toEqual({ Targets: [{ Id: 't0', Arn: QUEUE }] });
    expect(await bench.call('ListTagsForResource', { ResourceARN: rule['Arn'] })).toEqual({
      Tags: [{ Key: 'k', Value: 'v' }],
    });
  });

  it('are listed in pages, by prefix and by target', async () => {
    for (const Name of ['c', 'a', 'b', 'x']) await bench.rule({ Name, ...ANY }, { Arn: Name === 'x' ? LAMBDA : QUEUE });
    const first = await bench.call<{ Rules: { Name: string }[]; NextToken: string }>('ListRules', { Limit: 3 });
    const rest = await bench.call<{ Rules: { Name: string }[] }>('ListRules', { Limit: 3, NextToken: first.NextToken });

    expect(first.Rules.map(({ Name }) => Name)).toEqual(['a', 'b', 'c']);
    expect(rest.Rules.map(({ Name }) => Name)).toEqual(['x']);
    expect(await bench.call('ListRuleNamesByTarget', { TargetArn: LAMBDA })).toEqual({ RuleNames: ['x'] });
  });

  it('word their errors as EventBridge does', async () => {
    await bench.call('CreateEventBus', { Name: 'custom' });
    await bench.rule({ ...ANY, EventBusName: 'custom' });

    await expect(bench.call('CreateEventBus', { Name: 'custom' })).rejects.toThrow('Event bus custom already exists.');
    await expect(bench.call('CreateEventBus', { Name: 'default' })).rejects.toThrow(
      'Event bus default already exists.',
    );
    await expect(bench.call('DeleteEventBus', { Name: 'default' })).rejects.toThrow('Cannot delete event bus default.');
    await expect(bench.call('DeleteEventBus', { Name: 'custom' })).rejects.toThrow(
      "can't be deleted since it has rules.",
    );
    await expect(bench.call('DescribeEventBus', { Name: 'no' })).rejects.toThrow('Event bus no does not exist.');
    await expect(bench.call('PutRule', { Name: 'r', EventPattern: '{"a":1}' })).rejects.toThrow(
      'Event pattern is not valid. Reason: "a" must be an object or an array',
    );
    await expect(bench.call('TestEventPattern', { EventPattern: '{"a":[1]}', Event: '"text"' })).rejects.toThrow(
      'Parameter Event is not valid.',
    );
    await expect(bench.call('PutTargets', { Rule: 'no', Targets: [{ Id: 'a', Arn: QUEUE }] })).rejects.toThrow(
      'Rule no does not exist on EventBus default.',
    );
  });

  it('say that a statement is missing also where there is no policy', async () => {
    await expect(bench.call('RemovePermission', { StatementId: 's' })).rejects.toThrow(
      'Statement with the provided id does not exist.',
    );
  });

  it('keep permissions as a policy', async () => {
    await bench.call('PutPermission', { StatementId: 's', Action: 'events:PutEvents', Principal: '111122223333' });
    const { Policy } = await bench.call<{ Policy: string }>('DescribeEventBus', {});
    await bench.call('RemovePermission', { StatementId: 's' });

    expect(JSON.parse(Policy).Statement).toEqual([
      {
        Sid: 's',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'events:PutEvents',
        Resource: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
      },
    ]);
    expect(await bench.call('DescribeEventBus', {})).not.toHaveProperty('Policy');
  });
});
