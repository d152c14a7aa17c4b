import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that stands, where, and why. */
interface AcknowledgedFinding {
  /** Path of the construct below the stack. */
  readonly path: string;
  readonly id: string;
  readonly reason: string;
}

const KEYS_ARE_NOT_KNOWN = 'Object keys are chosen by vendors; IAM can name them by prefix only.';

const keysBelow = (prefix: string): string =>
  `Resource::arn:<AWS::Partition>:s3:::ecommerce-product-uploads-<AWS::AccountId>/${prefix}/*`;

/** Every finding of the AwsSolutions pack that is accepted. An entry that no longer matches anything fails a test. */
export const ACKNOWLEDGED_FINDINGS: readonly AcknowledgedFinding[] = [
  {
    path: 'Uploaded/Bucket',
    id: 'AwsSolutions-S1',
    reason:
      'Every upload leaves a record in the uploads table and in the logs of csv-parser; access logs would need a second bucket that has none itself.',
  },
  {
    path: 'ParserFailures/Queue',
    id: 'AwsSolutions-SQS3',
    reason:
      'It is itself where failures go: an on-failure destination, drained by the retry, which archives what it gives up.',
  },
  { path: 'Parser/Role', id: `AwsSolutions-IAM5[${keysBelow('uploads')}]`, reason: KEYS_ARE_NOT_KNOWN },
  { path: 'Parser/Role', id: `AwsSolutions-IAM5[${keysBelow('errors')}]`, reason: KEYS_ARE_NOT_KNOWN },
  { path: 'Errors/Worker/Role', id: `AwsSolutions-IAM5[${keysBelow('errors')}]`, reason: KEYS_ARE_NOT_KNOWN },
  { path: 'Retry/Retry/Role', id: `AwsSolutions-IAM5[${keysBelow('dead-letters')}]`, reason: KEYS_ARE_NOT_KNOWN },
];

/** Tells cdk-nag about {@link ACKNOWLEDGED_FINDINGS}. */
export const acknowledgeFindings = (stack: IConstruct): void => {
  for (const { path, id, reason } of ACKNOWLEDGED_FINDINGS) {
    const construct = path
      .split('/')
      .reduce<IConstruct | undefined>((at, name) => at?.node.tryFindChild(name) as IConstruct | undefined, stack);
    // A stack with another recovery lacks the retry's role; for the default one a test finds stale entries.
    if (construct !== undefined) Validations.of(construct).acknowledge({ id, reason });
  }
};
