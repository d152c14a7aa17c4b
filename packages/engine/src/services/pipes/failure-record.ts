import type { EpochMs } from '@holdfast/kernel';
import { batchInfoOf, type GivenUp, type StreamKind } from '../../core/index.ts';
import { pipeArnOf, type StoredPipe } from './stored-pipe.ts';

/**
 * What a pipe's dead-letter target gets: pointers into the stream, not the data.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
 */
export const failureRecordOf = (pipe: StoredPipe, kind: StreamKind, records: GivenUp, now: EpochMs): string =>
  JSON.stringify({
    context: {
      partnerResourceArn: pipeArnOf(pipe),
      condition: records.condition,
      approximateInvokeCount: records.attempts,
    },
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    ...batchInfoOf(kind, pipe.source, records, now),
  });
