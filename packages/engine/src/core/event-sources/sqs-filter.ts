import { compilePayloadFilters } from './payload-filter.ts';
import type { SqsRecord } from './sqs-record.ts';

/**
 * Compiles filter criteria for messages: one matching filter suffices. A body that is JSON where the pattern wants
 * text, or the other way round, does not match. Where the event comes from cannot be filtered on.
 *
 * @throws EventPatternError
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
 */
export const compileSqsFilters = (filters: readonly string[]): ((record: SqsRecord) => boolean) => {
  if (filters.length === 0) return () => true;
  const matches = compilePayloadFilters(filters, 'body');
  return (record) => {
    const { messageId, receiptHandle, attributes, messageAttributes, md5OfBody, md5OfMessageAttributes } = record;
    const metadata = { messageId, receiptHandle, attributes, messageAttributes, md5OfBody, md5OfMessageAttributes };
    return matches(metadata, record.body);
  };
};
