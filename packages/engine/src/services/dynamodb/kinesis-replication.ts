import { utf8Bytes } from '@holdfast/kernel';
import { type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { itemToJson, measure } from './attribute-value.ts';
import type { ItemChange } from './item-change.ts';
import type { StoredDestination, StoredTable } from './table.ts';

/**
 * A change as a Kinesis stream has it: both images, whatever a stream of the table itself would show, and neither version nor
 * sequence number. The precision is told where it was asked for.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
 */
export const replicatedRecord = (
  { at, keys, oldImage, newImage, userIdentity }: ItemChange,
  { name, region }: Pick<StoredTable, 'name' | 'region'>,
  { precision }: Pick<StoredDestination, 'precision'>,
  eventID: string,
) => ({
  awsRegion: region,
  eventID,
  eventName: newImage === undefined ? 'REMOVE' : oldImage === undefined ? 'INSERT' : 'MODIFY',
  userIdentity: userIdentity ?? null,
  recordFormat: 'application/json',
  tableName: name,
  dynamodb: {
    ApproximateCreationDateTime: precision === 'MICROSECOND' ? at * 1_000 : at,
    Keys: itemToJson(keys),
    ...(newImage === undefined ? {} : { NewImage: itemToJson(newImage) }),
    ...(oldImage === undefined ? {} : { OldImage: itemToJson(oldImage) }),
    SizeBytes: measure(keys).bytes + measure(newImage ?? {}).bytes + measure(oldImage ?? {}).bytes,
    ...(precision === undefined ? {} : { ApproximateCreationDateTimePrecision: precision }),
  },
  eventSource: 'aws:dynamodb',
});

/**
 * Puts a change of a table into the Kinesis stream that is its destination, within the turn of the write. Changes of one item have one
 * partition key and stay in order. What the stream does not take is lost, and counted.
 */
export const replicate = (
  change: ItemChange,
  table: StoredTable,
  destination: StoredDestination,
  { call, digest, ids, metrics }: ServiceEnvironment,
): void => {
  const { account, region, name: TableName } = table;
  const { at: now, keys } = change;
  const record = {
    StreamARN: destination.streamArn,
    PartitionKey: digest.md5Hex(JSON.stringify(itemToJson(keys))).toUpperCase(),
    Data: utf8Bytes(JSON.stringify(replicatedRecord(change, table, destination, ids.uuid()))),
  };
  try {
    call('kinesis', 'PutRecord', record, { account, region, requestId: ids.uuid(), now });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const dimensions = { TableName };
    const name = 'FailedToReplicateRecordCount';
    metrics.record({ account, region, namespace: 'AWS/DynamoDB', name, dimensions, value: 1, unit: 'Count', at: now });
  }
};
