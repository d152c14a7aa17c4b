import type { EpochMs } from '@holdfast/kernel';
import type {
  BatchOffer,
  BatchRefusal,
  BatchResult,
  GivenUp,
  ServiceEnvironment,
  StreamConsumer,
  StreamKind,
} from '../../../core/index.ts';
import type { FunctionRegistry, ResolvedFunction } from '../functions/function-registry.ts';
import type { Executor } from '../invocations/executor.ts';
import { recordMetric } from '../invocations/function-metrics.ts';
import { SYNC_PAYLOAD_MAX_BYTES } from '../invocations/invoke-payload.ts';
import type { MappingRecord } from './mapping-record.ts';
import { sendFailureRecord } from './stream-failure-record.ts';

/** `LastProcessingResult` of a mapping, in AWS's words. */
export type ProcessingResult = 'No records processed' | 'OK' | 'PROBLEM: Function call failed';

/** What the mappings of one engine share. */
export interface MappingParts {
  readonly environment: ServiceEnvironment;
  readonly functions: FunctionRegistry;
  readonly executor: Executor;
  /** By mapping. */
  readonly results: Map<string, ProcessingResult>;
}

/** The function of a mapping, as the consumer of what is read for it. */
export class FunctionConsumer implements StreamConsumer {
  readonly batchBytesMax = SYNC_PAYLOAD_MAX_BYTES;
  readonly #parts: MappingParts;
  readonly #mapping: MappingRecord;
  readonly #kind: StreamKind;

  constructor(parts: MappingParts, mapping: MappingRecord, kind: StreamKind = 'kinesis') {
    this.#parts = parts;
    this.#mapping = mapping;
    this.#kind = kind;
  }

  timeoutSeconds(): number | undefined {
    return this.#target()?.version.timeoutSeconds;
  }

  roleArn(): string | undefined {
    return this.#target()?.version.role;
  }

  offer(batch: BatchOffer, onDone: (result: BatchResult) => void): BatchRefusal | undefined {
    const target = this.#target();
    if (target === undefined) return 'later';
    const { requestId, records, besideRecords, traceHeader, traceLinks } = batch;
    const payload = `{"Records":[${records.join(',')}]${besideRecords}}`;
    const refusal = this.#parts.executor.run({ target, requestId, payload, traceHeader, traceLinks }, onDone);
    if (refusal === undefined) return undefined;
    return refusal.kind === 'recursion' ? 'never' : 'later';
  }

  iteratorAge(ageMs: number, at: EpochMs): void {
    this.#count('IteratorAge', ageMs, at);
  }

  worked(isDone: boolean): void {
    this.#parts.results.set(this.#mapping.uuid, isDone ? 'OK' : 'PROBLEM: Function call failed');
  }

  gaveUp(records: GivenUp): void {
    const { environment } = this.#parts;
    const { uuid: mappingUuid, eventSourceArn: streamArn, settings } = this.#mapping;
    const destinationArn = settings.stream?.onFailureArn;
    if (destinationArn === undefined) return;
    const now = environment.clock.now();
    const { functionArn } = settings;
    const batch = { ...records, kind: this.#kind, mappingUuid, streamArn, functionArn, roleArn: this.roleArn() };
    const sent = sendFailureRecord(environment, destinationArn, batch, now);
    if (!sent.ok) this.#count('DestinationDeliveryFailures', 1, now);
  }

  #count(name: 'IteratorAge' | 'DestinationDeliveryFailures', value: number, at: EpochMs): void {
    const target = this.#target();
    if (target === undefined) return;
    const unit = name === 'IteratorAge' ? 'Milliseconds' : 'Count';
    recordMetric(this.#parts.environment.metrics, target.record, target.qualifier, name, value, at, unit);
  }

  #target(): ResolvedFunction | undefined {
    return this.#parts.functions.resolveArn(this.#mapping.settings.functionArn);
  }
}
