import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { ServiceError } from '../../core/index.ts';
import { queryCodeOf } from './errors.ts';

export const BATCH_ENTRIES_MAX = 10;
const BATCH_ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

interface BatchEntry {
  readonly Id?: string | undefined;
}

/** Checks number and ids of the entries of a batch. `entryType` names them in the text. @throws ServiceError */
export const checkBatch = <Entry extends BatchEntry>(
  entries: readonly Entry[] | undefined,
  entryType: string,
): readonly (Entry & { readonly Id: string })[] => {
  if (entries === undefined || entries.length === 0) {
    throw new ServiceError('EmptyBatchRequest', `There should be at least one ${entryType} in the request.`, 400);
  }
  if (entries.length > BATCH_ENTRIES_MAX) {
    throw new ServiceError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${BATCH_ENTRIES_MAX}. You have sent ${entries.length}.`,
      400,
    );
  }
  for (let index = 0; index < entries.length; index++) {
    const id = entries[index]?.Id;
    if (id === undefined || !BATCH_ENTRY_ID.test(id)) {
      throw new ServiceError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
        400,
      );
    }
    // Of ten at most, a set would cost more than looking.
    for (let before = 0; before < index; before++) {
      if (entries[before]?.Id === id) throw new ServiceError('BatchEntryIdsNotDistinct', `Id ${id} repeated.`, 400);
    }
  }
  return entries as readonly (Entry & { readonly Id: string })[];
};

/** What happened to the entries of a batch: some may fail while others succeed. */
export interface BatchOutcome<Success> {
  readonly successful: Success[];
  readonly failed: BatchResultErrorEntry[];
}

/** Does each entry for itself; what one refuses becomes an item of `failed`. */
export const eachEntry = <Entry extends { readonly Id: string }, Success>(
  entries: readonly Entry[],
  act: (entry: Entry) => Success,
): BatchOutcome<Success> => {
  const outcome: BatchOutcome<Success> = { successful: [], failed: [] };
  for (const entry of entries) {
    try {
      outcome.successful.push(act(entry));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      outcome.failed.push({
        Id: entry.Id,
        SenderFault: error.status < 500,
        Code: queryCodeOf(error.code),
        Message: error.message,
      });
    }
  }
  return outcome;
};

/** The answer of a batch; like AWS's it has only the lists that have something in them. */
export const batchAnswer = <Success>({
  successful,
  failed,
}: BatchOutcome<Success>): { Successful: Success[]; Failed: BatchResultErrorEntry[] } =>
  ({
    ...(successful.length === 0 ? {} : { Successful: successful }),
    ...(failed.length === 0 ? {} : { Failed: failed }),
  }) as { Successful: Success[]; Failed: BatchResultErrorEntry[] };
