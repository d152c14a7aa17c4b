import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, documentText, pick, ServiceError, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Description: 'string',
  EventBusName: 'string',
  EventPattern: 'json',
  Name: 'string',
  RoleArn: 'string',
  ScheduleExpression: 'string',
  State: 'string',
  Tags: TAGS,
  Targets: [
    {
      Arn: 'string',
      DeadLetterConfig: { Arn: 'string' },
      HttpParameters: {
        HeaderParameters: { map: 'string' },
        PathParameterValues: ['string'],
        QueryStringParameters: { map: 'string' },
      },
      Id: 'string',
      Input: 'string',
      InputPath: 'string',
      InputTransformer: { InputPathsMap: { map: 'string' }, InputTemplate: 'string' },
      KinesisParameters: { PartitionKeyPath: 'string' },
      RetryPolicy: { MaximumEventAgeInSeconds: 'number', MaximumRetryAttempts: 'number' },
      RoleArn: 'string',
      SqsParameters: { MessageGroupId: 'string' },
    },
  ],
} as const satisfies MemberShapes;

type RuleProperties = PropertiesOf<typeof SHAPE>;

const busOf = ({ EventBusName }: RuleProperties) => (EventBusName === undefined ? {} : { EventBusName });

const refuseFailures = (answer: { readonly FailedEntries?: readonly { readonly ErrorMessage?: string }[] }): void => {
  const [failed] = answer.FailedEntries ?? [];
  if (failed !== undefined)
    throw new ServiceError('ValidationException', failed.ErrorMessage ?? 'A target was refused.', 400);
};

const put = async (Name: string, before: RuleProperties, properties: RuleProperties, context: ResourceContext) => {
  await context.call('events', 'PutRule', {
    Name,
    ...pick(properties, 'Description', 'EventBusName', 'RoleArn', 'ScheduleExpression', 'State'),
    ...(properties.EventPattern === undefined ? {} : { EventPattern: documentText(properties.EventPattern) }),
    // Tags of an existing rule are changed by TagResource only.
    ...(before.Tags === undefined && properties.Tags !== undefined ? { Tags: properties.Tags } : {}),
  });
  const targets = properties.Targets ?? [];
  const gone = (before.Targets ?? []).filter(({ Id }) => !targets.some((target) => target.Id === Id));
  if (gone.length > 0) {
    const Ids = gone.map(({ Id }) => Id);
    refuseFailures(await context.call('events', 'RemoveTargets', { Rule: Name, ...busOf(properties), Ids }));
  }
  if (targets.length > 0) {
    refuseFailures(await context.call('events', 'PutTargets', { Rule: Name, ...busOf(properties), Targets: targets }));
  }
};

const stateOf = (name: string, { EventBusName }: RuleProperties, context: ResourceContext) => {
  const bus = EventBusName?.split('/').at(-1);
  const path = bus === undefined || bus === 'default' ? name : `${bus}/${name}`;
  return {
    physicalId: path === name ? name : `${bus}|${name}`,
    attributes: { Arn: arnIn(context, 'events', `rule/${path}`) },
  };
};

const nameOf = (physicalId: string): string => physicalId.slice(physicalId.indexOf('|') + 1);

export const eventsRule: ResourceType<RuleProperties> = {
  type: 'AWS::Events::Rule',
  properties: SHAPE,
  createOnly: ['Name', 'EventBusName'],
  nameProperty: 'Name',
  attributes: ['Arn'],
  hasSystemTags: true,
  async create(properties, context) {
    const name = properties.Name ?? context.generateName({ maxLength: 64 });
    try {
      await put(name, {}, properties, context);
    } catch (error) {
      await unlessMissing(context.call('events', 'DeleteRule', { Name: name, ...busOf(properties) }));
      throw error;
    }
    return stateOf(name, properties, context);
  },
  async update(existing, properties, context) {
    const name = nameOf(existing.physicalId);
    await put(name, { Tags: [], ...existing.properties }, properties, context);
    const ResourceARN = existing.attributes['Arn'];
    const { set, removed } = tagChanges(existing.properties.Tags, properties.Tags);
    if (set.length > 0) await context.call('events', 'TagResource', { ResourceARN, Tags: set });
    if (removed.length > 0) await context.call('events', 'UntagResource', { ResourceARN, TagKeys: removed });
    return stateOf(name, properties, context);
  },
  async delete({ physicalId, properties }, context) {
    const Name = nameOf(physicalId);
    const Ids = (properties.Targets ?? []).map(({ Id }) => Id);
    if (Ids.length > 0) {
      await unlessMissing(context.call('events', 'RemoveTargets', { Rule: Name, ...busOf(properties), Ids }));
    }
    await unlessMissing(context.call('events', 'DeleteRule', { Name, ...busOf(properties) }));
  },
};
