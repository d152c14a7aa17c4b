import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { CreateStackCommandInput } from '@aws-sdk/client-cloudformation';
import { Constraints, type Operations, operation, type RequestContext, ServiceError } from '@holdfast/engine';
import { changesOf, isUnchanged } from './change-set.ts';
import type { CloudFormationCore } from './core.ts';
import { checkDeploymentConfig } from './deployment-config.ts';
import { describeEvent, describeResource, describeStack, summarizeResource, summarizeStack } from './describe.ts';
import { validationError } from './errors.ts';
import { page } from './paging.ts';
import { isInProgress, type StackRecord, type StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import { stackTargetOf } from './stack-target.ts';

const STACK_NAME = /^[a-zA-Z][-a-zA-Z0-9]*$/;
const PAGE = 100;

/** States in which an update may begin. */
const UPDATABLE = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

export const checkStackName = (name: string | undefined): string => {
  if (name === undefined || name.length > 128 || !STACK_NAME.test(name)) {
    throw validationError(
      `1 validation error detected: Value '${name ?? 'null'}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*`,
    );
  }
  return name;
};

export const checkUpdatable = ({ record }: Stack): void => {
  if (!UPDATABLE.has(record.status)) {
    throw validationError(`Stack:${record.stackId} is in ${record.status} state and can not be updated.`);
  }
};

/** Description of the template, for the stack that it becomes. */
export const descriptionOf = (
  core: CloudFormationCore,
  { templateBody }: StackTarget,
): { readonly description?: string } => {
  const { description } = core.templates.load(templateBody);
  return typeof description === 'string' ? { description } : {};
};

/** What a stack has before its first deployment. */
export const emptyStack = (
  core: CloudFormationCore,
  stackName: string,
  context: RequestContext,
  rest: Pick<StackRecord, 'target' | 'status'> & Partial<StackRecord>,
): StackRecord => ({
  stackId: core.newStackId(stackName, context),
  stackName,
  account: context.account,
  region: context.region,
  ...(context.host === undefined ? {} : { host: context.host }),
  outputs: [],
  imports: [],
  onFailure: 'ROLLBACK',
  hasTerminationProtection: false,
  createdAt: core.clock.now(),
  ...rest,
});

/**
 * The stack of this name that only has change sets, if there is one: it is created after all, and they are of no use any more.
 *
 * @throws AlreadyExistsException for any other stack
 */
const nothingButReviewed = (
  core: CloudFormationCore,
  stackName: string,
  context: RequestContext,
): Stack | undefined => {
  const existing = core.stacks.find(stackName, context.account, context.region);
  if (existing === undefined) return undefined;
  if (existing.record.status !== 'REVIEW_IN_PROGRESS') {
    throw new ServiceError('AlreadyExistsException', `Stack [${stackName}] already exists`, 400);
  }
  return existing;
};

const onFailureOf = (input: CreateStackCommandInput): StackRecord['onFailure'] => {
  if (input.OnFailure !== undefined && input.DisableRollback !== undefined) {
    throw validationError('You cannot specify both DisableRollback and OnFailure');
  }
  return input.DisableRollback === true ? 'DO_NOTHING' : (input.OnFailure ?? 'ROLLBACK');
};

const doesNotExist = (name: string): string => `Stack with id ${name} does not exist`;
const stackDoesNotExist = (name: string): string => `Stack [${name}] does not exist`;

/** Actions on stacks. */
export const stackOperations = (core: CloudFormationCore): Operations<typeof Sdk> => ({
  CreateStack: operation(
    [
      'StackName',
      'TemplateBody',
      'TemplateURL',
      'Parameters',
      'DisableRollback',
      'TimeoutInMinutes',
      'Capabilities',
      'RoleARN',
      'OnFailure',
      'Tags',
      'ClientRequestToken',
      'EnableTerminationProtection',
      'DeploymentConfig',
    ],
    async (input, context) => {
      checkDeploymentConfig('CreateStack', input.DeploymentConfig);
      const stackName = checkStackName(input.StackName);
      const onFailure = onFailureOf(input);
      nothingButReviewed(core, stackName, context);
      const target = await stackTargetOf(core, input, undefined, context);
      // Somebody else may have been quicker.
      const reviewed = nothingButReviewed(core, stackName, context);
      const facts = {
        status: 'CREATE_IN_PROGRESS',
        target,
        onFailure,
        ...descriptionOf(core, target),
        hasTerminationProtection: input.EnableTerminationProtection === true,
        ...(input.RoleARN === undefined ? {} : { roleArn: input.RoleARN }),
        ...(input.TimeoutInMinutes === undefined ? {} : { timeoutInMinutes: input.TimeoutInMinutes }),
        ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
      };
      const stack = reviewed ?? core.stacks.add(emptyStack(core, stackName, context, facts));
      for (const set of core.changeSets.values()) {
        if (set.stackId === stack.id) core.putChangeSet({ ...set, executionStatus: 'OBSOLETE' });
      }
      core.begin(stack, 'CREATE_IN_PROGRESS', { kind: 'create' }, facts);
      return { StackId: stack.id };
    },
  ),

  UpdateStack: operation(
    [
      'StackName',
      'TemplateBody',
      'TemplateURL',
      'UsePreviousTemplate',
      'Parameters',
      'Capabilities',
      'RoleARN',
      'Tags',
      'ClientRequestToken',
      'DeploymentConfig',
    ],
    async (input, context) => {
      checkDeploymentConfig('UpdateStack', input.DeploymentConfig);
      const stack = core.require(input.StackName, context, stackDoesNotExist);
      checkUpdatable(stack);
      const target = await stackTargetOf(core, input, stack, context);
      if (isUnchanged(stack, target, changesOf(stack, target, core.types, core.environment), core.environment)) {
        throw validationError('No updates are to be performed.');
      }
      core.begin(
        stack,
        'UPDATE_IN_PROGRESS',
        { kind: 'update', previous: stack.record.target },
        {
          target,
          updatedAt: core.clock.now(),
          ...descriptionOf(core, target),
          ...(context.host === undefined ? {} : { host: context.host }),
          ...(input.RoleARN === undefined ? {} : { roleArn: input.RoleARN }),
          ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
        },
      );
      return { StackId: stack.id };
    },
  ),

  DeleteStack: operation(
    ['StackName', 'RetainResources', 'RoleARN', 'ClientRequestToken', 'DeploymentConfig'],
    (input, context) => {
      checkDeploymentConfig('DeleteStack', input.DeploymentConfig);
      const stack = core.stacks.find(input.StackName ?? '', context.account, context.region);
      if (stack === undefined || stack.record.status === 'DELETE_COMPLETE') return {};
      const { record } = stack;
      if (record.hasTerminationProtection) {
        throw validationError(`Stack [${record.stackName}] cannot be deleted while TerminationProtection is enabled`);
      }
      const retained = input.RetainResources ?? [];
      if (retained.length > 0 && record.status !== 'DELETE_FAILED') {
        throw validationError(
          `Invalid operation on stack [${record.stackId}]. RetainResources is only supported on stacks in DELETE_FAILED state`,
        );
      }
      if (isInProgress(record.status) && record.operation !== undefined) {
        if (record.operation.kind === 'delete') return {};
        throw validationError(`Stack:${record.stackId} is in ${record.status} state and can not be deleted.`);
      }
      core.begin(
        stack,
        'DELETE_IN_PROGRESS',
        { kind: 'delete', retained },
        {
          ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
        },
      );
      return {};
    },
  ),

  DescribeStacks: operation(['StackName', 'NextToken'], (input, context) => {
    if (input.StackName !== undefined && input.StackName !== '') {
      return { Stacks: [describeStack(core.require(input.StackName, context, doesNotExist))] };
    }
    const live = core.stacks.of(context.account, context.region).filter((s) => s.record.status !== 'DELETE_COMPLETE');
    const { items, ...next } = page(live, input.NextToken, PAGE);
    return { Stacks: items.map(describeStack), ...next };
  }),

  ListStacks: operation(['StackStatusFilter', 'NextToken'], (input, context) => {
    const wanted = input.StackStatusFilter ?? [];
    const all = core.stacks
      .of(context.account, context.region)
      .filter((stack) => wanted.length === 0 || (wanted as readonly string[]).includes(stack.record.status));
    const { items, ...next } = page([...all].reverse(), input.NextToken, PAGE);
    return { StackSummaries: items.map(summarizeStack), ...next };
  }),

  DescribeStackEvents: operation(['StackName', 'NextToken'], (input, context) => {
    const stack = core.require(input.StackName, context, stackDoesNotExist);
    const { items, ...next } = page([...stack.events].reverse(), input.NextToken, PAGE);
    return { StackEvents: items.map((event) => describeEvent(stack, event)), ...next };
  }),

  DescribeStackResource: operation(['StackName', 'LogicalResourceId'], (input, context) => {
    const stack = core.require(input.StackName, context, (name) => `Stack '${name}' does not exist`);
    const resource = stack.resources.get(input.LogicalResourceId ?? '');
    if (resource === undefined) {
      throw validationError(`Resource ${input.LogicalResourceId} does not exist for stack ${input.StackName}`);
    }
    const { Timestamp, ...described } = describeResource(stack, resource);
    return {
      StackResourceDetail: { ...described, LastUpdatedTimestamp: Timestamp, Metadata: '{}' },
    };
  }),

  DescribeStackResources: operation(['StackName', 'LogicalResourceId', 'PhysicalResourceId'], (input, context) => {
    const stacks =
      input.StackName === undefined
        ? core.stacks.of(context.account, context.region)
        : [core.require(input.StackName, context, doesNotExist)];
    const described = stacks.flatMap((stack) =>
      stack
        .resourcesByName()
        .filter(
          (resource) =>
            (input.LogicalResourceId === undefined || resource.logicalId === input.LogicalResourceId) &&
            (input.PhysicalResourceId === undefined || resource.physicalId === input.PhysicalResourceId),
        )
        .map((resource) => describeResource(stack, resource)),
    );
    if (described.length === 0 && input.PhysicalResourceId !== undefined) {
      throw validationError(`Stack for ${input.PhysicalResourceId} does not exist`);
    }
    return { StackResources: described };
  }),

  ListStackResources: operation(['StackName', 'NextToken'], (input, context) => {
    const stack = core.require(input.StackName, context, doesNotExist);
    const { items, ...next } = page(stack.resourcesByName(), input.NextToken, PAGE);
    return { StackResourceSummaries: items.map(summarizeResource), ...next };
  }),

  ListExports: operation(['NextToken'], (input, context) => {
    const exports = core.stacks
      .of(context.account, context.region)
      .flatMap(({ record }) =>
        record.outputs.flatMap(({ exportName, value }) =>
          exportName === undefined || record.status === 'DELETE_COMPLETE'
            ? []
            : [{ ExportingStackId: record.stackId, Name: exportName, Value: value }],
        ),
      );
    const { items, ...next } = page(exports, input.NextToken, PAGE);
    return { Exports: items, ...next };
  }),

  UpdateTerminationProtection: operation(['StackName', 'EnableTerminationProtection'], (input, context) => {
    new Constraints()
      .required('stackName', input.StackName)
      .required('enableTerminationProtection', input.EnableTerminationProtection)
      .check('ValidationError');
    const stack = core.require(input.StackName, context, stackDoesNotExist);
    stack.change({ hasTerminationProtection: input.EnableTerminationProtection === true });
    return { StackId: stack.id };
  }),
});
