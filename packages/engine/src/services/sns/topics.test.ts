import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestBench } from '../s3/bucket-bench.ts';
import { SnsService } from './service.ts';

const ARN = 'arn:aws:sns:us-east-1:000000000000:orders';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';

const fresh = (store = new MapStore()) => new TestBench((environment) => new SnsService(environment), store);
const withTopic = (Attributes: Record<string, string> = {}) => {
  const bench = fresh();
  bench.call('CreateTopic', { Name: 'orders', Attributes });
  return bench;
};
const attributesOf = (bench: TestBench<SnsService>, TopicArn = ARN) =>
  bench.call<{ Attributes: Record<string, string> }>('GetTopicAttributes', { TopicArn }).Attributes;

describe('a topic', () => {
  it('gives its delivery policy back without what was set to null', () => {
    const policy = (http: object) => {
      const bench = withTopic({ DeliveryPolicy: JSON.stringify({ http }) });
      return JSON.parse(attributesOf(bench)['DeliveryPolicy'] as string);
    };

    expect(policy({ defaultRequestPolicy: { headerContentType: 'application/json' } })).toEqual({
      http: { disableSubscriptionOverrides: false, defaultRequestPolicy: { headerContentType: 'application/json' } },
    });
    expect(policy({ defaultHealthyRetryPolicy: null })).toEqual({ http: { disableSubscriptionOverrides: false } });
  });

  it('shows what was set and what SNS sets', () => {
    const bench = withTopic({ DisplayName: 'Orders', SignatureVersion: '2' });

    const { Policy, EffectiveDeliveryPolicy, ...plain } = attributesOf(bench);

    expect(plain).toEqual({
      DisplayName: 'Orders',
      SignatureVersion: '2',
      TopicArn: ARN,
      Owner: '000000000000',
      SubscriptionsConfirmed: '0',
      SubscriptionsPending: '0',
      SubscriptionsDeleted: '0',
    });
    expect(JSON.parse(Policy ?? '')).toMatchObject({
      Id: '__default_policy_ID',
      Statement: [{ Condition: { StringEquals: { 'AWS:SourceOwner': '000000000000' } } }],
    });
    expect(JSON.parse(EffectiveDeliveryPolicy ?? '').http.defaultHealthyRetryPolicy.numRetries).toBe(3);
  });

  it('is created again without harm, unless something differs', () => {
    const bench = withTopic({ DisplayName: 'Orders' });

    expect(bench.call('CreateTopic', { Name: 'orders' })).toEqual({ TopicArn: ARN });
    expect(bench.call('CreateTopic', { Name: 'orders', Attributes: { FifoTopic: 'false' } })).toEqual({
      TopicArn: ARN,
    });
    expect(bench.refusal('CreateTopic', { Name: 'orders', Attributes: { DisplayName: 'Other' } }).message).toBe(
      'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    );
    expect(bench.refusal('CreateTopic', { Name: 'orders', Tags: [{ Key: 'a', Value: '1' }] }).message).toBe(
      'Invalid parameter: Tags Reason: Topic already exists with different tags',
    );
  });

  it.each([
    ['', undefined],
    ['a'.repeat(257), undefined],
    ['white space', undefined],
    ['standard.fifo', undefined],
    ['no-suffix', 'true'],
  ])('cannot be called %j', (Name, FifoTopic) => {
    const input = { Name, ...(FifoTopic === undefined ? {} : { Attributes: { FifoTopic } }) };

    expect(fresh().refusal('CreateTopic', input)).toMatchObject({
      code: 'InvalidParameter',
      message: 'Invalid parameter: Topic Name',
    });
  });

  it('is named by an ARN of its region', () => {
    const bench = withTopic();
    const refusal = (TopicArn: string) => bench.refusal('GetTopicAttributes', { TopicArn });

    expect(refusal('orders').message).toBe(
      'Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
    );
    expect(refusal(`${ARN}-gone`)).toMatchObject({ code: 'NotFound', status: 404, message: 'Topic does not exist' });
    expect(refusal(ARN.replace('us-east-1', 'eu-west-1')).message).toBe('Invalid parameter: TopicArn');
  });

  it('goes with its subscriptions, and may be deleted twice', () => {
    const bench = withTopic();
    bench.call('Subscribe', { TopicArn: ARN, Protocol: 'sqs', Endpoint: QUEUE });

    bench.call('DeleteTopic', { TopicArn: ARN });
    bench.call('DeleteTopic', { TopicArn: ARN });

    expect(bench.call('ListTopics', {})).toEqual({ Topics: [] });
    expect(bench.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
  });

  it('takes tags, permissions and attributes, and refuses the unknown', () => {
    const bench = withTopic();

    bench.call('TagResource', { ResourceArn: ARN, Tags: [{ Key: 'a', Value: '1' }] });
    bench.call('SetTopicAttributes', { TopicArn: ARN, AttributeName: 'DisplayName', AttributeValue: 'New' });
    bench.call('AddPermission', { TopicArn: ARN, Label: 'x', AWSAccountId: ['111111111111'], ActionName: ['Publish'] });

    expect(bench.call('ListTagsForResource', { ResourceArn: ARN })).toEqual({ Tags: [{ Key: 'a', Value: '1' }] });
    expect(attributesOf(bench)['DisplayName']).toBe('New');
    expect(JSON.parse(attributesOf(bench)['Policy'] ?? '').Statement[1]).toEqual({
      Sid: 'x',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'SNS:Publish',
      Resource: ARN,
    });
    const set = (AttributeName: string) =>
      bench.refusal('SetTopicAttributes', { TopicArn: ARN, AttributeName, AttributeValue: 'x' });
    expect(set('Unheard').message).toBe('Invalid parameter: AttributeName');
    expect(set('FirehoseSuccessFeedbackRoleArn')).toMatchObject({ code: 'NotSupportedByHoldfast' });
    expect(set('SQSSuccessFeedbackRoleArn').message).toContain('SQSSuccessFeedbackRoleArn Reason: Invalid ARN');
    expect(set('SQSSuccessFeedbackSampleRate').message).toBe('Invalid parameter: SQSSuccessFeedbackSampleRate');
    expect(bench.refusal('AddPermission', { TopicArn: ARN, Label: 'x', ActionName: ['Publish'] }).message).toBe(
      'Invalid parameter: Statement already exists',
    );
    bench.call('RemovePermission', { TopicArn: ARN, Label: 'x' });
    expect(JSON.parse(attributesOf(bench)['Policy'] ?? '').Statement).toHaveLength(1);
  });

  it('keeps the sample rates of delivery logs, which without a role log nothing', () => {
    const bench = withTopic();
    const set = (AttributeName: string, AttributeValue: string) =>
      bench.call('SetTopicAttributes', { TopicArn: ARN, AttributeName, AttributeValue });

    set('HTTPSuccessFeedbackSampleRate', '0');
    set('LambdaSuccessFeedbackSampleRate', '100');
    set('LambdaSuccessFeedbackRoleArn', '');

    expect(attributesOf(bench)).toMatchObject({
      HTTPSuccessFeedbackSampleRate: '0',
      LambdaSuccessFeedbackSampleRate: '100',
    });
    expect(attributesOf(bench)).not.toHaveProperty('LambdaSuccessFeedbackRoleArn');
  });

  it('is listed a hundred at a time', () => {
    const bench = fresh();
    for (let count = 0; count < 101; count++) bench.call('CreateTopic', { Name: `t${count}` });

    const first = bench.call<{ Topics: object[]; NextToken?: string }>('ListTopics', {});
    const second = bench.call<{ Topics: object[]; NextToken?: string }>('ListTopics', { NextToken: first.NextToken });

    expect([first.Topics.length, second.Topics.length, second.NextToken]).toEqual([100, 1, undefined]);
  });
});

describe('services that publish', () => {
  const accepts = (bench: TestBench<SnsService>, principal: string) =>
    bench.service.accepts(ARN, { principal, sourceAccount: '000000000000', sourceArn: 'arn:aws:s3:::uploads' });

  it('are let in by the policy only; alarms of the same account also without one', () => {
    const bench = withTopic();

    expect(accepts(bench, 's3.amazonaws.com')).toBe(false);
    expect(accepts(bench, 'events.amazonaws.com')).toBe(false);
    expect(accepts(bench, 'cloudwatch.amazonaws.com')).toBe(true);
    bench.call('SetTopicAttributes', {
      TopicArn: ARN,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify({
        Statement: [
          { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sns:Publish', Resource: ARN },
        ],
      }),
    });
    expect(accepts(bench, 's3.amazonaws.com')).toBe(true);
  });

  it('get their message through or an error', () => {
    const bench = withTopic();
    bench.call('Subscribe', { TopicArn: ARN, Protocol: 'sqs', Endpoint: QUEUE });

    expect(bench.service.deliver(ARN, { message: 'm' }, {}).ok).toBe(true);
    expect(bench.service.deliver(ARN, { message: 'm' }, { principal: 's3.amazonaws.com' })).toMatchObject({
      ok: false,
      error: { code: 'AuthorizationError', status: 403 },
    });
    expect(bench.service.deliver(`${ARN}-gone`, { message: 'm' }, {})).toMatchObject({ error: { code: 'NotFound' } });
    expect(bench.arrivals).toHaveLength(1);
  });
});

describe('a subscription', () => {
  const subscribe = (bench: TestBench<SnsService>, more: object = {}) =>
    bench.call<{ SubscriptionArn: string }>('Subscribe', {
      TopicArn: ARN,
      Protocol: 'sqs',
      Endpoint: QUEUE,
      ...more,
    }).SubscriptionArn;
  const refusal = (bench: TestBench<SnsService>, more: object) =>
    bench.refusal('Subscribe', { TopicArn: ARN, Protocol: 'sqs', Endpoint: QUEUE, ...more }).message;

  it('shows its attributes', () => {
    const bench = withTopic();

    const arn = subscribe(bench, { Attributes: { RawMessageDelivery: 'true' } });

    expect(arn).toMatch(/^arn:aws:sns:us-east-1:000000000000:orders:[0-9a-f-]{36}$/);
    expect(bench.call('GetSubscriptionAttributes', { SubscriptionArn: arn })).toEqual({
      Attributes: {
        SubscriptionArn: arn,
        TopicArn: ARN,
        Protocol: 'sqs',
        Endpoint: QUEUE,
        Owner: '000000000000',
        SubscriptionPrincipal: 'arn:aws:iam::000000000000:root',
        PendingConfirmation: 'false',
        ConfirmationWasAuthenticated: 'true',
        RawMessageDelivery: 'true',
      },
    });
    expect(attributesOf(bench)['SubscriptionsConfirmed']).toBe('1');
  });

  it('is the same when made again, unless attributes differ', () => {
    const bench = withTopic();
    const arn = subscribe(bench, { Attributes: { RawMessageDelivery: 'true' } });

    expect(subscribe(bench)).toBe(arn);
    expect(subscribe(bench, { Attributes: { RawMessageDelivery: 'true' } })).toBe(arn);
    expect(subscribe(bench, { Attributes: { FilterPolicyScope: 'MessageAttributes' } })).toBe(arn);
    expect(refusal(bench, { Attributes: { FilterPolicyScope: 'MessageBody' } })).toContain('different attributes');
    expect(refusal(bench, { Attributes: { RawMessageDelivery: 'false' } })).toBe(
      'Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
    );
  });

  it('shows the scope of its filter only with a filter', () => {
    const bench = withTopic();
    const SubscriptionArn = subscribe(bench, { Attributes: { FilterPolicyScope: 'MessageBody', FilterPolicy: '' } });
    const scope = () =>
      bench.call<{ Attributes: Record<string, string> }>('GetSubscriptionAttributes', { SubscriptionArn }).Attributes[
        'FilterPolicyScope'
      ];

    expect(scope()).toBeUndefined();
    const filter = { AttributeName: 'FilterPolicy', AttributeValue: '{"a":["b"]}' };
    bench.call('SetSubscriptionAttributes', { SubscriptionArn, ...filter });
    expect(scope()).toBe('MessageBody');
  });

  it('of a standard queue to a FIFO topic takes a standard dead-letter queue', () => {
    const bench = fresh();
    const TopicArn = `${ARN}.fifo`;
    bench.call('CreateTopic', { Name: 'orders.fifo', Attributes: { FifoTopic: 'true' } });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: `${QUEUE}-dlq` });

    expect(subscribe(bench, { TopicArn, Attributes: { RedrivePolicy } })).toContain(TopicArn);
    expect(refusal(bench, { TopicArn, Endpoint: `${QUEUE}.fifo`, Attributes: { RedrivePolicy } })).toContain(
      'must use a FIFO queue as DLQ',
    );
  });

  it('refuses what SNS refuses', () => {
    const bench = withTopic();

    expect(refusal(bench, { Protocol: 'pigeon' })).toBe(
      'Invalid parameter: Amazon SNS does not support this protocol string: pigeon',
    );
    expect(refusal(bench, { Endpoint: 'http://q' })).toBe('Invalid parameter: SQS endpoint ARN');
    expect(refusal(bench, { Endpoint: `${QUEUE}.fifo` })).toBe(
      'Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
    expect(refusal(bench, { Attributes: { RawMessageDelivery: 'wrongvalue' } })).toBe(
      'Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.',
    );
    expect(refusal(bench, { Attributes: { FilterPolicy: '{"key":[{"suffix":100}]}' } })).toBe(
      'Invalid parameter: Attributes Reason: FilterPolicy: suffix match pattern must be a string\n at [Source: (String)"{"key":[{"suffix":100}]}"; line: 1, column: 22]',
    );
    expect(refusal(bench, { Attributes: { FilterPolicy: '{"a":{"b":["x"]}}' } })).toBe(
      'Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy',
    );
    expect(refusal(bench, { Protocol: 'https', Endpoint: 'https://x' })).toContain(
      'Holdfast does not support the SNS endpoint https://x: there is no network here',
    );
  });

  it('is changed attribute by attribute', () => {
    const bench = withTopic();
    const SubscriptionArn = subscribe(bench);
    const set = (AttributeName: string, AttributeValue: string) => ({ SubscriptionArn, AttributeName, AttributeValue });
    const no = (name: string, value: string) => bench.refusal('SetSubscriptionAttributes', set(name, value)).message;

    bench.call('SetSubscriptionAttributes', set('FilterPolicy', '{"a":["x"]}'));
    bench.call('SetSubscriptionAttributes', set('RedrivePolicy', `{"deadLetterTargetArn":"${QUEUE}"}`));

    expect(bench.call('GetSubscriptionAttributes', { SubscriptionArn })).toMatchObject({
      Attributes: { FilterPolicy: '{"a":["x"]}', FilterPolicyScope: 'MessageAttributes' },
    });
    expect(no('fake-attribute', 'x')).toBe('Invalid parameter: AttributeName');
    expect(no('RawMessageDelivery', 'test-ValUe')).toBe(
      'Invalid parameter: RawMessageDelivery: Invalid value [test-ValUe]. Must be true or false.',
    );
    expect(no('FilterPolicyScope', 'RandomValue')).toBe(
      'Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes',
    );
    expect(no('RedrivePolicy', '{"deadLetterTargetArn":"fake"}')).toBe(
      'Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn',
    );
    expect(no('RedrivePolicy', '{invalidjson}')).toBe(
      "Invalid parameter: RedrivePolicy: failed to parse JSON. Unexpected character ('i' (code 105)): was expecting double-quote to start field name\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 2]",
    );
    expect(no('FilterPolicy', '{ "key_a": "value_one" }')).toBe(
      'Invalid parameter: FilterPolicy: "key_a" must be an object or an array\n at [Source: (String)"{"key_a":"value_one"}"; line: 1, column: 11]',
    );
  });

  it('ends once and for all', () => {
    const bench = withTopic();
    const SubscriptionArn = subscribe(bench);

    bench.call('Unsubscribe', { SubscriptionArn });
    bench.call('Unsubscribe', { SubscriptionArn });

    expect(attributesOf(bench)['SubscriptionsDeleted']).toBe('1');
    expect(bench.refusal('GetSubscriptionAttributes', { SubscriptionArn })).toMatchObject({
      code: 'NotFound',
      message: 'Subscription does not exist',
    });
    const no = (arn: string) => bench.refusal('Unsubscribe', { SubscriptionArn: arn }).message;
    expect(no('randomstring')).toBe(
      'Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1',
    );
    expect(no(ARN)).toBe('Invalid parameter: SubscriptionId');
    expect(no('')).toBe('Invalid parameter: SubscriptionArn Reason: no value for required parameter');
  });

  it('of a mailbox is confirmed at once, or by the token in a captured mail', () => {
    const bench = withTopic();
    const mailTo = (Endpoint: string) => subscribe(bench, { Protocol: 'email', Endpoint });

    expect(mailTo('a@example.com')).toMatch(/^arn:aws:sns/);
    bench.service.confirmsMailAtOnce = false;
    expect(mailTo('b@example.com')).toBe('pending confirmation');
    bench.call('Publish', { TopicArn: ARN, Message: 'hello' });

    expect(bench.service.mails().map((mail) => [mail.to, mail.subject])).toEqual([
      ['b@example.com', 'AWS Notification - Subscription Confirmation'],
      ['a@example.com', 'AWS Notification Message'],
    ]);
    expect(attributesOf(bench)).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '1' });
    const Token = bench.service.mails()[0]?.body.trim().split('\n').at(-1);
    bench.call('ConfirmSubscription', { TopicArn: ARN, Token });
    bench.call('Publish', { TopicArn: ARN, Message: 'again' });
    expect(
      bench.service
        .mails()
        .map((mail) => mail.to)
        .sort(),
    ).toEqual(['a@example.com', 'a@example.com', 'b@example.com', 'b@example.com']);
    const confirm = (TopicArn: string, Token: string) =>
      bench.refusal('ConfirmSubscription', { TopicArn, Token }).message;
    expect(confirm(ARN, 'x')).toBe('Invalid token');
    expect(confirm(ARN, 'abc0')).toBe('Invalid parameter: Token');
    expect(confirm(`${ARN}-gone`, 'abc0')).toBe('Invalid parameter: Token');
  });
});
