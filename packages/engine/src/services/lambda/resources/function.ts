import { strToU8, zipSync } from 'fflate';
import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { isObject, pick, sameJson, TAGS, tagChanges, tagMap, unlessMissing } from '../../../core/index.ts';
import { howToStandIn, publicLayerIn, standInFor } from '../functions/public-layers.ts';
import { cfnResponseFor } from './cfn-response.ts';

const SHAPE = {
  FunctionName: 'string',
  Architectures: ['string'],
  Code: { S3Bucket: 'string', S3Key: 'string', S3ObjectVersion: 'string', ZipFile: 'string' },
  DeadLetterConfig: { TargetArn: 'string' },
  Description: 'string',
  Environment: { Variables: { map: 'string' } },
  EphemeralStorage: { Size: 'number' },
  Handler: 'string',
  KmsKeyArn: 'string',
  Layers: ['string'],
  LoggingConfig: {
    ApplicationLogLevel: 'string',
    LogFormat: 'string',
    LogGroup: 'string',
    SystemLogLevel: 'string',
  },
  MemorySize: 'number',
  PackageType: 'string',
  RecursiveLoop: 'string',
  ReservedConcurrentExecutions: 'number',
  Role: 'string',
  Runtime: 'string',
  RuntimeManagementConfig: { UpdateRuntimeOn: 'string' },
  SnapStart: { ApplyOn: 'string' },
  Tags: TAGS,
  Timeout: 'number',
  TracingConfig: { Mode: 'string' },
} as const satisfies MemberShapes;

const REQUIRED = ['Code', 'Role'] as const;
type FunctionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** Members that UpdateFunctionConfiguration takes, and what each goes back to when its property is removed. */
const CONFIGURATION_DEFAULTS = {
  DeadLetterConfig: { TargetArn: '' },
  Description: '',
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  Handler: undefined,
  Layers: [],
  LoggingConfig: { LogFormat: 'Text' },
  MemorySize: 128,
  Role: undefined,
  Runtime: undefined,
  SnapStart: { ApplyOn: 'None' },
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
} as const;

const CONFIGURATION = Object.keys(CONFIGURATION_DEFAULTS) as (keyof typeof CONFIGURATION_DEFAULTS)[];

/** Earliest time that a zip entry can bear; a fixed one keeps the archive's digest stable. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/** Inline code is a file `index` in the language of the runtime. */
const codeOf = ({ Code: { ZipFile, S3Bucket, S3Key, S3ObjectVersion }, Runtime }: FunctionProperties): object => {
  if (ZipFile === undefined) {
    return { S3Bucket, S3Key, ...(S3ObjectVersion === undefined ? {} : { S3ObjectVersion }) };
  }
  const file = Runtime?.startsWith('python') === true ? 'index.py' : 'index.js';
  const files = { [file]: ZipFile, ...cfnResponseFor(ZipFile, Runtime ?? '') };
  const zippable = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]));
  return { ZipFile: zipSync(zippable, { mtime: ZIP_EPOCH }) };
};

interface Configuration {
  readonly FunctionName?: string;
  readonly FunctionArn?: string;
  readonly State?: string;
  readonly LastUpdateStatus?: string;
}

const describe = async (FunctionName: string, context: ResourceContext): Promise<Configuration> =>
  context.call<Configuration>('lambda', 'GetFunctionConfiguration', { FunctionName });

const untilSettled = (name: string, context: ResourceContext): Promise<void> =>
  context.until(async () => {
    const { State, LastUpdateStatus } = await describe(name, context);
    return State !== 'Pending' && LastUpdateStatus !== 'InProgress';
  }, `function ${name}`);

const setConcurrency = async (FunctionName: string, reserved: number | undefined, context: ResourceContext) => {
  if (reserved === undefined) await context.call('lambda', 'DeleteFunctionConcurrency', { FunctionName });
  else {
    await context.call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: reserved });
  }
};

const setRecursion = (FunctionName: string, RecursiveLoop: string, context: ResourceContext) =>
  context.call('lambda', 'PutFunctionRecursionConfig', { FunctionName, RecursiveLoop });

export const lambdaFunction: ResourceType<FunctionProperties> = {
  type: 'AWS::Lambda::Function',
  properties: SHAPE,
  refuses({ RuntimeManagementConfig }) {
    const { UpdateRuntimeOn = 'Auto' } = isObject(RuntimeManagementConfig) ? RuntimeManagementConfig : {};
    return UpdateRuntimeOn === 'Auto'
      ? []
      : ['RuntimeManagementConfig/UpdateRuntimeOn other than Auto: functions run on the one runtime that is there'];
  },
  refusesIn({ Layers }, place) {
    if (!Array.isArray(Layers)) return [];
    const refused = Layers.map((layer) => JSON.stringify(layer)).flatMap((layer) => {
      const known = publicLayerIn(layer);
      const isThere = known !== undefined && place.exists(standInFor(layer, place) ?? '');
      return known === undefined || isThere ? [] : `${known} (${howToStandIn(layer)})`;
    });
    return [...new Set(refused)];
  },
  required: REQUIRED,
  createOnly: ['FunctionName', 'PackageType'],
  nameProperty: 'FunctionName',
  attributes: ['Arn'],
  hasSystemTags: true,
  async create(properties, context) {
    const { KmsKeyArn } = properties;
    const name = properties.FunctionName ?? context.generateName({ maxLength: 64 });
    const { FunctionArn } = await context.call<Configuration>('lambda', 'CreateFunction', {
      FunctionName: name,
      Code: codeOf(properties),
      ...pick(properties, ...CONFIGURATION, 'Architectures', 'PackageType'),
      ...(KmsKeyArn === undefined ? {} : { KMSKeyArn: KmsKeyArn }),
      ...(properties.Tags === undefined ? {} : { Tags: tagMap(properties.Tags) }),
    });
    try {
      await untilSettled(name, context);
      if (properties.ReservedConcurrentExecutions !== undefined) {
        await setConcurrency(name, properties.ReservedConcurrentExecutions, context);
      }
      if (properties.RecursiveLoop !== undefined) await setRecursion(name, properties.RecursiveLoop, context);
    } catch (error) {
      await unlessMissing(context.call('lambda', 'DeleteFunction', { FunctionName: name }));
      throw error;
    }
    return { physicalId: name, attributes: { Arn: FunctionArn as string } };
  },
  async update(existing, properties, context) {
    const FunctionName = existing.physicalId;
    const before = existing.properties;
    if (
      !sameJson(before.Code, properties.Code) ||
      !sameJson(before.Architectures ?? [], properties.Architectures ?? [])
    ) {
      await context.call('lambda', 'UpdateFunctionCode', {
        FunctionName,
        ...codeOf(properties),
        ...pick(properties, 'Architectures'),
      });
      await untilSettled(FunctionName, context);
    }
    const changed = CONFIGURATION.filter((name) => !sameJson(before[name] ?? null, properties[name] ?? null));
    const isKeyNew = before.KmsKeyArn !== properties.KmsKeyArn;
    if (changed.length > 0 || isKeyNew) {
      await context.call('lambda', 'UpdateFunctionConfiguration', {
        FunctionName,
        ...(isKeyNew ? { KMSKeyArn: properties.KmsKeyArn ?? '' } : {}),
        ...Object.fromEntries(changed.map((name) => [name, properties[name] ?? CONFIGURATION_DEFAULTS[name]])),
      });
      await untilSettled(FunctionName, context);
    }
    if (before.ReservedConcurrentExecutions !== properties.ReservedConcurrentExecutions) {
      await setConcurrency(FunctionName, properties.ReservedConcurrentExecutions, context);
    }
    if (before.RecursiveLoop !== properties.RecursiveLoop) {
      await setRecursion(FunctionName, properties.RecursiveLoop ?? 'Terminate', context);
    }
    const Resource = existing.attributes['Arn'];
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('lambda', 'TagResource', { Resource, Tags: tagMap(set) });
    if (removed.length > 0) await context.call('lambda', 'UntagResource', { Resource, TagKeys: removed });
    return { physicalId: FunctionName, attributes: existing.attributes };
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('lambda', 'DeleteFunction', { FunctionName: physicalId }));
  },
};
