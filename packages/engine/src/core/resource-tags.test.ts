import { expect, it } from 'vitest';
import { TestEngine } from '../test-engine.ts';

const ROLE = 'arn:aws:iam::000000000000:role/r';
const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
const alarm = {
  AlarmName: 'a',
  Namespace: 'N',
  MetricName: 'm',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold',
};

const tagsOf = (count: number) => Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: 'v' }));
const small = (count: number) => tagsOf(count).map(({ Key, Value }) => ({ key: Key, value: Value }));
const map = (count: number) => Object.fromEntries(tagsOf(count).map(({ Key, Value }) => [Key, Value]));

it.each<[service: string, action: string, input: (count: number) => object, code: string]>([
  [
    'states',
    'CreateStateMachine',
    (n) => ({ name: `m${n}`, definition, roleArn: ROLE, tags: small(n) }),
    'TooManyTags',
  ],
  ['states', 'CreateActivity', (n) => ({ name: `a${n}`, tags: small(n) }), 'TooManyTags'],
  [
    'events',
    'PutRule',
    (n) => ({ Name: 'r', EventPattern: '{"source":["s"]}', Tags: tagsOf(n) }),
    'LimitExceededException',
  ],
  ['events', 'CreateEventBus', (n) => ({ Name: 'b', Tags: tagsOf(n) }), 'LimitExceededException'],
  ['scheduler', 'CreateScheduleGroup', (n) => ({ Name: 'g', Tags: tagsOf(n) }), 'ServiceQuotaExceededException'],
  ['logs', 'CreateLogGroup', (n) => ({ logGroupName: 'g', tags: map(n) }), 'InvalidParameterException'],
  ['cloudwatch', 'PutMetricAlarm', (n) => ({ ...alarm, Tags: tagsOf(n) }), 'InvalidParameterValueException'],
  [
    'pipes',
    'CreatePipe',
    (n) => ({
      Name: 'p',
      RoleArn: ROLE,
      Source: 'arn:aws:sqs:us-east-1:000000000000:in',
      Target: 'arn:aws:sqs:us-east-1:000000000000:out',
      Tags: map(n),
    }),
    'ValidationException',
  ],
])('%s %s takes fifty tags and no more', async (service, action, input, code) => {
  const test = new TestEngine();
  await expect(test.call(service, action, input(51))).rejects.toMatchObject({ code });
  await expect(test.call(service, action, input(50))).resolves.toBeDefined();
});

it.each<[service: string, create: string, input: object, arn: (made: never) => string, tag: (arn: string) => object]>([
  [
    'logs',
    'PutDestination',
    { destinationName: 'd', targetArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s', roleArn: ROLE },
    ({ destination }: { destination: { arn: string } }) => destination.arn,
    (resourceArn) => ({ resourceArn, tags: map(51) }),
  ],
  [
    'apigatewayv2',
    'CreateApi',
    { Name: 'a', ProtocolType: 'HTTP' },
    ({ ApiId }: { ApiId: string }) => `arn:aws:apigateway:us-east-1::/apis/${ApiId}`,
    (ResourceArn) => ({ ResourceArn, Tags: map(51) }),
  ],
])('%s: what TagResource adds to what %s made counts, too', async (service, create, input, arnOf, tag) => {
  const test = new TestEngine();
  await test.call('kinesis', 'CreateStream', { StreamName: 's', ShardCount: 1 });
  const made = await test.call(service, create, input);

  await expect(test.call(service, 'TagResource', tag(arnOf(made as never)))).rejects.toMatchObject({
    message: expect.stringMatching(/50 tags/),
  });
});
