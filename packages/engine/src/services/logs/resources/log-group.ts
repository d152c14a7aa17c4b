import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, TAGS, tagChanges, tagMap, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  LogGroupClass: 'string',
  LogGroupName: 'string',
  RetentionInDays: 'number',
  Tags: TAGS,
} as const satisfies MemberShapes;

type LogGroupProperties = PropertiesOf<typeof SHAPE>;

const retain = async (logGroupName: string, days: number | undefined, context: ResourceContext): Promise<void> => {
  if (days === undefined) await context.call('logs', 'DeleteRetentionPolicy', { logGroupName });
  else await context.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays: days });
};

export const logsLogGroup: ResourceType<LogGroupProperties> = {
  type: 'AWS::Logs::LogGroup',
  properties: SHAPE,
  createOnly: ['LogGroupName', 'LogGroupClass'],
  nameProperty: 'LogGroupName',
  attributes: ['Arn'],
  hasSystemTags: true,
  async create(properties, context) {
    const logGroupName = properties.LogGroupName ?? context.generateName({ maxLength: 512 });
    await context.call('logs', 'CreateLogGroup', {
      logGroupName,
      ...(properties.LogGroupClass === undefined ? {} : { logGroupClass: properties.LogGroupClass }),
      ...(properties.Tags === undefined ? {} : { tags: tagMap(properties.Tags) }),
    });
    if (properties.RetentionInDays !== undefined) await retain(logGroupName, properties.RetentionInDays, context);
    return { physicalId: logGroupName, attributes: { Arn: arnIn(context, 'logs', `log-group:${logGroupName}:*`) } };
  },
  async update({ physicalId, attributes, properties: before }, properties, context) {
    if (before.RetentionInDays !== properties.RetentionInDays) {
      await retain(physicalId, properties.RetentionInDays, context);
    }
    const resourceArn = arnIn(context, 'logs', `log-group:${physicalId}`);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('logs', 'TagResource', { resourceArn, tags: tagMap(set) });
    if (removed.length > 0) await context.call('logs', 'UntagResource', { resourceArn, tagKeys: removed });
    return { physicalId, attributes };
  },
  async delete({ physicalId: logGroupName }, context) {
    await unlessMissing(context.call('logs', 'DeleteLogGroup', { logGroupName }));
  },
};
