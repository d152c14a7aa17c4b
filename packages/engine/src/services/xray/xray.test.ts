import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { type SimulatedFunction, TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const ROOT = '1-677605b5-0123456789abcdef01234567';
const SAMPLED = `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`;
const arnOf = (kind: string, name: string) => `arn:aws:${kind}:us-east-1:${ACCOUNT}:${name}`;

interface Summary {
  readonly Id: string;
  readonly HasFault: boolean;
}
interface Document {
  readonly id: string;
  readonly parent_id?: string;
  readonly name: string;
  readonly origin?: string;
  readonly subsegments?: Document[];
  readonly [member: string]: unknown;
}
interface Node {
  readonly Name: string;
  readonly Type?: string;
  readonly ReferenceId: number;
  readonly Edges: { readonly ReferenceId: number; readonly SummaryStatistics: object }[];
  readonly SummaryStatistics?: object;
}

let test: TestEngine;
const xray = <Output = Record<string, unknown>>(action: string, input: object = {}) =>
  test.call<Output>('xray', action, input);
const put = (...documents: object[]) =>
  xray('PutTraceSegments', { TraceSegmentDocuments: documents.map((each) => JSON.stringify(each)) });
const span = () => ({
  StartTime: new Date(test.clock.now() - 10 * MINUTE_MS),
  EndTime: new Date(test.clock.now() + MINUTE_MS),
});
const summaries = async (FilterExpression?: string) => {
  const { TraceSummaries } = await xray<{ TraceSummaries: Summary[] }>('GetTraceSummaries', {
    ...span(),
    ...(FilterExpression === undefined ? {} : { FilterExpression }),
  });
  return TraceSummaries;
};
const documents = async (TraceId: string): Promise<Document[]> => {
  const { Traces } = await xray<{ Traces: { Segments: { Document: string }[] }[] }>('BatchGetTraces', {
    TraceIds: [TraceId],
  });
  return (Traces[0]?.Segments ?? []).map(({ Document: text }) => JSON.parse(text) as Document);
};
const graph = async () => {
  const { Services } = await xray<{ Services: Node[] }>('GetServiceGraph', span());
  const nameOf = (reference: number) => {
    const node = Services.find(({ ReferenceId }) => ReferenceId === reference);
    return `${node?.Name} (${node?.Type ?? ''})`;
  };
  return Services.flatMap(({ ReferenceId, Edges }) =>
    Edges.map((edge) => `${nameOf(ReferenceId)} -> ${nameOf(edge.ReferenceId)}`),
  );
};
const addFunction = async (name: string, behaviour: SimulatedFunction, more: object = {}) => {
  test.functions.set(name, behaviour);
  await createFunction(test, name, { TracingConfig: { Mode: 'Active' }, ...more });
};
const invoke = async (FunctionName: string, traceHeader?: string) => {
  const done = test.call('lambda', 'Invoke', { FunctionName }, { traceHeader });
  await test.advance(SECOND_MS);
  return done;
};
const segment = (id: string, more: object = {}) => ({
  id,
  trace_id: ROOT,
  name: 'shop',
  start_time: test.clock.now() / 1_000,
  end_time: test.clock.now() / 1_000 + 0.5,
  ...more,
});

beforeEach(() => {
  test = new TestEngine();
});

describe('segments that are sent', () => {
  it('come back whole, subsegments that came by themselves in their places', async () => {
    await put(
      segment('aaaaaaaaaaaaaaaa', { subsegments: [segment('bbbbbbbbbbbbbbbb', { name: 'inner' })] }),
      segment('cccccccccccccccc', { type: 'subsegment', parent_id: 'bbbbbbbbbbbbbbbb', name: 'late' }),
    );
    const [document] = await documents(ROOT);
    expect(document?.subsegments?.[0]?.subsegments?.[0]).toMatchObject({ name: 'late' });
    expect(await xray('BatchGetTraces', { TraceIds: ['1-00000000-000000000000000000000000'] })).toMatchObject({
      Traces: [],
      UnprocessedTraceIds: ['1-00000000-000000000000000000000000'],
    });
  });

  it('that are none are named', async () => {
    const answer = await xray('PutTraceSegments', {
      TraceSegmentDocuments: ['{', '{"id":"xyz"}', JSON.stringify(segment('aaaaaaaaaaaaaaaa', { trace_id: '1-2' }))],
    });
    expect(answer).toMatchObject({
      UnprocessedTraceSegments: [
        { ErrorCode: 'ParseError' },
        { Id: 'xyz', ErrorCode: 'InvalidId' },
        { Id: 'aaaaaaaaaaaaaaaa', ErrorCode: 'InvalidTraceId' },
      ],
    });
  });

  it('take the place of the same when they were in progress', async () => {
    await put({ ...segment('aaaaaaaaaaaaaaaa'), end_time: undefined, in_progress: true });
    expect(await summaries('partial')).toHaveLength(1);
    await put(segment('aaaaaaaaaaaaaaaa'));
    expect(await summaries('partial')).toEqual([]);
    expect(await summaries()).toMatchObject([{ Id: ROOT, Duration: expect.closeTo(0.5, 3) as number }]);
  });
});

describe('a filter expression', () => {
  beforeEach(() =>
    put(
      segment('aaaaaaaaaaaaaaaa', {
        http: { request: { url: 'http://shop/orders', method: 'POST' }, response: { status: 502 } },
        fault: true,
        user: 'ann',
        annotations: { tenant: 'a', level: 3 },
        origin: 'AWS::ECS::Container',
      }),
      segment('dddddddddddddddd', { trace_id: ROOT.replace('0123', '9999'), name: 'other' }),
    ),
  );

  it.each([
    ['fault', 1],
    ['!fault', 1],
    ['ok OR fault', 2],
    ['ok AND fault', 0],
    ['http.status >= 500 AND http.method = "POST"', 1],
    ['http.url CONTAINS "orders"', 1],
    ['http.url BEGINSWITH "https"', 0],
    ['annotation.tenant = "a"', 1],
    ['annotation.tenant', 1],
    ['annotation[level] > 2', 1],
    ['service("shop")', 1],
    ['service("shop") { fault }', 1],
    ['service("other") { fault }', 0],
    ['service(id(name: "shop", type: "AWS::ECS::Container"))', 1],
    ['responsetime > 0.4', 2],
    ['(duration < 0.1) OR user = "ann"', 1],
    ['fault = false', 1],
  ])('%s', async (expression, count) => {
    expect(await summaries(expression)).toHaveLength(count);
  });

  it('that is none, or has what is not modelled, is refused', async () => {
    await expect(summaries('fault AND')).rejects.toMatchObject({ code: 'InvalidRequestException' });
    await expect(summaries('edge("a", "b")')).rejects.toThrow(/edge/);
  });
});

describe('a function that traces actively', () => {
  it('has a segment of Lambda and one of its own in the trace of its caller', async () => {
    await addFunction('worker', () => ({ result: 1, durationMs: 20 }));
    await invoke('worker', SAMPLED);
    const [service, own] = await documents(ROOT);
    expect(service).toMatchObject({ origin: 'AWS::Lambda', parent_id: '53995c3f42cd8ad8', name: 'worker' });
    expect(own).toMatchObject({ origin: 'AWS::Lambda::Function', parent_id: service?.id, name: 'worker' });
    expect(own?.subsegments?.map(({ name }) => name)).toEqual(['Invocation']);
    expect(test.invocations[0]?.traceHeader).toMatch(new RegExp(`^Root=${ROOT};Parent=${own?.id};Sampled=1;Lineage=`));
    expect(await graph()).toEqual([
      'worker (AWS::Lambda) -> worker (AWS::Lambda::Function)',
      'client (client) -> worker (AWS::Lambda)',
    ]);
  });

  it('tells of its failure', async () => {
    await addFunction('worker', () => ({ error: { errorType: 'TypeError', errorMessage: 'no' } }));
    await invoke('worker', SAMPLED);
    expect(await summaries('fault')).toMatchObject([{ Id: ROOT, HasFault: true }]);
    expect((await documents(ROOT))[1]).toMatchObject({
      cause: { exceptions: [{ type: 'TypeError', message: 'no' }] },
    });
  });

  it('is not traced when its caller said so, nor when it only passes traces on', async () => {
    await addFunction('worker', () => ({ result: 1 }));
    await addFunction('silent', () => ({ result: 1 }), { TracingConfig: { Mode: 'PassThrough' } });
    await invoke('worker', SAMPLED.replace('Sampled=1', 'Sampled=0'));
    await invoke('silent', SAMPLED);
    expect(await summaries()).toEqual([]);
    expect(test.invocations.at(-1)?.traceHeader).toContain(SAMPLED);
  });

  it('is sampled by rules when nobody decided: the first of each second, and one of twenty', async () => {
    await addFunction('worker', () => ({ result: 1 }));
    for (let count = 0; count < 100; count++) void test.call('lambda', 'Invoke', { FunctionName: 'worker' });
    await test.advance(SECOND_MS);
    const found = (await summaries()).length;
    expect(found).toBeGreaterThan(1);
    expect(found).toBeLessThan(20);
    const rule = {
      RuleName: 'all',
      Priority: 1,
      FixedRate: 1,
      ReservoirSize: 0,
      ServiceName: 'work*',
      ServiceType: 'AWS::Lambda::Function',
      Host: '*',
      HTTPMethod: '*',
      URLPath: '*',
      ResourceARN: '*',
      Version: 1,
    };
    await xray('CreateSamplingRule', { SamplingRule: rule });
    for (let count = 0; count < 50; count++) void test.call('lambda', 'Invoke', { FunctionName: 'worker' });
    await test.advance(SECOND_MS);
    expect((await summaries()).length).toBe(found + 50);
  });

  it('is linked to the traces of the messages that it gets, and hands its own on', async () => {
    await addFunction('worker', () => ({ result: null }));
    await test.call('sqs', 'CreateQueue', { QueueName: 'q' });
    const mapping = { FunctionName: 'worker', EventSourceArn: arnOf('sqs', 'q') };
    await test.call('lambda', 'CreateEventSourceMapping', mapping);
    await test.call('sqs', 'SendMessage', { QueueUrl: 'q', MessageBody: 'x' }, { traceHeader: SAMPLED });
    await test.advance(MINUTE_MS);
    const [found] = await summaries();
    expect(found?.Id).not.toBe(ROOT);
    expect((await documents(found?.Id as string))[0]).toMatchObject({
      links: [{ trace_id: ROOT, id: '53995c3f42cd8ad8' }],
    });
    expect(test.invocations[0]?.payload).toContain(SAMPLED);
  });
});

it('a header goes from an API through functions, a bus and a topic to a queue', async () => {
  const { ApiId } = await test.call<{ ApiId: string }>('apigatewayv2', 'CreateApi', {
    Name: 'shop',
    ProtocolType: 'HTTP',
    Target: arnOf('lambda', 'function:ingest'),
  });
  const Policy = (Action: string, Service: string) =>
    JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: { Service }, Action, Resource: '*' }] });
  await addFunction('ingest', ({ traceHeader }) => {
    const context = { ...test.engine.context(), traceHeader };
    const Entries = [{ Source: 'shop', DetailType: 'd', Detail: '{}' }];
    test.engine.call('events', 'PutEvents', { Entries }, context);
    return { result: 'ok' };
  });
  await test.call('lambda', 'AddPermission', {
    FunctionName: 'ingest',
    StatementId: 's',
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
  });
  await test.call('sns', 'CreateTopic', {
    Name: 't',
    Attributes: { Policy: Policy('sns:Publish', 'events.amazonaws.com') },
  });
  const Attributes = { Policy: Policy('sqs:SendMessage', 'sns.amazonaws.com') };
  await test.call('sqs', 'CreateQueue', { QueueName: 'q', Attributes });
  const TopicArn = arnOf('sns', 't');
  await test.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arnOf('sqs', 'q') });
  await test.call('events', 'PutRule', { Name: 'r', EventPattern: '{"source":["shop"]}' });
  await test.call('events', 'PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn: TopicArn }] });
  const host = `${ApiId}.execute-api.localhost`;
  const found = test.engine.routeOf(host, '/');
  const asked = found?.route.answer({
    ...found,
    method: 'GET',
    query: '',
    headers: { host, 'x-amzn-trace-id': SAMPLED },
    body: new Uint8Array(),
    sourceIp: '10.0.0.7',
    host,
    accessKeyId: undefined,
    account: ACCOUNT,
    region: 'us-east-1',
  });
  await test.advance(SECOND_MS);
  expect(await asked).toMatchObject({ status: 200 });
  const { Messages } = await test.call<{ Messages: { Attributes: Record<string, string> }[] }>(
    'sqs',
    'ReceiveMessage',
    {
      QueueUrl: 'q',
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    },
  );
  const [, own] = await documents(ROOT);
  expect(Messages[0]?.Attributes['AWSTraceHeader']).toContain(`Root=${ROOT};Parent=${own?.id};Sampled=1`);
});

it('calls that nobody at the other end tells of are nodes of the graph', async () => {
  await put(
    segment('aaaaaaaaaaaaaaaa', {
      subsegments: [
        segment('bbbbbbbbbbbbbbbb', {
          name: 'DynamoDB',
          namespace: 'aws',
          aws: { table_name: 'orders', operation: 'PutItem' },
        }),
        segment('cccccccccccccccc', { name: 'example.com', namespace: 'remote', error: true }),
      ],
    }),
  );
  expect(await graph()).toEqual([
    'shop () -> orders (AWS::DynamoDB::Table)',
    'shop () -> example.com (remote)',
    'client (client) -> shop ()',
  ]);
});

it('a message leads on to who gets it', async () => {
  const call = { name: 'SQS', namespace: 'aws', aws: { queue_url: 'http://q' } };
  await put(
    segment('aaaaaaaaaaaaaaaa', { subsegments: [segment('bbbbbbbbbbbbbbbb', call)] }),
    segment('cccccccccccccccc', {
      trace_id: ROOT.replace('0123', '9999'),
      name: 'worker',
      links: [{ trace_id: ROOT, id: 'bbbbbbbbbbbbbbbb' }],
    }),
  );
  expect(await graph()).toEqual([
    'shop () -> http://q (AWS::SQS::Queue)',
    'http://q (AWS::SQS::Queue) -> worker ()',
    'client (client) -> shop ()',
  ]);
});

it('sampling rules outlive the process, traces do not', async () => {
  const store = new MapStore();
  test = new TestEngine({ store });
  await put(segment('aaaaaaaaaaaaaaaa'));
  const SamplingRuleUpdate = { RuleName: 'Default', FixedRate: 1 };
  await xray('UpdateSamplingRule', { SamplingRuleUpdate });
  test = new TestEngine({ store });
  expect(await summaries()).toEqual([]);
  expect(await xray('GetSamplingRules')).toMatchObject({
    SamplingRuleRecords: [{ SamplingRule: { RuleName: 'Default', FixedRate: 1, Priority: 10_000 } }],
  });
  const SamplingStatisticsDocuments = [
    { RuleName: 'Default', ClientID: 'c', Timestamp: new Date(0), RequestCount: 1, SampledCount: 1 },
    { RuleName: 'none', ClientID: 'c', Timestamp: new Date(0), RequestCount: 1, SampledCount: 1 },
  ];
  expect(await xray('GetSamplingTargets', { SamplingStatisticsDocuments })).toMatchObject({
    SamplingTargetDocuments: [{ RuleName: 'Default', FixedRate: 1, ReservoirQuota: 1, Interval: 10 }],
    UnprocessedStatistics: [{ RuleName: 'none' }],
  });
});

it('finished segments go to a collector as spans', async () => {
  const otlpEndpoint = 'http://127.0.0.1:4318';
  test = new TestEngine({ settings: { otlpEndpoint } });
  const sent: { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] }[] = [];
  test.endpoints.set(`${otlpEndpoint}/v1/traces`, ({ body }) => {
    sent.push(JSON.parse(body as string));
    return { status: 200, body: '{}' };
  });
  await put(
    segment('aaaaaaaaaaaaaaaa', {
      fault: true,
      annotations: { tenant: 'a' },
      subsegments: [segment('bbbbbbbbbbbbbbbb', { name: 'DynamoDB', namespace: 'aws' })],
    }),
  );
  await test.advance(SECOND_MS);
  const spans = sent[0]?.resourceSpans[0]?.scopeSpans[0]?.spans;
  expect(spans).toMatchObject([
    {
      traceId: ROOT.slice(2).replace('-', ''),
      spanId: 'aaaaaaaaaaaaaaaa',
      kind: 2,
      status: { code: 2 },
      attributes: [{ key: 'tenant', value: { stringValue: 'a' } }],
    },
    { spanId: 'bbbbbbbbbbbbbbbb', parentSpanId: 'aaaaaaaaaaaaaaaa', kind: 3, name: 'DynamoDB' },
  ]);
  expect(spans?.[0]?.['startTimeUnixNano']).toMatch(/^\d{19}$/);
});
