import { rootArn } from '@holdfast/aws-model';
import { policyAllows, type Sender, ServiceError } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import type { StoredTopic } from './stored.ts';

type OneOrMany = string | readonly string[];

interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Principal: unknown;
  readonly Action: OneOrMany;
  readonly Resource: OneOrMany;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany>>>>;
}

interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement?: PolicyStatement | readonly PolicyStatement[];
}

const ACTIONS = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
];

/** What a topic allows until told otherwise: its own account, everything. */
const defaultPolicy = (arn: string, account: string): PolicyDocument => ({
  Version: '2008-10-17',
  Id: '__default_policy_ID',
  Statement: [
    {
      Sid: '__default_statement_ID',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ACTIONS.map((action) => `SNS:${action}`),
      Resource: arn,
      Condition: { StringEquals: { 'AWS:SourceOwner': account } },
    },
  ],
});

/** The policy in force, as JSON text. */
export const policyOf = (topic: StoredTopic): string =>
  topic.attributes['Policy'] ?? JSON.stringify(defaultPolicy(topic.arn, topic.account));

/** Refuses a policy that is no JSON object with statements. */
export const checkPolicy = (policy: string): void => {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    document = undefined;
  }
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw invalidParameter('Policy Error: null');
  }
};

/**
 * Whether a service may publish. `AWS:SourceOwner` of the default policy is given by CloudWatch alarms only, which is
 * why they reach a topic without a policy of its own and S3 or EventBridge do not.
 */
export const mayPublish = (topic: StoredTopic, sender: Sender): boolean => {
  const owner = sender.principal === 'cloudwatch.amazonaws.com' ? 'aws:SourceAccount' : 'AWS:SourceOwner';
  const policy = policyOf(topic).replaceAll(/"aws:SourceOwner"/gi, `"${owner}"`);
  return policyAllows(policy, sender, 'SNS:Publish', topic.arn);
};

const statementsOf = (document: PolicyDocument): readonly PolicyStatement[] =>
  document.Statement === undefined ? [] : ([document.Statement].flat() as PolicyStatement[]);

const oneOrMany = (values: readonly string[]): OneOrMany => (values.length === 1 ? (values[0] as string) : values);

/** The policy with a statement more. */
export const withPermission = (
  topic: StoredTopic,
  label: string,
  accounts: readonly string[],
  actions: readonly string[],
): string => {
  const document = JSON.parse(policyOf(topic)) as PolicyDocument;
  const statements = statementsOf(document);
  if (statements.some((statement) => statement.Sid === label)) throw invalidParameter('Statement already exists');
  if (actions.length === 0 || actions.some((action) => action !== '*' && !ACTIONS.includes(action))) {
    throw invalidParameter('Policy statement action out of service scope!');
  }
  const statement: PolicyStatement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: oneOrMany(accounts.map((account) => rootArn(account))) },
    Action: oneOrMany(actions.map((action) => `SNS:${action}`)),
    Resource: topic.arn,
  };
  return JSON.stringify({ ...document, Statement: [...statements, statement] });
};

/** The policy without the statement; without one of that name it stays as it is. */
export const withoutPermission = (topic: StoredTopic, label: string): string => {
  const document = JSON.parse(policyOf(topic)) as PolicyDocument;
  return JSON.stringify({
    ...document,
    Statement: statementsOf(document).filter((statement) => statement.Sid !== label),
  });
};

export const notAuthorizedToPublish = (topic: StoredTopic, sender: Sender): ServiceError =>
  new ServiceError(
    'AuthorizationError',
    `User: ${sender.principal} is not authorized to perform: SNS:Publish on resource: ${topic.arn} because no resource-based policy allows the SNS:Publish action`,
    403,
  );
