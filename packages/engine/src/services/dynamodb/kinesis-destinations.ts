import type {
  DisableKinesisStreamingDestinationCommandInput,
  DisableKinesisStreamingDestinationCommandOutput,
  EnableKinesisStreamingDestinationCommandInput,
  EnableKinesisStreamingDestinationCommandOutput,
  KinesisDataStreamDestination,
  UpdateKinesisStreamingDestinationCommandInput,
  UpdateKinesisStreamingDestinationCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { parseArn } from '@holdfast/aws-model';
import {
  Constraints,
  type RequestContext,
  type Result,
  refuseUnmodelled,
  type StreamSource,
} from '../../core/index.ts';
import { invalid } from './errors.ts';
import type { StoredDestination, Table } from './table.ts';
import type { Tables } from './tables.ts';

const PRECISIONS = ['MILLISECOND', 'MICROSECOND'];

const wrongState = (text: string) =>
  invalid(`Table is not in a valid state to enable Kinesis Streaming Destination: ${text}`);

/** Newest first; an entry that is there already stays in its place. */
const withDestination = (table: Table, changed: StoredDestination): readonly StoredDestination[] => {
  const { destinations = [] } = table.stored;
  const isThere = destinations.some(({ streamArn }) => streamArn === changed.streamArn);
  if (!isThere) return [changed, ...destinations];
  return destinations.map((destination) => (destination.streamArn === changed.streamArn ? changed : destination));
};

const destinationOf = (table: Table, arn: string | undefined): StoredDestination | undefined =>
  table.stored.destinations?.find(({ streamArn }) => streamArn === arn);

/** What keeps changes from going there, in the words in which the table says it afterwards. */
const obstacle = ({ stored }: Table, streamArn: string, streams: StreamSource): string | undefined => {
  const arn = parseArn(streamArn);
  if (arn?.service === 'kinesis' && arn.region !== stored.region) {
    return 'The kinesis Arn used to enable kinesis replication belongs to a stream which is not in the current region';
  }
  if (arn?.service === 'kinesis' && arn.account !== stored.account) {
    return 'The kinesis Arn used to enable kinesis replication belongs to a stream which is not in Active state';
  }
  return arn?.service === 'kinesis' && streams.facts(streamArn) !== undefined
    ? undefined
    : 'User does not have a permission to use kinesis stream';
};

/** The stream is never judged in the answer: whoever looks again sees `ACTIVE`, or `ENABLE_FAILED` and why. */
export const enableDestination = (
  tables: Tables,
  input: EnableKinesisStreamingDestinationCommandInput,
  context: RequestContext,
  streams: StreamSource,
): Result<EnableKinesisStreamingDestinationCommandOutput> => {
  const configuration = input.EnableKinesisStreamingConfiguration ?? {};
  const precision = configuration.ApproximateCreationDateTimePrecision;
  new Constraints()
    .required('streamArn', input.StreamArn)
    .length('streamArn', input.StreamArn, 37, 1_024)
    .oneOf('enableKinesisStreamingConfiguration.approximateCreationDateTimePrecision', precision, PRECISIONS)
    .check();
  refuseUnmodelled(
    configuration,
    ['ApproximateCreationDateTimePrecision'],
    'EnableKinesisStreamingDestination EnableKinesisStreamingConfiguration',
  );
  const table = tables.requireNamed(input.TableName, context);
  if (table.stored.destinations?.some(({ status }) => status === 'ACTIVE')) {
    throw wrongState(
      'EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.',
    );
  }
  const streamArn = input.StreamArn as string;
  const description = obstacle(table, streamArn, streams);
  const status = description === undefined ? 'ACTIVE' : 'ENABLE_FAILED';
  tables.change(table, { destinations: withDestination(table, { streamArn, status, description, precision }) });
  return {
    TableName: table.stored.name,
    StreamArn: streamArn,
    DestinationStatus: 'ENABLING',
    EnableKinesisStreamingConfiguration: configuration,
  };
};

export const disableDestination = (
  tables: Tables,
  input: DisableKinesisStreamingDestinationCommandInput,
  context: RequestContext,
): Result<DisableKinesisStreamingDestinationCommandOutput> => {
  new Constraints().required('streamArn', input.StreamArn).check();
  if (input.EnableKinesisStreamingConfiguration?.ApproximateCreationDateTimePrecision !== undefined) {
    throw invalid('Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters');
  }
  const table = tables.requireNamed(input.TableName, context);
  const destination = destinationOf(table, input.StreamArn);
  if (destination?.status !== 'ACTIVE') {
    throw wrongState('KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.');
  }
  const { streamArn } = destination;
  tables.change(table, { destinations: withDestination(table, { streamArn, status: 'DISABLED' }) });
  return { TableName: table.stored.name, StreamArn: streamArn, DestinationStatus: 'DISABLING' };
};

/** Changes the precision of times, which is all that there is to change. */
export const updateDestination = (
  tables: Tables,
  input: UpdateKinesisStreamingDestinationCommandInput,
  context: RequestContext,
): Result<UpdateKinesisStreamingDestinationCommandOutput> => {
  const precision = input.UpdateKinesisStreamingConfiguration?.ApproximateCreationDateTimePrecision;
  new Constraints()
    .required('streamArn', input.StreamArn)
    .oneOf('updateKinesisStreamingConfiguration.approximateCreationDateTimePrecision', precision, PRECISIONS)
    .check();
  if (precision === undefined) {
    throw invalid(
      'Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot be null or contain only null values',
    );
  }
  const table = tables.requireNamed(input.TableName, context);
  const { name, id } = table.stored;
  const destination = destinationOf(table, input.StreamArn);
  if (destination === undefined) {
    throw wrongState(
      `No streaming destination with streamArn: ${input.StreamArn} found for table with tableName: ${name}`,
    );
  }
  const { streamArn } = destination;
  if (destination.status !== 'ACTIVE') {
    throw wrongState(
      `Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: ${name}, kdsArn: ${streamArn}`,
    );
  }
  if ((destination.precision ?? 'MILLISECOND') === precision) {
    throw invalid(
      `Invalid Request: Precision is already set to the desired value of ${precision} for tableId: ${id}, kdsArn: ${streamArn}`,
    );
  }
  tables.change(table, { destinations: withDestination(table, { ...destination, precision }) });
  return {
    TableName: name,
    StreamArn: streamArn,
    DestinationStatus: 'UPDATING',
    UpdateKinesisStreamingConfiguration: { ApproximateCreationDateTimePrecision: precision },
  };
};

export const describeDestination = ({
  streamArn,
  status,
  description,
  precision,
}: StoredDestination): KinesisDataStreamDestination => ({
  StreamArn: streamArn,
  DestinationStatus: status,
  ...(description === undefined ? {} : { DestinationStatusDescription: description }),
  ...(precision === undefined ? {} : { ApproximateCreationDateTimePrecision: precision }),
});
