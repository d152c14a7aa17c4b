import { bytesOfBase64, utf8Text } from '@holdfast/kernel';
import { compileEventPattern } from '../event-pattern/event-pattern.ts';
import { compilePayloadFilters } from './payload-filter.ts';

export type StreamKind = 'kinesis' | 'dynamodb';

type EventRecord = Readonly<Record<string, unknown>>;

const ofKinesis = (filters: readonly string[]): ((record: EventRecord) => boolean) => {
  const matches = compilePayloadFilters(filters, 'data');
  return (record) => {
    const kinesis = record['kinesis'] as { readonly data: string };
    return matches(kinesis, utf8Text(bytesOfBase64(kinesis.data)));
  };
};

/**
 * Compiles filter criteria for the records of streams; one matching filter suffices. Kinesis patterns look into `data`,
 * decoded, and at the metadata beside it; DynamoDB patterns look at the record as functions get it.
 *
 * @throws EventPatternError
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
 */
export const compileStreamFilters = (
  kind: StreamKind,
  filters: readonly string[],
): ((record: EventRecord) => boolean) => {
  if (filters.length === 0) return () => true;
  if (kind === 'kinesis') return ofKinesis(filters);
  const patterns = filters.map(compileEventPattern);
  return (record) => patterns.some((pattern) => pattern.matches(record));
};
