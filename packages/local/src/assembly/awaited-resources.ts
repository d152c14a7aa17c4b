import type { Stack, StackResource } from '@aws-sdk/client-cloudformation';
import type { DeployTarget } from './deploy-target.ts';

const NESTED = 'AWS::CloudFormation::Stack';
const CUSTOM = /^(?:Custom::|AWS::CloudFormation::CustomResource$)/;

const isUnderWay = (status: string | undefined): boolean => status?.endsWith('_IN_PROGRESS') === true;

const STACK_NAME_MAX = 128;

/** Whether CloudFormation named a stack for this resource: parent and logical id are cut where the name would be too long. */
const isNamedFor = ({ StackName: parent = '', LogicalResourceId = '' }: StackResource, stackName: string): boolean => {
  const [, before = '', named = ''] = /^(.+)-([A-Za-z0-9]+)-[A-Z0-9]+$/.exec(stackName) ?? [];
  if (stackName.length < STACK_NAME_MAX) return before === parent && named === LogicalResourceId;
  return parent.startsWith(before) && LogicalResourceId.startsWith(named);
};

/** The stack of a resource: by its id, or, as long as it has none, by its name. */
const nestedIn = async (target: DeployTarget, resource: StackResource): Promise<string | undefined> => {
  if (resource.PhysicalResourceId !== undefined) return resource.PhysicalResourceId;
  let NextToken: string | undefined;
  do {
    const page: { Stacks?: Stack[]; NextToken?: string } = await target.call('cloudformation', 'DescribeStacks', {
      NextToken,
    });
    const nested = page.Stacks?.find(
      ({ StackName = '', StackStatus }) => isUnderWay(StackStatus) && isNamedFor(resource, StackName),
    );
    if (nested !== undefined) return nested.StackId;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return undefined;
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
