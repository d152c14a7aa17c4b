import { Match } from 'aws-cdk-lib/assertions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { FailureLedger } from './failure-ledger.ts';
import { fixtureStack, templateOf } from './fixture-stack.ts';

const ledgerOf = (props: Partial<ConstructorParameters<typeof FailureLedger>[2]> = {}) => {
  const stack = fixtureStack();
  const queues = ['Orders', 'Uploads'].map((id) => new sqs.Queue(stack, id, { queueName: id.toLowerCase() }));
  return { stack, ledger: new FailureLedger(stack, 'Ledger', { queues, ...props }), queues };
};

describe('a failure ledger', () => {
  const { stack, ledger, queues } = ledgerOf({ retentionDays: 30 });
  for (const queue of queues) ledger.capture(queue);
  const template = templateOf(stack);

  it('takes each queue once, and reports which messages it could not take', () => {
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 2);
    template.allResourcesProperties('AWS::Lambda::EventSourceMapping', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });

  it('has an index that is read by what changed, and forgets by itself', () => {
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      GlobalSecondaryIndexes: [Match.objectLike({ IndexName: 'by-change' })],
    });
    template.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: { Rules: [Match.objectLike({ Prefix: 'dead-letters/', ExpirationInDays: 30 })] },
      NotificationConfiguration: {
        LambdaConfigurations: [
          Match.objectLike({ Event: 's3:ObjectRemoved:*' }),
          Match.objectLike({ Event: 's3:LifecycleExpiration:Delete' }),
        ],
      },
    });
  });

  it('leaves its address where command and console look for it', () => {
    template.hasResourceProperties('AWS::SSM::Parameter', { Name: '/holdfast/failure-ledgers/failure-ledger' });
    const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter'));
    expect(JSON.stringify(parameter)).toMatch(/queues.*Orders.*Uploads/);
  });

  it('may do nothing but take failures, keep them and write its index', () => {
    const [role] = Object.values(template.findResources('AWS::IAM::Role'));
    const statements = role?.['Properties'].Policies[0].PolicyDocument.Statement as {
      Sid: string;
      Resource: unknown;
    }[];
    expect(statements.map(({ Sid }) => Sid)).toEqual([
      'Log',
      'KeepBodies',
      'WriteIndex',
      'TakeFailures1',
      'TakeFailures2',
    ]);
    expect(statements.some(({ Resource }) => Resource === '*')).toBe(false);
  });

  it.each([
    [{ name: 'Big Letters' }, 'name: "Big Letters" must be'],
    [{ retentionDays: 0 }, 'retentionDays: 0 must be'],
    [{ maxConcurrency: 1 }, 'maxConcurrency: 1 must be'],
  ])('refuses %j by field, value and rule', (props, message) => {
    expect(() => ledgerOf(props)).toThrow(message);
  });
});
