import type { CreatePipeCommandInput } from '@aws-sdk/client-pipes';
import { parseArn } from '@holdfast/aws-model';
import {
  type ApiCaller,
  Constraints,
  compileSqsFilters,
  compileStreamFilters,
  EventPatternError,
  notSupported,
  refuseUnmodelled,
} from '../../core/index.ts';
import { validation } from './errors.ts';
import type { StoredPipe, StoredSourceParameters } from './stored-pipe.ts';

/** Kinds of sources, by the service in their ARN. */
export type SourceKind = 'sqs' | 'kinesis' | 'dynamodb';

/** Services that can be targets. */
const TARGETS: readonly string[] = ['lambda', 'sqs', 'sns', 'states', 'events', 'kinesis', 'logs'];
const ENRICHMENTS: readonly string[] = ['lambda', 'states'];

const STREAM_MEMBERS = [
  'BatchSize',
  'DeadLetterConfig',
  'OnPartialBatchItemFailure',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
] as const;

const INVOCATION_TYPES = ['REQUEST_RESPONSE', 'FIRE_AND_FORGET'];

type Settings = Pick<
  CreatePipeCommandInput,
  'Source' | 'SourceParameters' | 'Enrichment' | 'EnrichmentParameters' | 'Target' | 'TargetParameters'
>;

export const sourceKindOf = (sourceArn: string): SourceKind | undefined => {
  const service = parseArn(sourceArn)?.service;
  return service === 'sqs' || service === 'kinesis' || service === 'dynamodb' ? service : undefined;
};

const checkFilters = (kind: SourceKind, filters: readonly string[]): void => {
  if (filters.length > 5) throw validation('A pipe can have at most 5 filters.');
  try {
    if (kind === 'sqs') compileSqsFilters(filters);
    else compileStreamFilters(kind, filters);
  } catch (error) {
    if (error instanceof EventPatternError) throw validation(`Invalid filter pattern. Reason: ${error.message}`);
    throw error;
  }
};

type StreamParameters = NonNullable<
  NonNullable<Settings['SourceParameters']>['KinesisStreamParameters' | 'DynamoDBStreamParameters']
>;

const checkStream = (path: string, parameters: StreamParameters): void => {
  const { DeadLetterConfig, MaximumRecordAgeInSeconds: age } = parameters;
  new Constraints()
    .range(`${path}.batchSize`, parameters.BatchSize, 1, 10_000)
    .range(`${path}.maximumBatchingWindowInSeconds`, parameters.MaximumBatchingWindowInSeconds, 0, 300)
    .range(`${path}.maximumRecordAgeInSeconds`, age, -1, 604_800)
    .range(`${path}.maximumRetryAttempts`, parameters.MaximumRetryAttempts, -1, 10_000)
    .range(`${path}.parallelizationFactor`, parameters.ParallelizationFactor, 1, 10)
    .oneOf(`${path}.onPartialBatchItemFailure`, parameters.OnPartialBatchItemFailure, ['AUTOMATIC_BISECT'])
    .check();
  if (age !== undefined && age >= 0 && age < 60)
    throw validation('MaximumRecordAgeInSeconds must be -1 or at least 60.');
  const service = DeadLetterConfig?.Arn === undefined ? 'sqs' : parseArn(DeadLetterConfig.Arn)?.service;
  if (service !== 'sqs' && service !== 'sns') {
    throw validation('The dead-letter target of a pipe must be an SQS queue or an SNS topic.');
  }
};

/** Which member of the source's parameters belongs to a kind. */
const MEMBER = {
  sqs: 'SqsQueueParameters',
  kinesis: 'KinesisStreamParameters',
  dynamodb: 'DynamoDBStreamParameters',
} as const;

const checkSource = (source: string, parameters: NonNullable<Settings['SourceParameters']>): void => {
  const kind = sourceKindOf(source);
  if (kind === undefined) throw notSupported(`the pipe source ${source}`);
  refuseUnmodelled(parameters, ['FilterCriteria', ...Object.values(MEMBER)], 'a pipe with SourceParameters');
  for (const [other, member] of Object.entries(MEMBER)) {
    if (other !== kind && parameters[member] !== undefined) throw validation(`${member} does not fit the source.`);
  }
  checkFilters(kind, filtersOf(parameters));
  if (kind === 'sqs') {
    const { SqsQueueParameters: queue = {} } = parameters;
    refuseUnmodelled(queue, ['BatchSize', 'MaximumBatchingWindowInSeconds'], 'a pipe with SqsQueueParameters');
    const { BatchSize: size = 10, MaximumBatchingWindowInSeconds: window = 0 } = queue;
    const path = 'sourceParameters.sqsQueueParameters';
    new Constraints()
      .range(`${path}.batchSize`, size, 1, 10_000)
      .range(`${path}.maximumBatchingWindowInSeconds`, window, 0, 300)
      .check();
    if (size > 10 && window === 0) {
      throw validation(
        'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
      );
    }
    return;
  }
  const stream = parameters[MEMBER[kind]];
  const path = `sourceParameters.${kind === 'kinesis' ? 'kinesisStreamParameters' : 'dynamoDBStreamParameters'}`;
  new Constraints().required(`${path}.startingPosition`, stream?.StartingPosition).check();
  const positions = kind === 'kinesis' ? ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] : ['TRIM_HORIZON', 'LATEST'];
  new Constraints().oneOf(`${path}.startingPosition`, stream?.StartingPosition, positions).check();
  const members = kind === 'kinesis' ? [...STREAM_MEMBERS, 'StartingPositionTimestamp'] : STREAM_MEMBERS;
  refuseUnmodelled(stream as object, members, `a pipe with ${MEMBER[kind]}`);
  if (parameters.KinesisStreamParameters?.StartingPosition === 'AT_TIMESTAMP') {
    const at = parameters.KinesisStreamParameters.StartingPositionTimestamp;
    new Constraints().required(`${path}.startingPositionTimestamp`, at).check();
  }
  checkStream(path, stream as StreamParameters);
};

export const filtersOf = (parameters: Pick<StoredSourceParameters, 'FilterCriteria'>): string[] =>
  (parameters.FilterCriteria?.Filters ?? []).map(({ Pattern }) => Pattern ?? '{}');

const TARGET_MEMBERS = {
  lambda: 'LambdaFunctionParameters',
  states: 'StepFunctionStateMachineParameters',
  kinesis: 'KinesisStreamParameters',
  sqs: 'SqsQueueParameters',
  events: 'EventBridgeEventBusParameters',
  logs: 'CloudWatchLogsParameters',
} as const;

const checkTarget = (target: string, parameters: NonNullable<Settings['TargetParameters']>, api: ApiCaller): void => {
  const service = parseArn(target)?.service ?? '';
  if (!TARGETS.includes(service)) throw notSupported(`the pipe target ${target}`);
  if (service === 'states' && !api.knows('states', 'StartExecution')) throw notSupported(`the pipe target ${target}`);
  refuseUnmodelled(parameters, ['InputTemplate', ...Object.values(TARGET_MEMBERS)], 'a pipe with TargetParameters');
  refuseUnmodelled(
    parameters.EventBridgeEventBusParameters ?? {},
    ['DetailType', 'Source', 'Resources', 'Time'],
    'a pipe with EventBridgeEventBusParameters',
  );
  for (const [other, member] of Object.entries(TARGET_MEMBERS)) {
    if (other !== service && parameters[member] !== undefined) throw validation(`${member} does not fit the target.`);
  }
  new Constraints()
    .length('targetParameters.inputTemplate', parameters.InputTemplate, 0, 8_192)
    .oneOf(
      'lambdaFunctionParameters.invocationType',
      parameters.LambdaFunctionParameters?.InvocationType,
      INVOCATION_TYPES,
    )
    .oneOf(
      'stepFunctionStateMachineParameters.invocationType',
      parameters.StepFunctionStateMachineParameters?.InvocationType,
      INVOCATION_TYPES,
    )
    .check();
  if (service === 'kinesis' && parameters.KinesisStreamParameters?.PartitionKey === undefined) {
    throw validation('A pipe to a Kinesis stream needs a PartitionKey.');
  }
};

/** @throws ServiceError naming what AWS, or the engine, would not take */
export const checkSettings = (settings: Settings, api: ApiCaller): void => {
  const { Source = '', Enrichment = '', Target = '' } = settings;
  new Constraints()
    .required('source', settings.Source)
    .length('source', Source, 1, 1_600)
    .required('target', settings.Target)
    .length('target', Target, 1, 1_600)
    .check();
  checkSource(Source, settings.SourceParameters ?? {});
  const service = Enrichment === '' ? 'lambda' : (parseArn(Enrichment)?.service ?? '');
  if (!ENRICHMENTS.includes(service)) throw notSupported(`the pipe enrichment ${Enrichment}`);
  refuseUnmodelled(settings.EnrichmentParameters ?? {}, ['InputTemplate'], 'a pipe with EnrichmentParameters');
  checkTarget(Target, settings.TargetParameters ?? {}, api);
};

/** As stored: a date becomes a number. */
export const storedSource = (parameters: Settings['SourceParameters']): StoredSourceParameters => {
  const { KinesisStreamParameters, ...rest } = parameters ?? {};
  if (KinesisStreamParameters === undefined) return rest;
  const { StartingPositionTimestamp, ...stream } = KinesisStreamParameters;
  const startsAt = StartingPositionTimestamp?.getTime();
  return { ...rest, KinesisStreamParameters: { ...stream, ...(startsAt === undefined ? {} : { startsAt }) } };
};

/** As AWS answers it. */
export const describedSource = ({ sourceParameters }: StoredPipe): NonNullable<Settings['SourceParameters']> => {
  const { KinesisStreamParameters, ...rest } = sourceParameters;
  if (KinesisStreamParameters === undefined) return rest;
  const { startsAt, ...stream } = KinesisStreamParameters;
  const at = startsAt === undefined ? {} : { StartingPositionTimestamp: new Date(startsAt) };
  return { ...rest, KinesisStreamParameters: { ...stream, ...at } };
};
