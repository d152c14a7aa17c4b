import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { pick, ResourceFailure, tagChanges, tagMap, unlessMissing } from '../../../core/index.ts';

const STREAM = {
  BatchSize: 'number',
  DeadLetterConfig: { Arn: 'string' },
  OnPartialBatchItemFailure: 'string',
  MaximumBatchingWindowInSeconds: 'number',
  MaximumRecordAgeInSeconds: 'number',
  MaximumRetryAttempts: 'number',
  ParallelizationFactor: 'number',
  StartingPosition: 'string',
} as const satisfies MemberShapes;

const SHAPE = {
  Name: 'string',
  Description: 'string',
  DesiredState: 'string',
  Source: 'string',
  SourceParameters: {
    FilterCriteria: { Filters: [{ Pattern: 'string' }] },
    SqsQueueParameters: { BatchSize: 'number', MaximumBatchingWindowInSeconds: 'number' },
    KinesisStreamParameters: { ...STREAM, StartingPositionTimestamp: 'string' },
    DynamoDBStreamParameters: STREAM,
  },
  Enrichment: 'string',
  EnrichmentParameters: { InputTemplate: 'string' },
  Target: 'string',
  TargetParameters: {
    InputTemplate: 'string',
    LambdaFunctionParameters: { InvocationType: 'string' },
    StepFunctionStateMachineParameters: { InvocationType: 'string' },
    KinesisStreamParameters: { PartitionKey: 'string' },
    SqsQueueParameters: { MessageGroupId: 'string', MessageDeduplicationId: 'string' },
    EventBridgeEventBusParameters: { DetailType: 'string', Source: 'string', Resources: ['string'], Time: 'string' },
    CloudWatchLogsParameters: { LogStreamName: 'string', Timestamp: 'string' },
  },
  RoleArn: 'string',
  LogConfiguration: {
    CloudwatchLogsLogDestination: { LogGroupArn: 'string' },
    FirehoseLogDestination: { DeliveryStreamArn: 'string' },
    S3LogDestination: { BucketName: 'string', BucketOwner: 'string', OutputFormat: 'string', Prefix: 'string' },
    IncludeExecutionData: ['string'],
    Level: 'string',
  },
  Tags: { map: 'string' },
} as const satisfies MemberShapes;

type PipeProperties = PropertiesOf<typeof SHAPE>;

interface Described {
  readonly Arn: string;
  readonly CurrentState: string;
  readonly StateReason?: string;
  readonly CreationTime: Date;
  readonly LastModifiedTime: Date;
}

const tagList = (tags: PipeProperties['Tags']) => Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));

const PASSING = /ING$/;

const inputOf = ({ Name: _, Tags: _tags, SourceParameters, ...rest }: PipeProperties): object => {
  const { KinesisStreamParameters: stream, ...others } = SourceParameters ?? {};
  if (stream?.StartingPositionTimestamp === undefined) return { ...rest, SourceParameters };
  const timestamp = Number(stream.StartingPositionTimestamp);
  const at = new Date(Number.isNaN(timestamp) ? stream.StartingPositionTimestamp : timestamp * 1_000);
  return {
    ...rest,
    SourceParameters: { ...others, KinesisStreamParameters: { ...stream, StartingPositionTimestamp: at } },
  };
};

/** Waits until a pipe has arrived where it was meant to go. */
const settled = async (Name: string, context: ResourceContext): Promise<Described> => {
  let pipe: Described | undefined;
  await context.until(async () => {
    pipe = await context.call<Described>('pipes', 'DescribePipe', { Name });
    return pipe.CurrentState === 'RUNNING' || !PASSING.test(pipe.CurrentState);
  }, `pipe ${Name}`);
  const { CurrentState, StateReason } = pipe as Described;
  if (CurrentState.endsWith('FAILED')) throw new ResourceFailure(`${CurrentState}: ${StateReason ?? ''}`);
  return pipe as Described;
};

const stateOf = (Name: string, pipe: Described) => ({
  physicalId: Name,
  attributes: {
    Arn: pipe.Arn,
    CreationTime: pipe.CreationTime.toISOString(),
    CurrentState: pipe.CurrentState,
    LastModifiedTime: pipe.LastModifiedTime.toISOString(),
    StateReason: pipe.StateReason ?? '',
  },
});

export const pipesPipe: ResourceType<PipeProperties> = {
  type: 'AWS::Pipes::Pipe',
  properties: SHAPE,
  required: ['RoleArn', 'Source', 'Target'],
  createOnly: ['Name', 'Source'],
  nameProperty: 'Name',
  attributes: ['Arn', 'CreationTime', 'CurrentState', 'LastModifiedTime', 'StateReason'],
  hasSystemTags: true,
  async create(properties, context) {
    const Name = properties.Name ?? context.generateName({ maxLength: 64 });
    await context.call('pipes', 'CreatePipe', { Name, ...inputOf(properties), ...pick(properties, 'Tags') });
    try {
      return stateOf(Name, await settled(Name, context));
    } catch (error) {
      await unlessMissing(context.call('pipes', 'DeletePipe', { Name }));
      throw error;
    }
  },
  async update(existing, properties, context) {
    const Name = existing.physicalId;
    const { Source: _, ...input } = inputOf(properties) as Record<string, unknown>;
    await context.call('pipes', 'UpdatePipe', { Name, Enrichment: '', LogConfiguration: { Level: 'OFF' }, ...input });
    const pipe = await settled(Name, context);
    const { set, removed } = tagChanges(tagList(existing.properties.Tags), tagList(properties.Tags));
    if (set.length > 0) await context.call('pipes', 'TagResource', { resourceArn: pipe.Arn, tags: tagMap(set) });
    if (removed.length > 0) await context.call('pipes', 'UntagResource', { resourceArn: pipe.Arn, tagKeys: removed });
    return stateOf(Name, pipe);
  },
  async delete({ physicalId: Name }, context) {
    await unlessMissing(context.call('pipes', 'DeletePipe', { Name }));
  },
};
