import type { StreamSource } from './core/index.ts';

/** Finds the service that a stream's ARN belongs to: `arn:aws:kinesis:...` or `arn:aws:dynamodb:...`. */
export const routeStreams = (sources: {
  readonly kinesis: StreamSource;
  readonly dynamodb: StreamSource;
}): StreamSource => {
  const sourceOf = (streamArn: string): StreamSource =>
    streamArn.split(':', 3)[2] === 'dynamodb' ? sources.dynamodb : sources.kinesis;
  return {
    facts: (streamArn) => sourceOf(streamArn).facts(streamArn),
    shards: (streamArn) => sourceOf(streamArn).shards(streamArn),
    positionOf: (streamArn, shardId, start) => sourceOf(streamArn).positionOf(streamArn, shardId, start),
    read: (streamArn, shardId, after, max) => sourceOf(streamArn).read(streamArn, shardId, after, max),
    onAvailable: (streamArn, listener) => sourceOf(streamArn).onAvailable(streamArn, listener),
  };
};
