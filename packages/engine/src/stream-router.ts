import { invariant } from '@holdfast/kernel';
import type { SourceRecord, SourceShard, StreamFacts, StreamSource, StreamStart } from './core/index.ts';

/** Finds the service that a stream's ARN belongs to: `arn:aws:kinesis:...` or `arn:aws:dynamodb:...`. */
export class StreamRouter implements StreamSource {
  readonly #sources = new Map<string, StreamSource>();

  readonly #awaited = new Map<string, () => void>();

  /** A source is added when somebody asks for its streams. */
  expect(arnService: string, add: () => void): void {
    this.#awaited.set(arnService, add);
  }

  add(arnService: string, source: StreamSource): void {
    this.#sources.set(arnService, source);
  }

  facts(streamArn: string): StreamFacts | undefined {
    return this.#sourceOf(streamArn).facts(streamArn);
  }

  shards(streamArn: string): readonly SourceShard[] {
    return this.#sourceOf(streamArn).shards(streamArn);
  }

  positionOf(streamArn: string, shardId: string, start: StreamStart): string {
    return this.#sourceOf(streamArn).positionOf(streamArn, shardId, start);
  }

  read(streamArn: string, shardId: string, after: string, max: number): readonly SourceRecord[] {
    return this.#sourceOf(streamArn).read(streamArn, shardId, after, max);
  }

  onAvailable(streamArn: string, listener: () => void): () => void {
    return this.#sourceOf(streamArn).onAvailable(streamArn, listener);
  }

  #sourceOf(streamArn: string): StreamSource {
    const service = streamArn.split(':', 3)[2] ?? '';
    const source = this.#sourceBy(service) ?? this.#sourceBy('kinesis');
    invariant(source !== undefined, `some service lends the streams of ${service}`);
    return source;
  }

  #sourceBy(service: string): StreamSource | undefined {
    if (!this.#sources.has(service)) this.#awaited.get(service)?.();
    return this.#sources.get(service);
  }
}
