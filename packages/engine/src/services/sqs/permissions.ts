import { rootArn } from '@holdfast/aws-model';
import { ServiceError } from '../../core/index.ts';
import { invalidValue, missingParameter } from './errors.ts';

export const LABEL_LENGTH_MAX = 80;
export const ACTIONS_PER_STATEMENT_MAX = 7;

interface Statement {
  readonly Sid?: string;
  readonly [member: string]: unknown;
}

interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement?: Statement | readonly Statement[];
}

/** Actions that the owner of a queue may grant to others. */
const GRANTABLE: ReadonlySet<string> = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);

const readPolicy = (policy: string | undefined): PolicyDocument =>
  policy === undefined ? {} : (JSON.parse(policy) as PolicyDocument);

const statementsOf = (document: PolicyDocument): readonly Statement[] =>
  document.Statement === undefined ? [] : ([document.Statement].flat() as Statement[]);

const oneOrMany = (values: readonly string[]): string | readonly string[] =>
  values.length === 1 ? (values[0] as string) : values;

export interface Permission {
  readonly label: string | undefined;
  readonly accountIds: readonly string[] | undefined;
  readonly actions: readonly string[] | undefined;
}

/**
 * A queue's policy with one more statement, as `AddPermission` writes it.
 *
 * @throws ServiceError
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
 */
export const addPermission = (policy: string | undefined, queueArn: string, permission: Permission): string => {
  const { label, accountIds = [], actions = [] } = permission;
  if (label === undefined || label === '') throw missingParameter('Label');
  if (!/^[A-Za-z0-9_-]+$/.test(label) || label.length > LABEL_LENGTH_MAX) {
    throw invalidValue(
      label,
      'Label',
      `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${LABEL_LENGTH_MAX} in length`,
    );
  }
  if (accountIds.length === 0) throw invalidValue('[]', 'PrincipalId', 'Unable to verify.');
  if (actions.length === 0) throw missingParameter('Actions');
  for (const account of accountIds) {
    if (!/^\d{12}$/.test(account)) throw invalidValue(`[${account}]`, 'PrincipalId', 'Unable to verify.');
  }
  for (const action of actions) {
    if (!GRANTABLE.has(action)) {
      throw invalidValue(`SQS:${action}`, 'ActionName', 'Only the queue owner is allowed to invoke this action.');
    }
  }
  if (actions.length > ACTIONS_PER_STATEMENT_MAX) {
    throw new ServiceError(
      'OverLimit',
      `${actions.length} Actions were found, maximum allowed is ${ACTIONS_PER_STATEMENT_MAX}.`,
      403,
    );
  }
  const document = readPolicy(policy);
  const statements = statementsOf(document);
  if (statements.some(({ Sid }) => Sid === label)) throw invalidValue(label, 'Label', 'Already exists.');
  return JSON.stringify({
    Version: document.Version ?? '2008-10-17',
    Id: document.Id ?? `${queueArn}/SQSDefaultPolicy`,
    Statement: [
      ...statements,
      {
        Sid: label,
        Effect: 'Allow',
        Principal: { AWS: oneOrMany(accountIds.map((account) => rootArn(account))) },
        Action: oneOrMany(actions.map((action) => `SQS:${action}`)),
        Resource: queueArn,
      },
    ],
  });
};

/** A queue's policy without the statement of that label; empty when none is left. @throws ServiceError */
export const removePermission = (policy: string | undefined, label: string | undefined): string => {
  if (label === undefined || label === '') throw missingParameter('Label');
  const document = readPolicy(policy);
  const statements = statementsOf(document);
  const left = statements.filter(({ Sid }) => Sid !== label);
  if (left.length === statements.length) throw invalidValue(label, 'Label', "can't find label.");
  return left.length === 0 ? '' : JSON.stringify({ ...document, Statement: left });
};
