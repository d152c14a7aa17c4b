import {
  newTraceId,
  type RuntimeOutcome,
  type ServiceEnvironment,
  type TraceSegment,
  traceParts,
} from '../../../core/index.ts';
import type { FunctionRecord, VersionRecord } from '../functions/function-record.ts';
import { qualifiedArn } from '../names.ts';

/** What of a run its trace tells. */
export interface TracedRun {
  readonly record: FunctionRecord;
  readonly version: VersionRecord;
  readonly qualifier: string | undefined;
  readonly requestId: string;
  readonly startedAt: number;
  /** As the caller sent it. */
  readonly given: string | undefined;
  /** Headers of messages that the run is about: their traces are linked, not continued. */
  readonly links: readonly string[];
}

const seconds = (ms: number): number => ms / 1_000;

interface Thrown {
  readonly errorType?: unknown;
  readonly errorMessage?: unknown;
}

const thrownIn = ({ payload, errorType }: RuntimeOutcome): Thrown => {
  try {
    const thrown: unknown = JSON.parse(payload);
    if (typeof thrown === 'object' && thrown !== null) return thrown as Thrown;
  } catch {
    // The platform's own endings are no JSON.
  }
  return { errorType, errorMessage: payload };
};

/**
 * The trace of one run: the header that the function sees and, when the run is sampled and the function traces actively, the
 * two segments that Lambda sends, its own and the function's.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
 */
export class FunctionTrace {
  readonly header: string;
  readonly #environment: ServiceEnvironment;
  readonly #run: TracedRun;
  readonly #root: string;
  /** Who called, as the caller's header says. */
  readonly #caller: string | undefined;
  readonly #serviceId: string;
  readonly #functionId: string;
  readonly #isSent: boolean;
  #runsSince: number | undefined;

  constructor(environment: ServiceEnvironment, run: TracedRun) {
    this.#environment = environment;
    this.#run = run;
    const { ids } = environment;
    const { record, version, given, startedAt, links } = run;
    const isActive = version.tracingMode === 'Active';
    const { root = newTraceId(ids, startedAt), parent, isSampled, lineage } = traceParts(given);
    this.#root = root;
    this.#caller = parent;
    const isTraced =
      isSampled ??
      (isActive &&
        (links.some((link) => traceParts(link).isSampled === true) ||
          environment.traces.samples({
            account: record.account,
            region: record.region,
            serviceName: record.name,
            serviceType: 'AWS::Lambda::Function',
            resourceArn: record.arn,
          })));
    this.#isSent = isActive && isTraced;
    this.#serviceId = this.#isSent ? ids.hex(16) : '';
    this.#functionId = this.#isSent || parent === undefined ? ids.hex(16) : parent;
    const tail = lineage === undefined ? '' : `;Lineage=${lineage}`;
    const own = `Root=${root};Parent=${this.#functionId};Sampled=${isTraced ? 1 : 0}${tail}`;
    // A decision of others is passed on as it came.
    this.header = given !== undefined && isSampled !== undefined && !this.#isSent ? given : own;
  }

  /** The environment is known: the function runs from now on. */
  started(at: number): void {
    this.#runsSince = at;
  }

  /** Sends the segments of the run. */
  ended(outcome: RuntimeOutcome): void {
    if (!this.#isSent) return;
    const { traces } = this.#environment;
    const { record } = this.#run;
    const place = { account: record.account, region: record.region };
    const isError = outcome.kind !== 'success';
    traces.record(place, this.#serviceSegment(isError));
    traces.record(place, this.#functionSegment(outcome, isError));
  }

  #serviceSegment(isError: boolean): TraceSegment {
    const { record, qualifier, requestId, startedAt, links } = this.#run;
    const linked = links.map((link) => traceParts(link)).filter(({ root }) => root !== undefined);
    return {
      id: this.#serviceId,
      trace_id: this.#root,
      name: record.name,
      ...(this.#caller === undefined ? {} : { parent_id: this.#caller }),
      start_time: seconds(startedAt),
      end_time: seconds(this.#environment.clock.now()),
      origin: 'AWS::Lambda',
      resource_arn: record.arn,
      http: { response: { status: 200 } },
      aws: { request_id: requestId, resource_names: [record.name], function_arn: qualifiedArn(record.arn, qualifier) },
      ...(isError ? { fault: true } : {}),
      ...(linked.length === 0
        ? {}
        : {
            links: linked.map(({ root, parent: id }) => ({
              trace_id: root,
              ...(id === undefined ? {} : { id }),
              attributes: { 'aws.xray.reserved.reference_type': 'parent' },
            })),
          }),
    };
  }

  #functionSegment(outcome: RuntimeOutcome, isError: boolean): TraceSegment {
    const { record, version, qualifier, requestId, startedAt } = this.#run;
    const { ids, clock } = this.#environment;
    const endsAt = clock.now();
    const runsSince = this.#runsSince ?? startedAt;
    const initMs = outcome.initDurationMs;
    const part = (name: string, from: number, to: number) => ({
      id: ids.hex(16),
      name,
      start_time: seconds(from),
      end_time: seconds(to),
      aws: { function_arn: record.arn },
    });
    const thrown = thrownIn(outcome);
    return {
      id: this.#functionId,
      trace_id: this.#root,
      parent_id: this.#serviceId,
      name: record.name,
      start_time: seconds(runsSince),
      end_time: seconds(endsAt),
      origin: 'AWS::Lambda::Function',
      resource_arn: qualifiedArn(record.arn, qualifier),
      aws: {
        account_id: record.account,
        function_arn: record.arn,
        request_id: requestId,
        cold_start: initMs !== undefined,
        cloudwatch_logs: [{ log_group: version.logGroup }],
      },
      subsegments: [
        ...(initMs === undefined ? [] : [part('Initialization', runsSince, runsSince + initMs)]),
        part('Invocation', runsSince + (initMs ?? 0), endsAt),
      ],
      ...(isError
        ? {
            fault: true,
            cause: {
              exceptions: [
                { id: ids.hex(16), type: String(thrown.errorType ?? ''), message: String(thrown.errorMessage ?? '') },
              ],
            },
          }
        : {}),
    };
  }
}
