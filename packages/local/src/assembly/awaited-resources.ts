import type { Stack, StackResource } from '@aws-sdk/client-cloudformation';
import type { DeployTarget } from './deploy-target.ts';

const NESTED = 'AWS::CloudFormation::Stack';
const CUSTOM = /^(?:Custom::|AWS::CloudFormation::CustomResource$)/;

const isUnderWay = (status: string | undefined): boolean => status?.endsWith('_IN_PROGRESS') === true;

/** The stack of a resource: by its id, or, as long as it has none, by the name that CloudFormation gives it. */
const nestedIn = async (
  target: DeployTarget,
  { StackName: parent, LogicalResourceId, PhysicalResourceId }: StackResource,
): Promise<string | undefined> => {
  if (PhysicalResourceId !== undefined) return PhysicalResourceId;
  const { Stacks = [] } = await target.call<{ Stacks?: Stack[] }>('cloudformation', 'DescribeStacks', {});
  return Stacks.find(
    ({ StackName = '', StackStatus }) =>
      StackName.startsWith(`${parent}-${LogicalResourceId}-`) && isUnderWay(StackStatus),
  )?.StackName;
};

const waitOf = ({ ResourceStatus, ResourceType = '', Timestamp }: StackResource): string =>
  `${ResourceStatus} since ${Timestamp?.toISOString()}${CUSTOM.test(ResourceType) ? ', nobody has answered its request' : ''}`;

/**
 * What a stack that is under way waits for, in words: its resources that are being worked on, and of nested stacks theirs, as
 * `Child/Table`.
 */
export const awaitedResources = async (
  target: DeployTarget,
  stackName: string,
  path = '',
): Promise<readonly string[]> => {
  const { StackResources = [] } = await target.call<{ StackResources?: StackResource[] }>(
    'cloudformation',
    'DescribeStackResources',
    { StackName: stackName },
  );
  const awaited: string[] = [];
  for (const resource of StackResources.filter(({ ResourceStatus }) => isUnderWay(ResourceStatus))) {
    const { LogicalResourceId, ResourceType } = resource;
    const here = `${path}${LogicalResourceId}`;
    const nested = ResourceType === NESTED ? await nestedIn(target, resource) : undefined;
    const within = nested === undefined ? [] : await awaitedResources(target, nested, `${here}/`);
    awaited.push(...(within.length > 0 ? within : [`${here} (${ResourceType}): ${waitOf(resource)}`]));
  }
  return awaited;
};
