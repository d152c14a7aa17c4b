import type * as Sdk from '@aws-sdk/client-lambda';
import type { AddPermissionCommandInput } from '@aws-sdk/client-lambda';
import { rootArn } from '@holdfast/aws-model';
import { Constraints, type Operations, operation } from '../../../core/index.ts';
import { conflict, invalidParameter, notFound, revisionMismatch } from '../errors.ts';
import { locate, qualifiedArn } from '../names.ts';
import type { LambdaParts } from '../parts.ts';
import { type FunctionRecord, LATEST, type PolicyStatement } from './function-record.ts';

const principalOf = (principal: string): PolicyStatement['Principal'] => {
  if (principal === '*') return '*';
  if (principal.endsWith('.amazonaws.com')) return { Service: principal };
  if (/^\d{12}$/.test(principal)) return { AWS: rootArn(principal) };
  if (/^arn:aws[a-zA-Z-]*:iam:/.test(principal)) return { AWS: principal };
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
};

const conditionOf = (input: AddPermissionCommandInput): PolicyStatement['Condition'] => {
  const equals = {
    ...(input.FunctionUrlAuthType === undefined ? {} : { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType }),
    ...(input.PrincipalOrgID === undefined ? {} : { 'aws:PrincipalOrgID': input.PrincipalOrgID }),
    ...(input.SourceAccount === undefined ? {} : { 'AWS:SourceAccount': input.SourceAccount }),
    ...(input.EventSourceToken === undefined ? {} : { 'lambda:EventSourceToken': input.EventSourceToken }),
  };
  const condition = {
    ...(Object.keys(equals).length === 0 ? {} : { StringEquals: equals }),
    ...(input.InvokedViaFunctionUrl === undefined
      ? {}
      : { Bool: { 'lambda:InvokedViaFunctionUrl': String(input.InvokedViaFunctionUrl) } }),
    ...(input.SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': input.SourceArn } }),
  };
  return Object.keys(condition).length === 0 ? undefined : condition;
};

/** The policy document of a function or of one of its qualifiers; `undefined` while nobody was let in. */
export const policyDocument = (record: FunctionRecord, qualifier: string | undefined): string | undefined => {
  const policy = record.policies[qualifier ?? LATEST];
  if (policy === undefined || policy.statements.length === 0) return undefined;
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: policy.statements });
};

const NO_POLICY = 'The resource you requested does not exist.';

/** What looks like an alias is answered for as an alias. */
const requireAlias = (record: FunctionRecord, qualifier: string | undefined): void => {
  if (qualifier === undefined || !/^(?!\d+$)[a-zA-Z0-9-_]+$/.test(qualifier)) return;
  if (!Object.hasOwn(record.aliases, qualifier)) {
    throw notFound(`Cannot find alias arn: ${qualifiedArn(record.arn, qualifier)}`);
  }
};

/** The resource-based policy: who may invoke. */
export const permissionOperations = ({ environment, registry }: LambdaParts): Operations<typeof Sdk> => {
  const save = (record: FunctionRecord, qualifier: string, statements: readonly PolicyStatement[]): void => {
    if (statements.length === 0) delete record.policies[qualifier];
    else record.policies[qualifier] = { revisionId: environment.ids.uuid(), statements };
    record.latest = { ...record.latest, revisionId: environment.ids.uuid() };
    registry.save(record);
  };

  return {
    AddPermission: operation(
      [
        'FunctionName',
        'StatementId',
        'Action',
        'Principal',
        'SourceArn',
        'SourceAccount',
        'EventSourceToken',
        'Qualifier',
        'RevisionId',
        'PrincipalOrgID',
        'FunctionUrlAuthType',
        'InvokedViaFunctionUrl',
      ],
      (input, context) => {
        new Constraints()
          .required('statementId', input.StatementId)
          .length('statementId', input.StatementId, 1, 100)
          .pattern('statementId', input.StatementId, /^[a-zA-Z0-9-_]+$/, '([a-zA-Z0-9-_]+)')
          .required('action', input.Action)
          .pattern('action', input.Action, /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/, '(lambda:[*]|lambda:[a-zA-Z]+|[*])')
          .required('principal', input.Principal)
          .pattern('principal', input.Principal, /^[^\s]+$/, String.raw`[^\s]+`)
          .check();
        const locator = locate(input.FunctionName, input.Qualifier, context);
        const { record } = registry.require({ ...locator, qualifier: undefined });
        requireAlias(record, locator.qualifier);
        const { qualifier: given, version } = registry.require(locator);
        if (given === LATEST) {
          throw invalidParameter('We currently do not support adding policies for $LATEST.');
        }
        const qualifier = given ?? LATEST;
        const principal = principalOf(input.Principal as string);
        const policy = record.policies[qualifier];
        const owner = record.aliases[qualifier] ?? version;
        if (input.RevisionId !== undefined && input.RevisionId !== (policy?.revisionId ?? owner.revisionId)) {
          throw revisionMismatch('GetPolicy');
        }
        if (policy?.statements.some((statement) => statement.Sid === input.StatementId)) {
          throw conflict(
            `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
          );
        }
        const condition = conditionOf(input);
        const statement: PolicyStatement = {
          Sid: input.StatementId as string,
          Effect: 'Allow',
          Principal: principal,
          Action: input.Action as string,
          Resource: qualifiedArn(record.arn, given),
          ...(condition === undefined ? {} : { Condition: condition }),
        };
        save(record, qualifier, [...(policy?.statements ?? []), statement]);
        return { Statement: JSON.stringify(statement) };
      },
    ),

    RemovePermission: operation(['FunctionName', 'StatementId', 'Qualifier', 'RevisionId'], (input, context) => {
      const locator = locate(input.FunctionName, input.Qualifier, context);
      const record = registry.get(locator.arn);
      if (record === undefined) throw notFound(`No policy found for: ${locator.arn}`);
      requireAlias(record, locator.qualifier);
      const { qualifier = LATEST } = locator;
      const policy = record.policies[qualifier];
      if (policy === undefined) throw notFound('No policy is associated with the given resource.');
      if (!policy.statements.some((statement) => statement.Sid === input.StatementId)) {
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      }
      if (input.RevisionId !== undefined && input.RevisionId !== policy.revisionId) throw revisionMismatch('GetPolicy');
      save(
        record,
        qualifier,
        policy.statements.filter((statement) => statement.Sid !== input.StatementId),
      );
      return {};
    }),

    GetPolicy: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const { arn, qualifier } = locate(input.FunctionName, input.Qualifier, context);
      const record = registry.get(arn);
      const document = record === undefined ? undefined : policyDocument(record, qualifier);
      if (document === undefined) throw notFound(NO_POLICY);
      return { Policy: document, RevisionId: record?.policies[qualifier ?? LATEST]?.revisionId };
    }),
  };
};
