import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

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

/** The definition from wherever it is, with `${names}` replaced. */
const definitionOf = async (properties: MachineProperties, context: ResourceContext): Promise<string> => {
  const text = await definitionText(properties, context);
  const substitutions = (properties.DefinitionSubstitutions ?? {}) as Readonly<Record<string, unknown>>;
  return text.replace(/\$\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) =>
    Object.hasOwn(substitutions, name) ? String(substitutions[name]) : whole,
  );
};

const definitionText = async (properties: MachineProperties, context: ResourceContext): Promise<string> => {
  const { Definition, DefinitionString, DefinitionS3Location: location } = properties;
  if (DefinitionString !== undefined) return DefinitionString;
  if (Definition !== undefined) return JSON.stringify(Definition);
  const { Body } = await context.call<{ Body: Uint8Array }>('s3', 'GetObject', {
    Bucket: location?.Bucket,
    Key: location?.Key,
    ...(location?.Version === undefined ? {} : { VersionId: location.Version }),
  });
  return new TextDecoder().decode(Body);
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
