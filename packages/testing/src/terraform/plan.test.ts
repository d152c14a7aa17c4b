import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SqsEvent, startTestEngine, type TestEngine } from '../index.ts';
import '../vitest.ts';
import { logicalIdOf } from './logical-id.ts';
import { templateOfPlan } from './plan-template.ts';

/*
 * The plans are Terraform's own: `terraform plan -out=tfplan && terraform show -json tfplan` of Terraform 1.11 with the
 * provider for AWS 5.100, in the folder of each.
 */
const FIXTURES = fileURLToPath(new URL('./fixtures', import.meta.url));
const EXAMPLE = fileURLToPath(new URL('../../../../examples/terraform', import.meta.url));

describe('a plan of every type that is played', () => {
  let aws: TestEngine;
  let outputs: Readonly<Record<string, string>>;
  const seen: string[] = [];
  beforeAll(async () => {
    aws = await startTestEngine();
    aws.bind('aws_lambda_function.booking', (event) => {
      seen.push(JSON.stringify(event));
      throw new Error('no stock');
    });
    const [stack] = await aws.deploy(join(FIXTURES, 'plan.json'));
    outputs = stack?.outputs ?? {};
  });
  afterAll(() => aws.close());

  const attributesOf = async (name: string) => {
    const QueueUrl = `${aws.endpoint}/000000000000/${name}`;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    return (await aws.client(SQSClient).send(command)).Attributes ?? {};
  };

  it('has its outputs, also those that were known after the apply only', () => {
    expect(outputs).toEqual({
      orders_url: `${aws.endpoint}/000000000000/orders`,
      failed: '{"arn":"arn:aws:sqs:us-east-1:000000000000:failed","receives":2}',
    });
  });

  it('has the policies that no plan has: those that a function of Terraform made of what was not known', async () => {
    const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:failed';
    const policyOf = async (queue: string) => JSON.parse((await attributesOf(queue))['RedrivePolicy'] ?? '');
    expect(await policyOf('orders')).toEqual({ deadLetterTargetArn, maxReceiveCount: 2 });
    expect(await policyOf('tier-fast')).toEqual({ deadLetterTargetArn, maxReceiveCount: 3 });
    expect(await policyOf('tier-slow')).toEqual({ deadLetterTargetArn, maxReceiveCount: 5 });
    expect(JSON.parse((await attributesOf('failed'))['RedriveAllowPolicy'] ?? '')).toMatchObject({
      sourceQueueArns: ['orders', 'tier-fast', 'tier-slow'].map((name) => `arn:aws:sqs:us-east-1:000000000000:${name}`),
    });
    expect(JSON.parse((await attributesOf('orders'))['Policy'] ?? '').Statement[0].Condition.ArnEquals).toEqual({
      'aws:SourceArn': [
        'arn:aws:sns:us-east-1:000000000000:ordered',
        'arn:aws:events:us-east-1:000000000000:rule/shop/ordered',
      ],
    });
  });

  it('has the function and the table with their settings', async () => {
    const configuration = await aws
      .client(LambdaClient)
      .send(new GetFunctionConfigurationCommand({ FunctionName: 'booking' }));
    expect(configuration).toMatchObject({
      Environment: { Variables: { QUEUE_URL: outputs['orders_url'], STAGE: 'test' } },
      DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:failed' },
      TracingConfig: { Mode: 'Active' },
    });
    const { Table } = await aws.client(DynamoDBClient).send(new DescribeTableCommand({ TableName: 'stock' }));
    expect(Table).toMatchObject({
      KeySchema: [{ AttributeName: 'id' }, { AttributeName: 'place' }],
      GlobalSecondaryIndexes: [{ IndexName: 'by-place' }],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  it('gives up by queue, topic, rule, object, stream and asynchronous invocation, as it was planned', async () => {
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:ordered';
    const by = (source: string): string => JSON.stringify({ order: source });
    await aws
      .client(SQSClient)
      .send(new SendMessageCommand({ QueueUrl: outputs['orders_url'], MessageBody: by('queue') }));
    await aws.client(SNSClient).send(new PublishCommand({ TopicArn, Message: by('topic') }));
    const Entries = [{ EventBusName: 'shop', Source: 'shop', DetailType: 'Ordered', Detail: by('rule') }];
    await aws.client(EventBridgeClient).send(new PutEventsCommand({ Entries }));
    const upload = { Bucket: 'shop-uploads', Key: 'uploads/object.csv', Body: 'x' };
    await aws.client(S3Client).send(new PutObjectCommand(upload));
    await aws.client(S3Client).send(new PutObjectCommand({ ...upload, Key: 'elsewhere.csv' }));
    const Data = Buffer.from(by('stream'));
    await aws.client(KinesisClient).send(new PutRecordCommand({ StreamName: 'clicks', PartitionKey: 'a', Data }));
    const Payload = Buffer.from(by('invocation'));
    await aws
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: 'booking', InvocationType: 'Event', Payload }));

    await aws.advance({ minutes: 30 });

    expect(aws.record(by('queue'))).toHaveAttempts(2);
    await expect(aws.record(by('queue'))).toBeDeadLettered({ queue: 'failed', reason: 'MaxReceiveCount' });
    await expect(aws.record(by('topic'))).toBeDeadLettered({ queue: 'failed', reason: 'MaxReceiveCount' });
    expect(aws.record(/"rule"/)).toHaveAttempts(2);
    await expect(aws.record(/"rule"/)).toBeDeadLettered({ queue: 'failed', reason: 'RetriesExhausted' });
    expect(aws.record('uploads/object.csv')).toHaveAttempts(2);
    expect(seen.some((event) => event.includes('elsewhere'))).toBe(false);
    expect(aws.record(by('stream'))).toHaveAttempts(4);
    expect(aws.record(by('invocation'))).toHaveAttempts(2);
    // Rule, object and invocation twice: the function has a destination and a dead-letter queue.
    expect((await aws.failures()).map(({ queue }) => queue)).toEqual(Array(9).fill('failed'));
  });
});

it('the example that Terraform applies is deployed from its plan, whose files lie elsewhere', async () => {
  await using aws = await startTestEngine({
    bind: {
      'sqs-processor': ({ Records }: SqsEvent) => {
        const bad = Records.filter(({ body }) => body.includes('fail'));
        return { batchItemFailures: bad.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
    },
  });
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-plan-'));
  const plan = JSON.parse(
    readFileSync(join(FIXTURES, 'documents-plan.json'), 'utf8').replaceAll('lambda_function_payload.zip', 'index.py'),
  );
  const path = join(directory, 'plan.json');
  writeFileSync(path, JSON.stringify(plan));
  await aws.deploy(path, { configuration: EXAMPLE });
  rmSync(directory, { recursive: true });
  for (const MessageBody of ['This is a test message.', 'This message will fail.']) {
    const QueueUrl = `${aws.endpoint}/000000000000/main-queue`;
    await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  await aws.messageSpy.waitFor({ queue: 'main-queue', status: 'dlq', message: 'This message will fail.' });
  expect(aws.record('This message will fail.')).toHaveAttempts(3);
  expect(aws.record('This is a test message.')).toBeProcessedOnce();
});

it('counts, policies in a resource of another kind, names that nobody gave, and JSON that a tool has rewritten', async () => {
  await using aws = await startTestEngine();
  const [stack] = await aws.deploy(join(FIXTURES, 'counted/plan.json'));
  const [first, unnamed] = JSON.parse(stack?.outputs['urls'] ?? '[]');
  const all = async (QueueUrl: string) => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { RedrivePolicy = '{}', Policy = '{}' } = (await aws.client(SQSClient).send(command)).Attributes ?? {};
    return {
      receives: JSON.parse(RedrivePolicy).maxReceiveCount,
      sources: JSON.parse(Policy).Statement?.[0].Condition,
    };
  };
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:t';
  const sources = { ArnEquals: { 'aws:SourceArn': [TopicArn, expect.stringMatching(/^arn:aws:s3:::plan-/)] } };
  expect(await all(first)).toEqual({ receives: 3, sources });
  expect(await all(first.replace('many-a', 'many-b'))).toEqual({ receives: 5, sources });
  expect(await all(unnamed)).toEqual({ receives: 4, sources: undefined });
  const { Attributes } = await aws.client(SNSClient).send(new GetTopicAttributesCommand({ TopicArn }));
  expect(JSON.parse(Attributes?.['Policy'] ?? '')).toMatchObject({ Statement: [{ Principal: '*' }] });
});

describe('a plan of modules, loops and dynamic blocks', () => {
  const directory = join(FIXTURES, 'modules');
  let aws: TestEngine;
  let outputs: Readonly<Record<string, string>>;
  beforeAll(async () => {
    aws = await startTestEngine();
    aws.bind('module.worker.aws_lambda_function.this', ({ Records }: SqsEvent) => ({
      batchItemFailures: Records.filter(({ body }) => body.includes('bad')).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    }));
    const [stack] = await aws.deploy(join(directory, 'plan.json'));
    outputs = stack?.outputs ?? {};
  });
  afterAll(() => aws.close());
  const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const all = async (name: string) => {
    const QueueUrl = `${aws.endpoint}/000000000000/${name}`;
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
    const { RedrivePolicy = '{}', Policy = '{}' } = (await aws.client(SQSClient).send(command)).Attributes ?? {};
    return { redrive: JSON.parse(RedrivePolicy), statements: JSON.parse(Policy).Statement };
  };

  it('has outputs that were made of modules, and none that is nothing', () => {
    const urls = JSON.parse(outputs['urls'] ?? '');
    expect(urls).toEqual({
      orders: `${aws.endpoint}/000000000000/orders`,
      refunds: `${aws.endpoint}/000000000000/refunds`,
    });
    expect(Object.keys(outputs)).toEqual(['urls']);
  });

  it('has what each instance of a module was called with, and the defaults of the rest', async () => {
    expect((await all('orders')).redrive).toEqual({ deadLetterTargetArn: arnOf('orders-dead'), maxReceiveCount: 2 });
    expect((await all('refunds')).redrive).toEqual({ deadLetterTargetArn: arnOf('refunds-dead'), maxReceiveCount: 4 });
    expect((await all('booking-spare')).redrive).toEqual({});
  });

  it('has the blocks that are dynamic, also one within another, and the function of a module within a module', async () => {
    const [statement, ...others] = (await all('orders')).statements;
    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      Sid: 'Sender0',
      Resource: [arnOf('orders')],
      Condition: { ArnEquals: { 'aws:SourceArn': ['arn:aws:sns:us-east-1:000000000000:ordered'] } },
    });
    const booking = new GetFunctionConfigurationCommand({ FunctionName: 'booking' });
    expect(await aws.client(LambdaClient).send(booking)).toMatchObject({
      DeadLetterConfig: { TargetArn: arnOf('spare-0') },
    });
    const policy = new GetRolePolicyCommand({
      RoleName: 'booking-role',
      PolicyName: 'moduleworkerawsiamrolepolicythis',
    });
    const { PolicyDocument = '' } = await aws.client(IAMClient).send(policy);
    expect(JSON.parse(decodeURIComponent(PolicyDocument)).Statement[1].Resource).toEqual(
      ['orders-dead', 'refunds-dead', 'spare-0', 'spare-1', 'booking-spare'].map(arnOf),
    );
  });

  it('works: what is published is booked, and what fails is dead-lettered as its module says', async () => {
    const TopicArn = 'arn:aws:sns:us-east-1:000000000000:ordered';
    for (const Message of ['good', 'bad']) await aws.client(SNSClient).send(new PublishCommand({ TopicArn, Message }));
    await aws.advance({ minutes: 10 });
    expect(aws.record('good')).toBeProcessedOnce();
    expect(aws.record('bad')).toHaveAttempts(2);
    await expect(aws.record('bad')).toBeDeadLettered({ queue: 'orders-dead', reason: 'MaxReceiveCount' });
  });

  it('finds modules where `terraform init` put them, and names one that is nowhere', () => {
    const plan = readFileSync(join(directory, 'plan.json'), 'utf8');
    const elsewhere = mkdtempSync(join(tmpdir(), 'holdfast-plan-'));
    const made = (source: string): number => {
      writeFileSync(join(elsewhere, 'plan.json'), plan.replaceAll('./modules/queue', source));
      const { body } = templateOfPlan(join(elsewhere, 'plan.json'), elsewhere, 'us-east-1');
      return Object.keys(JSON.parse(body).Resources).length;
    };
    try {
      cpSync(join(directory, 'main.tf'), join(elsewhere, 'main.tf'));
      expect(() => made('./modules/queue')).toThrow(/modules\/queue" is not there/);
      expect(() => made('terraform-aws-modules/sqs/aws')).toThrow(
        /^module\.queue\["orders"\]: "terraform-aws-modules\/sqs\/aws" is a module that `terraform init` downloads/,
      );
      const Modules = [{ Key: 'queue', Dir: '.terraform/modules/queue' }];
      mkdirSync(join(elsewhere, '.terraform/modules'), { recursive: true });
      writeFileSync(join(elsewhere, '.terraform/modules/modules.json'), JSON.stringify({ Modules }));
      cpSync(join(directory, 'modules/queue'), join(elsewhere, '.terraform/modules/queue'), { recursive: true });
      cpSync(join(directory, 'modules'), join(elsewhere, 'modules'), { recursive: true });
      expect(made('terraform-aws-modules/sqs/aws')).toBe(made('./modules/queue'));
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

it('gives the tags of the provider to all that CloudFormation can give tags', () => {
  const { body } = templateOfPlan(join(FIXTURES, 'plan.json'), FIXTURES, 'us-east-1');
  const { resources } = JSON.parse(readFileSync(join(FIXTURES, 'plan.json'), 'utf8')).planned_values.root_module;
  const tagged = resources.filter(({ values }: { values?: { tags_all?: object } }) => values?.tags_all !== undefined);
  const { Resources } = JSON.parse(body) as {
    Resources: Record<string, { Type: string; Properties: { Tags?: unknown } }>;
  };
  const without = tagged.filter(
    ({ address }: { address: string }) => Resources[logicalIdOf(address)]?.Properties.Tags === undefined,
  );
  expect(tagged.length).toBeGreaterThan(10);
  expect(without.map(({ type }: { type: string }) => type)).toEqual(['aws_iam_policy']);
});

describe('is refused by name', () => {
  const text = readFileSync(join(FIXTURES, 'plan.json'), 'utf8');
  const main = readFileSync(join(FIXTURES, 'main.tf'), 'utf8');
  let directory = '';
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-plan-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  // biome-ignore lint/suspicious/noExplicitAny: a plan is changed in many places
  const refusal = (change: (plan: any) => void, files: string = main, region = 'us-east-1'): string => {
    const plan = JSON.parse(text);
    change(plan);
    writeFileSync(join(directory, 'plan.json'), JSON.stringify(plan));
    writeFileSync(join(directory, 'main.tf'), files);
    try {
      templateOfPlan(join(directory, 'plan.json'), directory, region);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const unchanged = (): void => {};
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const resource = (plan: any, address: string) =>
    plan.planned_values.root_module.resources.find((one: { address: string }) => one.address === address);
  const inPlaceOf = (old: string, text: string): string => {
    expect(main).toContain(old);
    return main.replace(old, text);
  };

  it('nothing, of the plan as it is', () => {
    expect(refusal(unchanged)).toBe('');
  });

  it.each([
    [
      'resource types',
      (plan) => (resource(plan, 'aws_sns_topic.ordered').type = 'aws_instance'),
      /aws_sns_topic\.ordered.*played are aws_cloudwatch_event_bus/,
    ],
    [
      'attributes that are set',
      (plan) => (resource(plan, 'aws_lambda_function.booking').values.image_uri = 'x'),
      /aws_lambda_function\.booking\.image_uri: "x" is not played/,
    ],
    [
      'attributes of blocks',
      (plan) => (resource(plan, 'aws_dynamodb_table.stock').values.ttl[0].other = 1),
      /aws_dynamodb_table\.stock\.other/,
    ],
    [
      'what is there already',
      (plan) =>
        (plan.resource_changes.find((one: { mode: string }) => one.mode === 'managed').change.actions = ['update']),
      /to be created but update/,
    ],
    ['states', (plan) => delete plan.planned_values, /is no plan/],
    ['plans that are not whole', (plan) => (plan.errored = true), /ended in an error/],
    [
      'providers of another region',
      (plan) => (plan.configuration.provider_config.aws.expressions.region.constant_value = 'eu-west-1'),
      /in eu-west-1, and the engine is in us-east-1/,
    ],
    // biome-ignore lint/suspicious/noExplicitAny: as above
  ] as readonly [string, (plan: any) => void, RegExp][])('%s', (_, change, sentence) => {
    expect(refusal(change)).toMatch(sentence);
  });

  it.each([
    [
      'functions',
      'maxReceiveCount     = var.receives',
      'maxReceiveCount = max(1, 2)',
      /^main\.tf:\d+: .*max\(\) is not evaluated here, as coalesce, compact/,
    ],
    [
      'operators of what is not known',
      'maxReceiveCount     = var.receives',
      'maxReceiveCount = 1 + aws_sqs_queue.orders.arn',
      /^main\.tf:\d+: "\+ aws_sqs_queue\.orders\.arn.* is no number that is known before an apply/,
    ],
    [
      'resources as a whole',
      'maxReceiveCount     = var.receives',
      'maxReceiveCount = aws_sqs_queue.failed',
      /^main\.tf:\d+: "aws_sqs_queue\.failed.* is a whole resource or module/,
    ],
    [
      'what Terraform would not find either',
      'aws_sqs_queue.tier["slow"].arn]',
      'aws_sqs_queue.tier["other"].arn]',
      /has no other/,
    ],
    [
      'splats of splats',
      '[aws_sqs_queue.orders.arn, aws_sqs_queue.tier["fast"].arn, aws_sqs_queue.tier["slow"].arn]',
      'aws_sqs_queue.orders[*].arn[*].x',
      /takes a part of each part of several/,
    ],
    ['directives of templates', 'local.failed_arn}" }]', 'local.failed_arn}%{ if true }x%{ endif }" }]', /directive/],
    ['strings without an end', 'name                       = "orders"', 'name = "orders', /.+/],
    [
      'dynamic blocks without an end',
      '  dead_letter_config {\n    target_arn = local.failed_arn',
      '  dynamic "dead_letter_config" {\n    target_arn = local.failed_arn',
      /dynamic: "dead_letter_config" must have for_each and content/,
    ],
    [
      'attributes that are not known of a type',
      'policy_arn = aws_iam_policy.failures.arn',
      'policy_arn = aws_iam_policy.failures.policy_id',
      /of aws_iam_policy a plan is played with arn, id/,
    ],
    [
      'what no file explains',
      'resource "aws_sqs_queue_redrive_policy" "orders"',
      'resource "aws_sqs_queue_redrive_policy" "other"',
      /aws_sqs_queue_redrive_policy\.orders\.queue_url.*configuration: 'infrastructure'/,
    ],
  ] as const)('%s', (_, old, text, sentence) => {
    expect(refusal(unchanged, inPlaceOf(old, text))).toMatch(sentence);
  });
});
