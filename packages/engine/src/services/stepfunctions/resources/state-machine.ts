import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { ResourceFailure, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  StateMachineName: 'string',
  StateMachineType: 'string',
  RoleArn: 'string',
  Definition: 'json',
  DefinitionString: 'string',
  DefinitionS3Location: { Bucket: 'string', Key: 'string', Version: 'string' },
  DefinitionSubstitutions: 'json',
  LoggingConfiguration: {
    Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: 'string' } }],
    IncludeExecutionData: 'boolean',
    Level: 'string',
  },
  TracingConfiguration: { Enabled: 'boolean' },
  Tags: TAGS,
} as const satisfies MemberShapes;

const REQUIRED = ['RoleArn'] as const;
type MachineProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** A definition with `${names}` replaced. */
const substituted = (text: string, { DefinitionSubstitutions = {} }: MachineProperties): string =>
  text.replace(/\$\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) =>
    Object.hasOwn(DefinitionSubstitutions, name)
      ? String((DefinitionSubstitutions as Readonly<Record<string, unknown>>)[name])
      : whole,
  );

/** A file in S3 may be YAML too; numbers may stand in either for names that are replaced before it is read. */
const definitionInS3 = async (properties: MachineProperties, context: ResourceContext): Promise<string> => {
  const { DefinitionS3Location: location } = properties;
  const { Body } = await context.call<{ Body: Uint8Array }>('s3', 'GetObject', {
    Bucket: location?.Bucket,
    Key: location?.Key,
    ...(location?.Version === undefined ? {} : { VersionId: location.Version }),
  });
  const text = substituted(new TextDecoder().decode(Body), properties);
  if (/^\s*\{/.test(text)) return text;
  const read = await context.readYaml(text);
  if (typeof read !== 'object' || read === null) {
    throw new ResourceFailure('Invalid StateMachine definition. The definition in S3 is neither JSON nor YAML.');
  }
  return JSON.stringify(read);
};

/** The definition from wherever it is. */
const definitionOf = async (properties: MachineProperties, context: ResourceContext): Promise<string> => {
  const { Definition, DefinitionString } = properties;
  if (DefinitionString !== undefined) return substituted(DefinitionString, properties);
  if (Definition !== undefined) return substituted(JSON.stringify(Definition), properties);
  return definitionInS3(properties, context);
};

const loggingOf = ({ LoggingConfiguration: logging }: MachineProperties) => ({
  level: logging?.Level ?? 'OFF',
  includeExecutionData: logging?.IncludeExecutionData ?? false,
  ...(logging?.Destinations === undefined
    ? {}
    : {
        destinations: logging.Destinations.map(({ CloudWatchLogsLogGroup }) => ({
          cloudWatchLogsLogGroup: { logGroupArn: CloudWatchLogsLogGroup?.LogGroupArn },
        })),
      }),
});

const tagsOf = (tags: MachineProperties['Tags']) => (tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));

const stateOf = async (stateMachineArn: string, context: ResourceContext) => {
  const machine = await context.call<{ name: string; revisionId?: string }>('states', 'DescribeStateMachine', {
    stateMachineArn,
  });
  return {
    physicalId: stateMachineArn,
    attributes: {
      Arn: stateMachineArn,
      Name: machine.name,
      StateMachineRevisionId: machine.revisionId ?? 'INITIAL',
    },
  };
};

export const statesStateMachine: ResourceType<MachineProperties> = {
  type: 'AWS::StepFunctions::StateMachine',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['StateMachineName', 'StateMachineType'],
  nameProperty: 'StateMachineName',
  attributes: ['Arn', 'Name', 'StateMachineRevisionId'],
  hasSystemTags: true,
  async create(properties, context) {
    const { stateMachineArn } = await context.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', {
      name: properties.StateMachineName ?? context.generateName({ maxLength: 80 }),
      type: properties.StateMachineType ?? 'STANDARD',
      roleArn: properties.RoleArn,
      definition: await definitionOf(properties, context),
      loggingConfiguration: loggingOf(properties),
      tracingConfiguration: { enabled: properties.TracingConfiguration?.Enabled ?? false },
      tags: tagsOf(properties.Tags),
    });
    return stateOf(stateMachineArn, context);
  },
  async update({ physicalId: stateMachineArn, properties: before }, properties, context) {
    await context.call('states', 'UpdateStateMachine', {
      stateMachineArn,
      roleArn: properties.RoleArn,
      definition: await definitionOf(properties, context),
      loggingConfiguration: loggingOf(properties),
      tracingConfiguration: { enabled: properties.TracingConfiguration?.Enabled ?? false },
    });
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0)
      await context.call('states', 'TagResource', { resourceArn: stateMachineArn, tags: tagsOf(set) });
    if (removed.length > 0) {
      await context.call('states', 'UntagResource', { resourceArn: stateMachineArn, tagKeys: removed });
    }
    return stateOf(stateMachineArn, context);
  },
  async delete({ physicalId: stateMachineArn }, context) {
    await unlessMissing(context.call('states', 'DeleteStateMachine', { stateMachineArn }));
  },
};
