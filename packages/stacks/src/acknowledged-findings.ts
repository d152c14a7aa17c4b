import { type Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that stands, where, and why. */
interface AcknowledgedFinding {
  /** Path of the construct, its stack first. */
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

const KEYS_ARE_NOT_KNOWN = 'Object keys are chosen by vendors; IAM can name them by prefix only.';

const keysBelow = (prefix: string): string =>
  `Resource::arn:<AWS::Partition>:s3:::ecommerce-product-uploads-<AWS::AccountId>/${prefix}/*`;

const ITSELF_THE_END = 'It is itself where failures go, and keeps them for the fourteen days that SQS offers.';

const WHERE_FAILURES_GO = [
  'SqsRetry/UntilExpiry/Kept',
  'SqsRetry/ByErrorDeadLetters',
  'InvocationRetries/Failures-async',
  'InvocationRetries/Successes',
  'InvocationRetries/Failures-rule',
  'InvocationRetries/Failures-kinesis',
  'InvocationRetries/Failures-dynamodb',
];

const TRACED = ['Ingest', 'Status', 'Health', 'Worker', 'Redrive/Api', 'Redrive/Run'];

/** Every finding of the AwsSolutions pack that is accepted. An entry that no longer matches anything fails a test. */
export const ACKNOWLEDGED_FINDINGS: readonly AcknowledgedFinding[] = [
  {
    path: 'VendorOnboarding/Uploaded/Bucket',
    id: 'AwsSolutions-S1',
    reason:
      'Every upload leaves a record in the uploads table and in the logs of csv-parser; access logs would need a second bucket that has none itself.',
  },
  {
    path: 'VendorOnboarding/ParserSafety/Failures/Queue',
    id: 'AwsSolutions-SQS3',
    reason:
      'It is itself where failures go: an on-failure destination, drained by the retry, which archives what it gives up.',
  },
  {
    path: 'VendorOnboarding/Parser/Role',
    id: `AwsSolutions-IAM5[${keysBelow('uploads')}]`,
    reason: KEYS_ARE_NOT_KNOWN,
  },
  { path: 'VendorOnboarding/Parser/Role', id: `AwsSolutions-IAM5[${keysBelow('errors')}]`, reason: KEYS_ARE_NOT_KNOWN },
  {
    path: 'VendorOnboarding/ErrorProcessor/Role',
    id: `AwsSolutions-IAM5[${keysBelow('errors')}]`,
    reason: KEYS_ARE_NOT_KNOWN,
  },
  {
    path: 'VendorOnboarding/ParserSafety/Retry/Retry/Role',
    id: `AwsSolutions-IAM5[${keysBelow('dead-letters')}]`,
    reason: KEYS_ARE_NOT_KNOWN,
  },
  ...WHERE_FAILURES_GO.map((path) => ({ path, id: 'AwsSolutions-SQS3', reason: ITSELF_THE_END })),
  {
    path: 'SqsRetry/UntilExpiry/Queue',
    id: 'AwsSolutions-SQS3',
    reason: 'To be without a redrive policy is its purpose; the reaper keeps what would expire.',
  },
  {
    path: 'SqsRetry/ByError/Workflow/Role/DefaultPolicy',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'The deliveries of logs and X-Ray know no narrower resource.',
  },
  {
    path: 'SqsRetry/ByError/Workflow/Role/DefaultPolicy',
    id: 'AwsSolutions-IAM5[Resource::<TaskFunctionE688A034.Arn>:*]',
    reason: 'Versions of one function, as CDK allows them to a task.',
  },
  {
    path: 'InvocationRetries/Function-dynamodb/Role/DefaultPolicy',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ListStreams knows no narrower resource.',
  },
  ...TRACED.map((path) => ({
    path: `IngestionLab/${path}/Role`,
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'PutTraceSegments of X-Ray knows no narrower resource.',
  })),
  {
    path: 'IngestionLab/Network/Vpc',
    id: 'AwsSolutions-VPC7',
    reason: 'It has no way in or out but the endpoints of services, which keep trails of their own.',
  },
  {
    path: 'IngestionLab/Api',
    id: 'AwsSolutions-APIG4',
    reason:
      'A lab that anybody with curl can post to, throttled; what stands in front of it in production is not its subject.',
  },
];

/** Tells cdk-nag about those of {@link ACKNOWLEDGED_FINDINGS} that are about a stack. */
export const acknowledgeFindings = (stack: Stack): void => {
  for (const { path, id, reason } of ACKNOWLEDGED_FINDINGS) {
    const [name, ...below] = path.split('/');
    if (name !== stack.node.id) continue;
    const construct = below.reduce<IConstruct | undefined>(
      (at, part) => at?.node.tryFindChild(part) as IConstruct | undefined,
      stack,
    );
    // A stack with another recovery lacks the retry's role, one without endpoints the network; a test finds stale entries.
    if (construct !== undefined) Validations.of(construct).acknowledge({ id, reason });
  }
};
