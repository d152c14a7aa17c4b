import { onDemand } from '@holdfast/kernel';
import type {
  Lent,
  OperationTable,
  SampledRequest,
  Service,
  ServiceEnvironment,
  TraceSegment,
  TraceSink,
} from '../../core/index.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { samplingOperations } from './sampling-operations.ts';
import { SamplingRules } from './sampling-rules.ts';
import { traceOperations } from './trace-operations.ts';
import { TraceStore } from './trace-store.ts';

/**
 * AWS X-Ray: traces of functions and of what they call, kept in memory, and the rules of what is traced.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/aws-xray.html
 */
export class XRayService implements Service, TraceSink {
  readonly #operations: () => OperationTable;
  readonly lends: Partial<Lent> = { traces: this };
  readonly #environment: ServiceEnvironment;
  readonly #store = new TraceStore();
  readonly #rules: SamplingRules;
  readonly #exporter: OtlpExporter | undefined;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#rules = new SamplingRules(environment);
    const { otlpEndpoint } = environment.settings;
    this.#exporter = otlpEndpoint === undefined ? undefined : new OtlpExporter(environment, otlpEndpoint);
    this.#operations = onDemand(() => ({
      ...traceOperations(this.#store, (place, segment) => this.record(place, segment)),
      ...samplingOperations(this.#rules),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  record(place: { readonly account: string; readonly region: string }, segment: TraceSegment): void {
    this.#store.add(place, segment, this.#environment.clock.now());
    this.#exporter?.add(place, segment);
  }

  samples(request: SampledRequest): boolean {
    return this.#rules.samples(request);
  }
}
