import type { EpochMs } from '@holdfast/kernel';
import type { StreamKind } from './stream-filter.ts';
import type { GivenUp } from './stream-poller.ts';

/** DynamoDB's records tell the time in seconds, and so do records about them. */
const shownTime = (kind: StreamKind, at: EpochMs): string => {
  const text = new Date(at).toISOString();
  return kind === 'kinesis' ? text : text.replace(/\.\d{3}Z$/, 'Z');
};

/** Where records that were given up stand in their stream, under the name of the stream's kind. */
export const batchInfoOf = (
  kind: StreamKind,
  streamArn: string,
  { shardId, entries }: Pick<GivenUp, 'shardId' | 'entries'>,
  now: EpochMs,
): object => {
  const [first, last] = [entries[0], entries.at(-1)];
  return {
    [kind === 'kinesis' ? 'KinesisBatchInfo' : 'DDBStreamBatchInfo']: {
      shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: shownTime(kind, first?.arrivedAt ?? now),
      approximateArrivalOfLastRecord: shownTime(kind, last?.arrivedAt ?? now),
      batchSize: entries.length,
      streamArn,
    },
  };
};
