/** What a function with `ReportBatchItemFailures` said about its batch. */
export type BatchVerdict =
  | { readonly kind: 'all-succeeded' }
  | { readonly kind: 'all-failed' }
  | { readonly kind: 'partial'; readonly failedIds: ReadonlySet<string> };

const ALL_SUCCEEDED: BatchVerdict = { kind: 'all-succeeded' };
const ALL_FAILED: BatchVerdict = { kind: 'all-failed' };

/**
 * Reads a partial batch response. Nothing to report (`{}`, `null`, an empty list or text) is success; anything that
 * cannot be understood, an unknown message id included, fails the whole batch.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export const readBatchResponse = (payload: string, messageIds: ReadonlySet<string>): BatchVerdict => {
  if (payload.trim() === '') return ALL_SUCCEEDED;
  let response: unknown;
  try {
    response = JSON.parse(payload);
  } catch {
    return ALL_FAILED;
  }
  if (response === null || response === '') return ALL_SUCCEEDED;
  if (Array.isArray(response) && response.length === 0) return ALL_SUCCEEDED;
  if (typeof response !== 'object' || Array.isArray(response)) return ALL_FAILED;
  const failures = (response as { batchItemFailures?: unknown }).batchItemFailures;
  if (failures === undefined || failures === null) return ALL_SUCCEEDED;
  if (!Array.isArray(failures)) return ALL_FAILED;
  const failedIds = new Set<string>();
  for (const failure of failures as readonly unknown[]) {
    const id =
      typeof failure === 'object' && failure !== null
        ? (failure as { itemIdentifier?: unknown }).itemIdentifier
        : undefined;
    if (typeof id !== 'string' || !messageIds.has(id)) return ALL_FAILED;
    failedIds.add(id);
  }
  return failedIds.size === 0 ? ALL_SUCCEEDED : { kind: 'partial', failedIds };
};
