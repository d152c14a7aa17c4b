import { describe, expect, it } from 'vitest';
import type { HttpCall } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { DEFAULT_RETRY_POLICY, retryDelaysMs } from './delivery-policy.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:orders';
const URL_ = 'http://localhost:8080/hook';
const DLQ = 'arn:aws:sqs:us-east-1:000000000000:dlq';

const OPEN_TO_SNS = JSON.stringify({
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: DLQ },
  ],
});

const bodyOf = (call: HttpCall | undefined) => JSON.parse(call?.body ?? '{}') as Record<string, string>;

/** An engine with a topic and an HTTP subscription that is confirmed, and its call log empty. */
const subscribed = async (attributes: Record<string, string> = {}, store = new MapStore()) => {
  const test = new TestEngine({ store });
  test.endpoints.set(URL_, () => ({}));
  await test.call('sns', 'CreateTopic', { Name: 'orders' });
  await test.call('sqs', 'CreateQueue', { QueueName: 'dlq', Attributes: { Policy: OPEN_TO_SNS } });
  const { SubscriptionArn } = await test.call<{ SubscriptionArn: string }>('sns', 'Subscribe', {
    TopicArn: TOPIC,
    Protocol: 'http',
    Endpoint: URL_,
    Attributes: attributes,
    ReturnSubscriptionArn: true,
  });
  await test.advance(0);
  const { Token } = bodyOf(test.httpCalls[0]);
  await test.call('sns', 'ConfirmSubscription', { TopicArn: TOPIC, Token });
  test.httpCalls.length = 0;
  return { test, SubscriptionArn };
};

const publish = (test: TestEngine, more: object = {}) =>
  test.call<{ MessageId: string }>('sns', 'Publish', { TopicArn: TOPIC, Message: 'hi', ...more });

const policy = (retry: object, more: object = {}) => ({
  DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: { ...DEFAULT_RETRY_POLICY, ...retry }, ...more }),
});

/** Seconds between the first call and each. */
const offsets = (test: TestEngine): number[] =>
  test.httpCalls.map(({ at }) => (at - (test.httpCalls[0]?.at ?? 0)) / 1_000);

describe('an HTTP endpoint', () => {
  it('is asked to confirm, and gets nothing before it has', async () => {
    const test = new TestEngine();
    test.endpoints.set(URL_, () => ({}));
    await test.call('sns', 'CreateTopic', { Name: 'orders' });
    const answer = await test.call('sns', 'Subscribe', { TopicArn: TOPIC, Protocol: 'http', Endpoint: URL_ });
    await publish(test);
    await test.advance(60_000);

    expect(answer).toEqual({ SubscriptionArn: 'pending confirmation' });
    expect(test.httpCalls).toHaveLength(1);
    const [call] = test.httpCalls;
    expect(call?.headers).toMatchObject({
      'x-amz-sns-message-type': 'SubscriptionConfirmation',
      'x-amz-sns-topic-arn': TOPIC,
      'Content-Type': 'text/plain; charset=UTF-8',
    });
    expect(call?.headers['x-amz-sns-subscription-arn']).toBeUndefined();
    const body = bodyOf(call);
    expect(Object.keys(body)).toEqual([
      'Type',
      'MessageId',
      'Token',
      'TopicArn',
      'Message',
      'SubscribeURL',
      'Timestamp',
      'SignatureVersion',
      'Signature',
      'SigningCertURL',
    ]);
    expect(body['SubscribeURL']).toBe(
      `http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=${body['Token']}`,
    );
  });

  it('confirms with its token, again with the same answer, and by any topic of the region', async () => {
    const test = new TestEngine();
    test.endpoints.set(URL_, () => ({}));
    await test.call('sns', 'CreateTopic', { Name: 'orders' });
    await test.call('sns', 'Subscribe', { TopicArn: TOPIC, Protocol: 'http', Endpoint: URL_ });
    await test.advance(0);
    const { Token } = bodyOf(test.httpCalls[0]);
    const confirm = (TopicArn: string) => test.call('sns', 'ConfirmSubscription', { TopicArn, Token });

    await expect(confirm('not-an-arn')).rejects.toThrow('Invalid parameter: Topic');
    await expect(confirm(TOPIC.replace('us-east-1', 'eu-central-1'))).rejects.toThrow('Invalid parameter: Topic');
    const first = await confirm(`${TOPIC}x`);
    expect(await confirm(TOPIC)).toEqual(first);
    const { Attributes } = await test.call<{ Attributes: Record<string, string> }>(
      'sns',
      'GetSubscriptionAttributes',
      first,
    );
    expect(Attributes).toMatchObject({ PendingConfirmation: 'false', ConfirmationWasAuthenticated: 'false' });
  });

  it('gets notifications as queues do, with headers that say what they are', async () => {
    const { test, SubscriptionArn } = await subscribed();
    const { MessageId } = await publish(test, { Subject: 'News' });
    await test.advance(0);

    const [call] = test.httpCalls;
    expect(call?.headers).toMatchObject({
      'x-amz-sns-message-type': 'Notification',
      'x-amz-sns-message-id': MessageId,
      'x-amz-sns-topic-arn': TOPIC,
      'x-amz-sns-subscription-arn': SubscriptionArn,
      'User-Agent': 'Amazon Simple Notification Service Agent',
    });
    expect(bodyOf(call)).toMatchObject({ Type: 'Notification', MessageId, Subject: 'News', Message: 'hi' });
  });

  it('gets the bare message when it wants it raw, in the content type that it names', async () => {
    const { test } = await subscribed({
      RawMessageDelivery: 'true',
      DeliveryPolicy: JSON.stringify({ requestPolicy: { headerContentType: 'application/json' } }),
    });
    await publish(test, { Message: '{"a":1}' });
    await test.advance(0);

    expect(test.httpCalls[0]?.body).toBe('{"a":1}');
    expect(test.httpCalls[0]?.headers).toMatchObject({
      'x-amz-sns-rawdelivery': 'true',
      'Content-Type': 'application/json',
    });
  });

  it('is told when somebody unsubscribes it without a signature, and can restore the subscription', async () => {
    const { test, SubscriptionArn } = await subscribed();
    await test.call('sns', 'Unsubscribe', { SubscriptionArn }, { host: '127.0.0.1:4566' });
    await test.advance(0);
    await publish(test);
    await test.advance(0);

    const [call] = test.httpCalls;
    expect(test.httpCalls).toHaveLength(1);
    expect(call?.headers['x-amz-sns-message-type']).toBe('UnsubscribeConfirmation');
    expect(bodyOf(call)['Message']).toContain(`deactivate subscription ${SubscriptionArn}.`);

    await test.call('sns', 'ConfirmSubscription', { TopicArn: TOPIC, Token: bodyOf(call)['Token'] });
    await publish(test);
    await test.advance(0);
    expect(test.httpCalls).toHaveLength(2);
  });

  it('that only its owner may end is not ended without a signature', async () => {
    const test = new TestEngine();
    test.endpoints.set(URL_, () => ({}));
    await test.call('sns', 'CreateTopic', { Name: 'orders' });
    await test.call('sns', 'Subscribe', { TopicArn: TOPIC, Protocol: 'http', Endpoint: URL_ });
    await test.advance(0);
    const { Token } = bodyOf(test.httpCalls[0]);
    const confirmed = await test.call<{ SubscriptionArn: string }>('sns', 'ConfirmSubscription', {
      TopicArn: TOPIC,
      Token,
      AuthenticateOnUnsubscribe: 'true',
    });
    const end = (more: object) => test.call('sns', 'Unsubscribe', confirmed, { host: '127.0.0.1:4566', ...more });

    await expect(end({})).rejects.toMatchObject({ code: 'AuthorizationError', status: 403 });
    await end({ accessKeyId: 'test' });
  });
});

describe('the delivery policy', () => {
  it('of SNS itself is three retries, 20 seconds apart; then the dead-letter queue', async () => {
    const { test } = await subscribed({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: DLQ }) });
    test.endpoints.set(URL_, () => ({ status: 503 }));
    await publish(test);
    await test.advance(3_600_000);

    expect(offsets(test)).toEqual([0, 20, 40, 60]);
    const { Messages } = await test.call<{ Messages: { Body: string }[] }>('sqs', 'ReceiveMessage', {
      QueueUrl: 'http://127.0.0.1:4566/000000000000/dlq',
    });
    expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({ Type: 'Notification', Message: 'hi' });
  });

  it('has four phases: no delay, the least, growing, the greatest', async () => {
    const { test } = await subscribed(
      policy({
        numRetries: 12,
        numNoDelayRetries: 3,
        numMinDelayRetries: 2,
        numMaxDelayRetries: 3,
        minDelayTarget: 1,
        maxDelayTarget: 60,
        backoffFunction: 'exponential',
      }),
    );
    test.endpoints.set(URL_, () => ({ failure: { kind: 'failed', reason: 'timeout', message: 'slow' } }));
    await publish(test);
    await test.advance(3_600_000);

    const at = offsets(test);
    const delays = at.slice(1).map((second, index) => Math.round((second - (at[index] ?? 0)) * 1_000) / 1_000);
    expect(delays).toEqual([0, 0, 0, 1, 1, 1, 9.429, 26.286, 60, 60, 60, 60]);
  });

  it.each([
    ['linear', [10, 20, 30, 40, 50]],
    ['arithmetic', [10, 14, 22, 34, 50]],
    ['geometric', [10, 14.953, 22.361, 33.437, 50]],
    ['exponential', [10, 12.667, 18, 28.667, 50]],
  ] as const)('grows %s', (backoffFunction, seconds) => {
    const delays = retryDelaysMs({
      ...DEFAULT_RETRY_POLICY,
      numRetries: 5,
      minDelayTarget: 10,
      maxDelayTarget: 50,
      backoffFunction,
    });
    expect(delays.map((ms) => ms / 1_000)).toEqual(seconds);
  });

  it.each([
    [200, 1],
    [204, 1],
    [302, 1],
    [400, 1],
    [404, 1],
    [429, 4],
    [500, 4],
    [503, 4],
  ])('after %i makes %i requests', async (status, requests) => {
    const { test } = await subscribed();
    test.endpoints.set(URL_, () => ({ status }));
    await publish(test);
    await test.advance(3_600_000);
    expect(test.httpCalls).toHaveLength(requests);
  });

  it('of the topic counts for all its subscriptions when it says so', async () => {
    const { test } = await subscribed(policy({ numRetries: 0 }));
    await test.call('sns', 'SetTopicAttributes', {
      TopicArn: TOPIC,
      AttributeName: 'DeliveryPolicy',
      AttributeValue: JSON.stringify({
        http: {
          disableSubscriptionOverrides: true,
          defaultHealthyRetryPolicy: { numRetries: 2, minDelayTarget: 5, maxDelayTarget: 5 },
        },
      }),
    });
    test.endpoints.set(URL_, () => ({ status: 500 }));
    await publish(test);
    await test.advance(3_600_000);
    expect(offsets(test)).toEqual([0, 5, 10]);
  });

  it('lets through so many messages per second', async () => {
    const { test } = await subscribed(policy({}, { throttlePolicy: { maxReceivesPerSecond: 2 } }));
    for (let index = 0; index < 5; index++) await publish(test);
    await test.advance(60_000);
    expect(offsets(test)).toEqual([0, 0.5, 1, 1.5, 2]);
  });

  it.each([
    [{ healthyRetryPolicy: { numRetries: 101 } }, 'healthyRetryPolicy.numRetries must be an integer between 0 and 100'],
    [
      { healthyRetryPolicy: { minDelayTarget: 30 } },
      'healthyRetryPolicy.maxDelayTarget must be greater than or equal to minDelayTarget',
    ],
    [
      { healthyRetryPolicy: { numNoDelayRetries: 4 } },
      'healthyRetryPolicy.numRetries must be greater than or equal to the sum',
    ],
    [
      { healthyRetryPolicy: { numRetries: 100, maxDelayTarget: 3600 } },
      'the total retry time must not be greater than 3600 seconds',
    ],
    [{ healthyRetryPolicy: { backoffFunction: 'wild' } }, 'backoffFunction must be one of'],
    [
      { throttlePolicy: { maxReceivesPerSecond: 0 } },
      'throttlePolicy.maxReceivesPerSecond must be an integer of at least 1',
    ],
    [{ requestPolicy: { headerContentType: 'text' } }, 'requestPolicy.headerContentType must be a content type'],
    [{ patience: 1 }, 'Unknown field patience'],
  ])('%j is refused', async (given, reason) => {
    await expect(subscribed({ DeliveryPolicy: JSON.stringify(given) })).rejects.toThrow(reason);
  });
});

it('a retry outlives the process', async () => {
  const store = new MapStore();
  const { test } = await subscribed({}, store);
  test.endpoints.set(URL_, () => ({ status: 500 }));
  await publish(test);
  await test.advance(25_000);
  expect(test.httpCalls).toHaveLength(2);

  const again = new TestEngine({ store, start: test.clock.now() });
  again.endpoints.set(URL_, () => ({ status: 500 }));
  await again.advance(3_600_000);
  expect(again.httpCalls.map(({ at }) => (at - (test.httpCalls[0]?.at ?? 0)) / 1_000)).toEqual([40, 60]);
});

describe('how deliveries ended', () => {
  const ROLE = 'arn:aws:iam::000000000000:role/feedback';
  const entriesOf = async (test: TestEngine, logGroupName: string) => {
    const { events } = await test.call<{ events: { message: string }[] }>('logs', 'FilterLogEvents', { logGroupName });
    return events.map(({ message }) => JSON.parse(message));
  };
  const log = async (test: TestEngine, AttributeName: string, AttributeValue: string) =>
    test.call('sns', 'SetTopicAttributes', { TopicArn: TOPIC, AttributeName, AttributeValue });

  it('is logged for topics that name a role', async () => {
    const { test } = await subscribed();
    await log(test, 'HTTPSuccessFeedbackRoleArn', ROLE);
    await log(test, 'HTTPFailureFeedbackRoleArn', ROLE);
    test.endpoints.set(URL_, () => ({ body: 'thanks', durationMs: 40 }));
    const { MessageId } = await publish(test);
    await test.advance(1_000);
    test.endpoints.set(URL_, () => ({ status: 500, body: 'no' }));
    await publish(test);
    await test.advance(120_000);

    const [success] = await entriesOf(test, 'sns/us-east-1/000000000000/orders');
    expect(success).toMatchObject({
      notification: { messageId: MessageId, topicArn: TOPIC },
      delivery: { destination: URL_, providerResponse: 'thanks', dwellTimeMs: 40, attempts: 1, statusCode: 200 },
      status: 'SUCCESS',
    });
    expect(await entriesOf(test, 'sns/us-east-1/000000000000/orders/Failure')).toMatchObject([
      { delivery: { providerResponse: 'no', attempts: 4, statusCode: 500 }, status: 'FAILURE' },
    ]);
  });

  it('is not logged of successes at a sample rate of 0', async () => {
    const { test } = await subscribed();
    await log(test, 'HTTPSuccessFeedbackRoleArn', ROLE);
    await log(test, 'HTTPSuccessFeedbackSampleRate', '0');
    await publish(test);
    await test.advance(1_000);
    await expect(entriesOf(test, 'sns/us-east-1/000000000000/orders')).rejects.toThrow();
  });
});
