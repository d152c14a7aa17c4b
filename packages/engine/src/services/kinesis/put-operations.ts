import type * as Sdk from '@aws-sdk/client-kinesis';
import { utf8Length } from '@holdfast/kernel';
import { Constraints, type Operations, operation, refuseUnmodelled } from '../../core/index.ts';
import { invalidArgument } from './errors.ts';
import { explicitHashKey, hashKeyOf } from './hash-key.ts';
import { parseSequenceNumber } from './sequence-number.ts';
import type { Shard } from './shard.ts';
import type { Stream } from './stream.ts';
import { recordStreamMetric } from './stream-metrics.ts';
import type { StreamRegistry } from './stream-registry.ts';

export const RECORD_BYTES_MAX = 1_048_576;
const RECORDS_MAX = 500;
const REQUEST_BYTES_MAX = 10 * 1_048_576;
const HASH_KEY = /^(?:0|[1-9]\d{0,38})$/;
const HASH_KEY_SHOWN = '0|([1-9]\\d{0,38})';

interface Entry {
  readonly Data: Uint8Array | undefined;
  readonly PartitionKey?: string | undefined;
  readonly ExplicitHashKey?: string | undefined;
}

interface CheckedEntry {
  readonly shard: Shard;
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

const checkEntry = (constraints: Constraints, path: string, entry: Entry): void => {
  const bytes = entry.Data?.byteLength ?? 0;
  constraints
    .required(`${path}partitionKey`, entry.PartitionKey)
    .length(`${path}partitionKey`, entry.PartitionKey, 1, 256)
    .pattern(`${path}explicitHashKey`, entry.ExplicitHashKey, HASH_KEY, HASH_KEY_SHOWN)
    .required(`${path}data`, entry.Data);
  if (bytes > RECORD_BYTES_MAX) {
    constraints.fail(
      `${path}data`,
      `java.nio.HeapByteBuffer[pos=0 lim=${bytes} cap=${bytes}]`,
      `Member must have length less than or equal to ${RECORD_BYTES_MAX}`,
    );
  }
};

/** Puts records into the shards that their keys belong to; all checks come before the first put. */
export const putOperations = (streams: StreamRegistry): Operations<typeof Sdk> => {
  const { digest } = streams.environment;

  const place = (stream: Stream, entry: Entry): CheckedEntry => {
    const partitionKey = entry.PartitionKey as string;
    const given = entry.ExplicitHashKey;
    const explicit = given === undefined ? undefined : explicitHashKey(given);
    // A single shard takes every key: no need to hash.
    const shard =
      stream.openShards.length === 1
        ? (stream.openShards[0] as Shard)
        : stream.shardOf(explicit ?? hashKeyOf(partitionKey, digest));
    return { shard, partitionKey, data: entry.Data as Uint8Array };
  };

  const put = (stream: Stream, entries: readonly CheckedEntry[], now: number) => {
    let bytes = 0;
    const results = entries.map(({ shard, partitionKey, data }) => {
      bytes += data.byteLength;
      const { sequenceNumber } = streams.put(stream, shard, partitionKey, data, now);
      return { SequenceNumber: sequenceNumber, ShardId: shard.id };
    });
    recordStreamMetric(streams.environment.metrics, stream, 'IncomingRecords', entries.length, 'Count', now);
    recordStreamMetric(streams.environment.metrics, stream, 'IncomingBytes', bytes, 'Bytes', now);
    return results;
  };

  const encryption = ({ stored }: Stream) =>
    stored.encryptionKeyId === undefined ? {} : ({ EncryptionType: 'KMS' } as const);

  return {
    PutRecord: operation(
      ['StreamName', 'StreamARN', 'Data', 'PartitionKey', 'ExplicitHashKey', 'SequenceNumberForOrdering'],
      (input, context) => {
        const constraints = new Constraints();
        checkEntry(constraints, '', input);
        constraints.check();
        const stream = streams.require(input, context);
        const entry = place(stream, input);
        const ordering = input.SequenceNumberForOrdering;
        // Numbers increase within a shard anyway; only the text is judged.
        if (ordering !== undefined && parseSequenceNumber(ordering) === undefined) {
          const { name, account } = stream.stored;
          throw invalidArgument(
            `ExclusiveMinimumSequenceNumber ${ordering} used in PutRecord on stream ${name} under account ${account} is invalid.`,
          );
        }
        streams.encryption.check(stream, 'kms:GenerateDataKey', context);
        const [result] = put(stream, [entry], context.now);
        return { ShardId: result?.ShardId, SequenceNumber: result?.SequenceNumber, ...encryption(stream) };
      },
    ),

    PutRecords: operation(['StreamName', 'StreamARN', 'Records'], (input, context) => {
      const records = input.Records ?? [];
      const constraints = new Constraints().required('records', input.Records);
      if (records.length < 1 || records.length > RECORDS_MAX) {
        constraints
          .length(
            'records',
            records.map(() => 'PutRecordsRequestEntry'),
            1,
            RECORDS_MAX,
          )
          .check();
      }
      let bytes = 0;
      records.forEach((entry, index) => {
        checkEntry(constraints, `records.${index + 1}.member.`, entry);
        bytes += (entry.Data?.byteLength ?? 0) + utf8Length(entry.PartitionKey ?? '');
      });
      constraints.check();
      for (const entry of records) {
        refuseUnmodelled(entry, ['Data', 'PartitionKey', 'ExplicitHashKey'], 'PutRecords entry');
      }
      if (bytes > REQUEST_BYTES_MAX) throw invalidArgument('Records size exceeds 10 MB limit');
      const stream = streams.require(input, context);
      const entries = records.map((entry) => place(stream, entry));
      streams.encryption.check(stream, 'kms:GenerateDataKey', context);
      return { FailedRecordCount: 0, Records: put(stream, entries, context.now), ...encryption(stream) };
    }),
  };
};
