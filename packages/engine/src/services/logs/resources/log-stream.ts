import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = { LogGroupName: 'string', LogStreamName: 'string' } as const satisfies MemberShapes;

const REQUIRED = ['LogGroupName'] as const;
type LogStreamProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const logsLogStream: ResourceType<LogStreamProperties> = {
  type: 'AWS::Logs::LogStream',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['LogGroupName', 'LogStreamName'],
  attributes: [],
  async create({ LogGroupName: logGroupName, LogStreamName }, context) {
    const logStreamName = LogStreamName ?? context.generateName();
    await context.call('logs', 'CreateLogStream', { logGroupName, logStreamName });
    return { physicalId: logStreamName, attributes: {} };
  },
  update: async (existing) => existing,
  async delete({ physicalId: logStreamName, properties: { LogGroupName: logGroupName } }, context) {
    await unlessMissing(context.call('logs', 'DeleteLogStream', { logGroupName, logStreamName }));
  },
};
