import type { EpochMs } from '@holdfast/kernel';
import type { MetricSink } from '../../core/index.ts';
import type { Stream } from './stream.ts';

type StreamMetric = 'IncomingRecords' | 'IncomingBytes' | 'GetRecords.IteratorAgeMilliseconds';

const dimensionsOf = new WeakMap<Stream, Readonly<Record<string, string>>>();

/** @see https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html */
export const recordStreamMetric = (
  metrics: MetricSink,
  stream: Stream,
  name: StreamMetric,
  value: number,
  unit: string,
  at: EpochMs,
): void => {
  let dimensions = dimensionsOf.get(stream);
  if (dimensions === undefined) {
    dimensions = { StreamName: stream.stored.name };
    dimensionsOf.set(stream, dimensions);
  }
  const { account, region } = stream.stored;
  metrics.record({ account, region, namespace: 'AWS/Kinesis', name, dimensions, value, unit, at });
};
