import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { DescribeChangeSetCommandOutput } from '@aws-sdk/client-cloudformation';
import { makeArn } from '@holdfast/aws-model';
import { notSupported, type Operations, operation, type RequestContext, ServiceError } from '@holdfast/engine';
import { type ChangeSetRecord, changesOf, isUnchanged, withoutValues } from './change-set.ts';
import type { CloudFormationCore } from './core.ts';
import { checkDeploymentConfig } from './deployment-config.ts';
import { describeParameters, unlessEmpty } from './describe.ts';
import { validationError } from './errors.ts';
import { page } from './paging.ts';
import { recordStackEvent } from './stack-events.ts';
import { checkStackName, checkUpdatable, descriptionOf, emptyStack } from './stack-operations.ts';
import type { Stack } from './stack-table.ts';
import { stackTargetOf } from './stack-target.ts';

const PAGE = 100;

/** The text that the CDK CLI and `aws cloudformation deploy` take for "nothing to do". */
const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** A change set by its ARN, or by its name and its stack. @throws ServiceError in the words of AWS when there is none */
export const findChangeSet = (
  core: CloudFormationCore,
  name: string | undefined,
  stackName: string | undefined,
  context: RequestContext,
): ChangeSetRecord => {
  const byName = (): ChangeSetRecord | undefined => {
    if (stackName === undefined) {
      throw validationError('StackName must be specified if ChangeSetName is not specified as an ARN.');
    }
    const stack = core.require(stackName, context, (missing) => `Stack [${missing}] does not exist`);
    return [...core.changeSets.values()].find((set) => set.changeSetName === name && set.stackId === stack.id);
  };
  const found = name?.startsWith('arn:') === true ? core.changeSets.get(name) : byName();
  if (found === undefined) {
    throw new ServiceError('ChangeSetNotFound', `ChangeSet [${name ?? ''}] does not exist`, 404);
  }
  return found;
};

/** A change set of type CREATE brings its stack into being, with nothing in it. */
const stackToReview = (
  core: CloudFormationCore,
  nameOrId: string | undefined,
  changeSetName: string,
  context: RequestContext,
): Stack => {
  const existing = core.stacks.find(nameOrId ?? '', context.account, context.region);
  if (existing?.record.status === 'REVIEW_IN_PROGRESS') return existing;
  if (existing !== undefined) {
    throw validationError(
      `Stack [${nameOrId}] already exists and cannot be created again with the changeSet [${changeSetName}].`,
    );
  }
  const stackName = checkStackName(nameOrId);
  const target = { templateBody: '', parameters: {}, tags: [], capabilities: [] };
  const stack = core.stacks.add(emptyStack(core, stackName, context, { status: 'REVIEW_IN_PROGRESS', target }));
  stack.change({ statusReason: 'User Initiated' });
  recordStackEvent(stack, core.environment);
  return stack;
};

/** Actions on change sets. They are computed at once; AWS shows CREATE_PENDING and CREATE_IN_PROGRESS for a while. */
export const changeSetOperations = (core: CloudFormationCore): Operations<typeof Sdk> => ({
  CreateChangeSet: operation(
    [
      'StackName',
      'ChangeSetName',
      'ChangeSetType',
      'TemplateBody',
      'TemplateURL',
      'UsePreviousTemplate',
      'Parameters',
      'Capabilities',
      'RoleARN',
      'Tags',
      'Description',
      'ClientToken',
      'OnStackFailure',
      'IncludeNestedStacks',
      'ImportExistingResources',
      'DeploymentConfig',
    ],
    // `ImportExistingResources`, which `cdk bootstrap` sets, has nothing to act on: what exists fails to be created.
    async (input, context) => {
      const type = input.ChangeSetType ?? 'UPDATE';
      if (type !== 'CREATE' && type !== 'UPDATE') throw notSupported(`CreateChangeSet with ChangeSetType ${type}`);
      checkDeploymentConfig('CreateChangeSet', input.DeploymentConfig);
      const changeSetName = checkStackName(input.ChangeSetName);
      const existing = core.stacks.find(input.StackName ?? '', context.account, context.region);
      if (type === 'UPDATE') {
        if (existing === undefined || existing.record.status === 'REVIEW_IN_PROGRESS') {
          throw validationError(`Stack [${input.StackName}] does not exist`);
        }
        checkUpdatable(existing);
      }
      const namesake = [...core.changeSets.values()].find(
        (set) => set.changeSetName === changeSetName && set.stackId === existing?.id,
      );
      // The AWS CLI names change sets by the second: what has been executed does not stand in the way.
      const isTaken = namesake !== undefined && namesake.executionStatus !== 'EXECUTE_COMPLETE';
      if (isTaken) {
        throw new ServiceError(
          'AlreadyExistsException',
          `ChangeSet ${changeSetName} cannot be created due to a mismatch with existing attribute Template`,
          400,
        );
      }
      const target = await stackTargetOf(core, input, type === 'UPDATE' ? existing : undefined, context);
      const stack =
        type === 'UPDATE' ? (existing as Stack) : stackToReview(core, input.StackName, changeSetName, context);
      const changes = changesOf(stack, target, core.types, core.environment);
      const hasChanges = type === 'CREATE' || !isUnchanged(stack, target, changes, core.environment);
      if (namesake !== undefined) core.deleteChangeSet(namesake.changeSetId);
      const changeSetId = makeArn(
        'cloudformation',
        context.region,
        context.account,
        `changeSet/${changeSetName}/${core.ids.uuid()}`,
      );
      core.putChangeSet({
        changeSetId,
        changeSetName,
        stackId: stack.id,
        type,
        status: hasChanges ? 'CREATE_COMPLETE' : 'FAILED',
        ...(hasChanges ? {} : { statusReason: NO_CHANGES }),
        executionStatus: hasChanges ? 'AVAILABLE' : 'UNAVAILABLE',
        ...(input.Description === undefined ? {} : { description: input.Description }),
        target,
        changes,
        ...(input.OnStackFailure === undefined ? {} : { onStackFailure: input.OnStackFailure }),
        createdAt: core.clock.now(),
      });
      if (input.RoleARN !== undefined) stack.change({ roleArn: input.RoleARN });
      return { Id: changeSetId, StackId: stack.id };
    },
  ),

  DescribeChangeSet: operation(
    ['ChangeSetName', 'StackName', 'NextToken', 'IncludePropertyValues'],
    (input, context) => {
      const set = findChangeSet(core, input.ChangeSetName, input.StackName, context);
      const { items, ...next } = page(set.changes, input.NextToken, PAGE);
      return {
        ChangeSetName: set.changeSetName,
        ChangeSetId: set.changeSetId,
        StackId: set.stackId,
        StackName: core.stacks.find(set.stackId, context.account, context.region)?.record.stackName,
        Description: set.description,
        ...unlessEmpty('Parameters', describeParameters(set.target)),
        CreationTime: new Date(set.createdAt),
        ExecutionStatus: set.executionStatus,
        Status: set.status,
        StatusReason: set.statusReason,
        NotificationARNs: [],
        RollbackConfiguration: {},
        Capabilities: [...set.target.capabilities] as NonNullable<DescribeChangeSetCommandOutput['Capabilities']>,
        ...unlessEmpty(
          'Tags',
          set.target.tags.map((tag) => ({ ...tag })),
        ),
        Changes: input.IncludePropertyValues === true ? items : items.map(withoutValues),
        IncludeNestedStacks: false,
        ...(set.onStackFailure === undefined
          ? {}
          : { OnStackFailure: set.onStackFailure as DescribeChangeSetCommandOutput['OnStackFailure'] }),
        ...next,
      };
    },
  ),

  ExecuteChangeSet: operation(
    ['ChangeSetName', 'StackName', 'ClientRequestToken', 'DisableRollback'],
    (input, context) => {
      const set = findChangeSet(core, input.ChangeSetName, input.StackName, context);
      if (set.executionStatus !== 'AVAILABLE') {
        throw new ServiceError(
          'InvalidChangeSetStatus',
          `ChangeSet [${set.changeSetId}] cannot be executed in its current status of [${set.status}]`,
          400,
        );
      }
      const stack = core.require(set.stackId, context, (name) => `Stack [${name}] does not exist`);
      if (set.type === 'UPDATE') checkUpdatable(stack);
      const shared = {
        target: set.target,
        changeSetId: set.changeSetId,
        ...descriptionOf(core, set.target),
        ...(context.host === undefined ? {} : { host: context.host }),
        ...(input.ClientRequestToken === undefined ? {} : { clientRequestToken: input.ClientRequestToken }),
      };
      // AWS drops a stack's change sets once one of them is executed.
      for (const other of core.changeSets.values()) {
        if (other.stackId === stack.id) core.deleteChangeSet(other.changeSetId);
      }
      core.putChangeSet({ ...set, executionStatus: 'EXECUTE_COMPLETE' });
      if (set.type === 'CREATE') {
        const onFailure =
          input.DisableRollback === true
            ? 'DO_NOTHING'
            : ((set.onStackFailure ?? 'ROLLBACK') as Stack['record']['onFailure']);
        core.begin(
          stack,
          'CREATE_IN_PROGRESS',
          { kind: 'create' },
          {
            ...shared,
            onFailure,
            updatedAt: core.clock.now(),
          },
        );
      } else {
        const operation = { kind: 'update', previous: stack.record.target } as const;
        core.begin(stack, 'UPDATE_IN_PROGRESS', operation, { ...shared, updatedAt: core.clock.now() });
      }
      return {};
    },
  ),

  DeleteChangeSet: operation(['ChangeSetName', 'StackName'], (input, context) => {
    try {
      core.deleteChangeSet(findChangeSet(core, input.ChangeSetName, input.StackName, context).changeSetId);
    } catch (error) {
      // Deleting what is not there succeeds.
      if (!(error instanceof ServiceError) || error.code !== 'ChangeSetNotFound') throw error;
    }
    return {};
  }),

  ListChangeSets: operation(['StackName', 'NextToken'], (input, context) => {
    const stack = core.require(input.StackName, context, (name) => `Stack [${name}] does not exist`);
    const sets = [...core.changeSets.values()].filter(
      ({ stackId, executionStatus }) => stackId === stack.id && executionStatus !== 'EXECUTE_COMPLETE',
    );
    const { items, ...next } = page(sets, input.NextToken, PAGE);
    return {
      Summaries: items.map((set) => ({
        StackId: set.stackId,
        StackName: stack.record.stackName,
        ChangeSetId: set.changeSetId,
        ChangeSetName: set.changeSetName,
        ExecutionStatus: set.executionStatus,
        Status: set.status,
        StatusReason: set.statusReason,
        CreationTime: new Date(set.createdAt),
        Description: set.description,
        IncludeNestedStacks: false,
      })),
      ...next,
    };
  }),
});
