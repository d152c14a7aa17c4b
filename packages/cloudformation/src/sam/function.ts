import type { Json, JsonObject } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { codeIn } from './code-location.ts';
import { type ExpandedEvent, expandEvent } from './events.ts';
import {
  attribute,
  contentHash,
  invalidResource,
  membersOf,
  type Resources,
  ref,
  statement,
  tagList,
} from './names.ts';
import { managedPolicyArn, splitPolicies } from './policies.ts';
import { Refusals, refusal, refuseOthers } from './refusal.ts';

/** Properties that mean the same in SAM and in Lambda; what Lambda here does not have is refused there. */
const AS_IN_LAMBDA = [
  'Architectures',
  'Description',
  'Environment',
  'EphemeralStorage',
  'FunctionName',
  'Handler',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'PackageType',
  'ReservedConcurrentExecutions',
  'RecursiveLoop',
  'Runtime',
  'RuntimeManagementConfig',
  'SnapStart',
  'Timeout',
  'VpcConfig',
];

const OF_SAM = [
  'AssumeRolePolicyDocument',
  'AutoPublishAlias',
  'AutoPublishAliasAllProperties',
  'AutoPublishCodeSha256',
  'CodeUri',
  'DeadLetterQueue',
  'EventInvokeConfig',
  'Events',
  'FunctionUrlConfig',
  'InlineCode',
  'PermissionsBoundary',
  'Policies',
  'ProvisionedConcurrencyConfig',
  'Role',
  'RolePath',
  'Tags',
  'Tracing',
  'VersionDescription',
];

const codeOf = (logicalId: string, { CodeUri, InlineCode, PackageType }: JsonObject): JsonObject => {
  if (PackageType === 'Image')
    throw refusal(`AWS::Serverless::Function with PackageType Image (resource ${logicalId})`);
  return InlineCode === undefined ? codeIn('CodeUri', logicalId, CodeUri) : { ZipFile: InlineCode };
};

const ACTIONS: Readonly<Record<string, string>> = {
  SQS: 'sqs:SendMessage',
  SNS: 'sns:Publish',
  Lambda: 'lambda:InvokeFunction',
  EventBridge: 'events:PutEvents',
};

const inlinePolicy = (PolicyName: string, type: string, target: Json): JsonObject => ({
  PolicyName,
  PolicyDocument: { Version: '2012-10-17', Statement: [statement(ACTIONS[type] ?? '', target)] },
});

interface Destination {
  readonly arn: Json;
  readonly resources: Resources;
  readonly policy: JsonObject;
}

/** Where the end of an asynchronous event is told; a queue or topic that nobody names is made. */
const destination = (id: string, name: 'OnSuccess' | 'OnFailure', given: Json): Destination => {
  const { Type, Destination: arn } = membersOf(given);
  const type = String(Type);
  if (ACTIONS[type] === undefined) throw refusal(`destinations of type ${type} (resource ${id})`);
  const policyName = `${id}${name}${type}Policy`;
  if (arn !== undefined) return { arn, resources: {}, policy: inlinePolicy(policyName, type, arn) };
  const [madeId, madeType] =
    type === 'SQS' ? [`${id}${name}Queue`, 'AWS::SQS::Queue'] : [`${id}${name}Topic`, 'AWS::SNS::Topic'];
  if (type !== 'SQS' && type !== 'SNS') throw refusal(`a destination of type ${type} without an ARN (resource ${id})`);
  const made = type === 'SQS' ? attribute(madeId) : ref(madeId);
  return { arn: made, resources: { [madeId]: { Type: madeType } }, policy: inlinePolicy(policyName, type, made) };
};

const eventInvokeConfig = (
  logicalId: string,
  given: Json,
  alias: { readonly id: string; readonly name: string } | undefined,
) => {
  const id = `${logicalId}EventInvokeConfig`;
  const { DestinationConfig, ...rest } = membersOf(given);
  const destinations = (['OnSuccess', 'OnFailure'] as const).flatMap((name) => {
    const one = membersOf(DestinationConfig)[name];
    return one === undefined ? [] : [{ name, ...destination(id, name, one) }];
  });
  const config: JsonObject = {
    Type: 'AWS::Lambda::EventInvokeConfig',
    ...(alias === undefined ? {} : { DependsOn: [alias.id] }),
    Properties: {
      FunctionName: ref(logicalId),
      Qualifier: alias?.name ?? '$LATEST',
      ...rest,
      ...(destinations.length === 0
        ? {}
        : {
            DestinationConfig: Object.fromEntries(destinations.map(({ name, arn }) => [name, { Destination: arn }])),
          }),
    },
  };
  return {
    resources: Object.assign({ [id]: config }, ...destinations.map((one) => one.resources)) as Resources,
    policies: destinations.map(({ policy }) => policy),
  };
};

/** The function's own URL; one that asks for nothing may be called by everybody. */
const functionUrl = (logicalId: string, config: Json | undefined, invoked: Json): Resources => {
  if (config === undefined) return {};
  const { AuthType, ...rest } = membersOf(config);
  refuseOthers(rest, ['Cors', 'InvokeMode'], 'FunctionUrlConfig', logicalId);
  const permission = (more: JsonObject): JsonObject => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName: invoked, Principal: '*', ...more },
  });
  return {
    [`${logicalId}Url`]: {
      Type: 'AWS::Lambda::Url',
      Properties: { TargetFunctionArn: invoked, AuthType: AuthType ?? 'NONE', ...rest },
    },
    ...(AuthType === 'NONE'
      ? {
          [`${logicalId}UrlPublicPermissions`]: permission({
            Action: 'lambda:InvokeFunctionUrl',
            FunctionUrlAuthType: 'NONE',
          }),
          [`${logicalId}URLInvokeAllowPublicAccess`]: permission({
            Action: 'lambda:InvokeFunction',
            InvokedViaFunctionUrl: true,
          }),
        }
      : {}),
  };
};

const NO_POLICIES = { managed: [], inline: [] };

/** What a function becomes. */
export interface ExpandedFunction {
  readonly resources: Resources;
  readonly notifications: readonly NonNullable<ExpandedEvent['notifications']>[];
  readonly routes: readonly NonNullable<ExpandedEvent['route']>[];
  /** The logical ids behind `<function>.Version` and `<function>.Alias`. */
  readonly published: { readonly version: string; readonly alias: string } | undefined;
}

/** `AWS::Serverless::Function`. `properties` have the globals in them. */
export const expandFunction = (
  logicalId: string,
  resource: JsonObject,
  properties: JsonObject,
  digest: Digest,
): ExpandedFunction => {
  const refusals = new Refusals();
  refusals.attempt(() =>
    refuseOthers(properties, [...AS_IN_LAMBDA, ...OF_SAM], 'AWS::Serverless::Function', logicalId),
  );
  const { AutoPublishAlias: aliasName, Condition } = { ...properties, ...resource };
  if (aliasName !== undefined && typeof aliasName !== 'string') {
    throw refusal(`AutoPublishAlias that is not plain text (resource ${logicalId})`);
  }
  const provisioned = properties['ProvisionedConcurrencyConfig'];
  if (provisioned !== undefined && aliasName === undefined) {
    throw invalidResource(
      logicalId,
      'To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function',
    );
  }
  const roleId = `${logicalId}Role`;
  const Tags = [{ Key: 'lambda:createdBy', Value: 'SAM' }, ...tagList(properties['Tags'])];
  const deadLetters = properties['DeadLetterQueue'];
  const { Type: letterType, TargetArn: letterArn = '' } = membersOf(deadLetters);
  const Code = refusals.attempt(() => codeOf(logicalId, properties)) ?? {};
  const lambda: JsonObject = {
    ...resource,
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...Object.fromEntries(Object.entries(properties).filter(([name]) => AS_IN_LAMBDA.includes(name))),
      Code,
      Role: properties['Role'] ?? attribute(roleId),
      Tags,
      ...(properties['Tracing'] === undefined ? {} : { TracingConfig: { Mode: properties['Tracing'] } }),
      ...(deadLetters === undefined ? {} : { DeadLetterConfig: { TargetArn: letterArn } }),
    },
  };
  const hashed = properties['AutoPublishAliasAllProperties'] === true ? (lambda['Properties'] as JsonObject) : Code;
  const published =
    aliasName === undefined
      ? undefined
      : {
          version: `${logicalId}Version${contentHash(properties['AutoPublishCodeSha256'] ?? hashed, digest)}`,
          alias: `${logicalId}Alias${aliasName.replace(/[^A-Za-z0-9]/g, '')}`,
        };
  const target =
    published === undefined
      ? { functionId: logicalId, invoked: ref(logicalId), arn: attribute(logicalId) }
      : { functionId: logicalId, invoked: ref(published.alias), arn: ref(published.alias) };
  const events = Object.entries(membersOf(properties['Events']))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, event]) => refusals.attempt(() => expandEvent(name, event, target)) ?? []);
  const notifications = events.flatMap((event) => event.notifications ?? []);
  if (Condition !== undefined && notifications.length > 0) {
    throw refusal(`S3 events of a function with a Condition (resource ${logicalId})`);
  }
  const url = functionUrl(logicalId, properties['FunctionUrlConfig'], target.invoked);
  const invokeConfig =
    properties['EventInvokeConfig'] === undefined
      ? { resources: {}, policies: [] }
      : eventInvokeConfig(
          logicalId,
          properties['EventInvokeConfig'],
          published === undefined ? undefined : { id: published.alias, name: aliasName as string },
        );
  const { managed, inline } = refusals.attempt(() => splitPolicies(logicalId, properties['Policies'])) ?? NO_POLICIES;
  refusals.throwAny();
  const role: JsonObject = {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: properties['AssumeRolePolicyDocument'] ?? {
        Version: '2012-10-17',
        Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] } }],
      },
      ManagedPolicyArns: [
        ...new Set([
          managedPolicyArn('AWSLambdaBasicExecutionRole'),
          ...(properties['Tracing'] === 'Active' ? [managedPolicyArn('AWSXrayWriteOnlyAccess')] : []),
          ...managed,
          ...events.flatMap((event) => event.managed ?? []),
        ]),
      ],
      Policies: [
        ...(deadLetters === undefined ? [] : [inlinePolicy('DeadLetterQueuePolicy', String(letterType), letterArn)]),
        ...invokeConfig.policies,
        ...inline,
      ],
      ...(properties['PermissionsBoundary'] === undefined
        ? {}
        : { PermissionsBoundary: properties['PermissionsBoundary'] }),
      ...(properties['RolePath'] === undefined ? {} : { Path: properties['RolePath'] }),
      Tags,
    },
  };
  const added: Resources = {
    ...(properties['Role'] === undefined ? { [roleId]: role } : {}),
    ...(published === undefined
      ? {}
      : {
          [published.version]: {
            Type: 'AWS::Lambda::Version',
            DeletionPolicy: 'Retain',
            Properties: {
              FunctionName: ref(logicalId),
              ...(properties['VersionDescription'] === undefined
                ? {}
                : { Description: properties['VersionDescription'] }),
            },
          },
          [published.alias]: {
            Type: 'AWS::Lambda::Alias',
            Properties: {
              Name: aliasName as string,
              FunctionName: ref(logicalId),
              FunctionVersion: attribute(published.version, 'Version'),
              ...(provisioned === undefined ? {} : { ProvisionedConcurrencyConfig: provisioned }),
            },
          },
        }),
    ...url,
    ...invokeConfig.resources,
    ...(Object.assign({}, ...events.map((event) => event.resources)) as Resources),
  };
  const conditional = (one: JsonObject): JsonObject => (Condition === undefined ? one : { ...one, Condition });
  return {
    resources: {
      [logicalId]: lambda,
      ...Object.fromEntries(Object.entries(added).map(([id, one]) => [id, conditional(one)])),
    },
    notifications,
    routes: events.flatMap((event) => event.route ?? []),
    published,
  };
};
