import type { RequestContext, TraceSegment } from '../../core/index.ts';
import { Trace } from './trace.ts';

type Place = Pick<RequestContext, 'account' | 'region'>;

/** What is kept in memory of all accounts; what is oldest goes first. */
const TRACES_MAX = 20_000;
const BYTES_MAX = 64 * 2 ** 20;

const keyOf = ({ account, region }: Place, traceId: string): string => `${account}/${region}/${traceId}`;

/** Traces, in memory alone: telemetry, not state. */
export class TraceStore {
  readonly #traces = new Map<string, Trace>();
  #bytes = 0;

  add(place: Place, segment: TraceSegment, at: number): void {
    const key = keyOf(place, segment.trace_id);
    let trace = this.#traces.get(key);
    if (trace === undefined) {
      trace = new Trace(segment.trace_id, place.account, place.region);
      this.#traces.set(key, trace);
    }
    const bytes = JSON.stringify(segment).length;
    trace.add(segment, bytes, at);
    this.#bytes += bytes;
    for (const [oldest, { bytes: freed }] of this.#traces) {
      if (this.#traces.size <= TRACES_MAX && this.#bytes <= BYTES_MAX) break;
      this.#traces.delete(oldest);
      this.#bytes -= freed;
    }
  }

  find(place: Place, traceId: string): Trace | undefined {
    const trace = this.#traces.get(keyOf(place, traceId));
    return trace === undefined || trace.segments.length === 0 ? undefined : trace;
  }

  /** Traces of an account and region that pass, newest first. */
  list(place: Place, passes: (trace: Trace) => boolean): readonly Trace[] {
    return [...this.#traces.values()]
      .filter(({ account, region }) => account === place.account && region === place.region)
      .filter((trace) => trace.segments.length > 0 && passes(trace))
      .sort((a, b) => b.startsAt - a.startsAt);
  }
}
