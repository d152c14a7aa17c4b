import type {
  StackEvent as DescribedEvent,
  Stack as DescribedStack,
  Parameter,
  StackResource,
  StackResourceSummary,
  StackSummary,
} from '@aws-sdk/client-cloudformation';
import type { ResourceRecord, StackEvent, StackRecord, StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';

/** Lists that AWS leaves out where there is nothing in them. */
export const unlessEmpty = <Name extends string, Item>(
  name: Name,
  items: Item[],
): { readonly [Member in Name]?: Item[] } =>
  items.length === 0 ? {} : ({ [name]: items } as { readonly [Member in Name]?: Item[] });

const date = (at: number): Date => new Date(at);

/** Parameters as AWS shows them: secrets hidden, looked-up values beside the name they came from. */
export const describeParameters = (target: StackTarget): Parameter[] =>
  Object.entries(target.parameters).map(([ParameterKey, { value, resolved, isLookedUp, noEcho }]) => ({
    ParameterKey,
    ParameterValue: noEcho ? '****' : value,
    ...(isLookedUp ? { ResolvedValue: Array.isArray(resolved) ? resolved.join(',') : String(resolved) } : {}),
  }));

const isGone = ({ status }: StackRecord): boolean => status === 'DELETE_COMPLETE';

export const describeStack = ({ record, parentId, rootId }: Stack): DescribedStack => ({
  StackId: record.stackId,
  ...(parentId === undefined ? {} : { ParentId: parentId }),
  ...(rootId === undefined ? {} : { RootId: rootId }),
  StackName: record.stackName,
  ...(record.changeSetId === undefined || record.deletedAt !== undefined ? {} : { ChangeSetId: record.changeSetId }),
  ...(record.description === undefined ? {} : { Description: record.description }),
  ...unlessEmpty('Parameters', describeParameters(record.target)),
  CreationTime: date(record.createdAt),
  ...(record.updatedAt === undefined ? {} : { LastUpdatedTime: date(record.updatedAt) }),
  ...(record.deletedAt === undefined ? {} : { DeletionTime: date(record.deletedAt) }),
  RollbackConfiguration: {},
  StackStatus: record.status as DescribedStack['StackStatus'],
  ...(record.statusReason === undefined ? {} : { StackStatusReason: record.statusReason }),
  DisableRollback: record.onFailure === 'DO_NOTHING',
  NotificationARNs: [],
  ...(record.timeoutInMinutes === undefined ? {} : { TimeoutInMinutes: record.timeoutInMinutes }),
  ...unlessEmpty('Capabilities', [...record.target.capabilities] as NonNullable<DescribedStack['Capabilities']>),
  ...unlessEmpty(
    'Outputs',
    record.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      ...(description === undefined ? {} : { Description: description }),
      ...(exportName === undefined ? {} : { ExportName: exportName }),
    })),
  ),
  ...(record.roleArn === undefined ? {} : { RoleARN: record.roleArn }),
  Tags: record.target.tags.map((tag) => ({ ...tag })),
  ...(isGone(record) ? {} : { EnableTerminationProtection: record.hasTerminationProtection }),
  DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
});

export const summarizeStack = (stack: Stack): StackSummary => {
  const {
    StackId,
    StackName,
    Description,
    CreationTime,
    LastUpdatedTime,
    DeletionTime,
    StackStatus,
    StackStatusReason,
  } = describeStack(stack);
  return {
    StackId,
    StackName,
    TemplateDescription: Description,
    CreationTime,
    LastUpdatedTime,
    DeletionTime,
    StackStatus,
    StackStatusReason,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
};

export const describeEvent = ({ record }: Stack, event: StackEvent): DescribedEvent => ({
  StackId: record.stackId,
  StackName: record.stackName,
  EventId: event.eventId,
  LogicalResourceId: event.logicalId,
  PhysicalResourceId: event.physicalId,
  ResourceType: event.type,
  Timestamp: date(event.at),
  ResourceStatus: event.status as DescribedEvent['ResourceStatus'],
  ...(event.reason === undefined ? {} : { ResourceStatusReason: event.reason }),
  ...(event.properties === undefined ? {} : { ResourceProperties: event.properties }),
  ...(event.token === undefined ? {} : { ClientRequestToken: event.token }),
});

export const summarizeResource = (resource: ResourceRecord): StackResourceSummary => ({
  LogicalResourceId: resource.logicalId,
  PhysicalResourceId: resource.physicalId,
  ResourceType: resource.type,
  LastUpdatedTimestamp: date(resource.at),
  ResourceStatus: resource.status as StackResourceSummary['ResourceStatus'],
  ResourceStatusReason: resource.statusReason,
  DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
});

export const describeResource = ({ record }: Stack, resource: ResourceRecord): StackResource => ({
  StackName: record.stackName,
  StackId: record.stackId,
  LogicalResourceId: resource.logicalId,
  PhysicalResourceId: resource.physicalId,
  ResourceType: resource.type,
  Timestamp: date(resource.at),
  ResourceStatus: resource.status as StackResource['ResourceStatus'],
  ResourceStatusReason: resource.statusReason,
  DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
});
