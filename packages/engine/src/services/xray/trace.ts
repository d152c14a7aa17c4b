import type { TraceSegment } from '../../core/index.ts';
import { isSubsegment, partsOf } from './segment.ts';

/** What arrived of one trace. */
export class Trace {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly #sent = new Map<string, TraceSegment>();
  #whole: readonly TraceSegment[] | undefined;
  bytes = 0;
  revision = 0;
  /** When the last part arrived, in the engine's time. */
  arrivedAt = 0;

  constructor(id: string, account: string, region: string) {
    this.id = id;
    this.account = account;
    this.region = region;
  }

  /** A part that is sent again takes the place of what was sent before. */
  add(segment: TraceSegment, bytes: number, at: number): void {
    this.#sent.set(segment.id, segment);
    this.bytes += bytes;
    this.revision += 1;
    this.arrivedAt = at;
    this.#whole = undefined;
  }

  /** Segments by their beginning, with the subsegments that were sent by themselves in their places. */
  get segments(): readonly TraceSegment[] {
    this.#whole ??= this.#assemble();
    return this.#whole;
  }

  #assemble(): readonly TraceSegment[] {
    const loose = new Map<string, TraceSegment[]>();
    const segments: TraceSegment[] = [];
    for (const each of this.#sent.values()) {
      if (!isSubsegment(each)) segments.push(each);
      else {
        const siblings = loose.get(each.parent_id as string) ?? [];
        loose.set(each.parent_id as string, siblings);
        siblings.push(each);
      }
    }
    const complete = (segment: TraceSegment): TraceSegment => {
      const own = loose.get(segment.id) ?? [];
      loose.delete(segment.id);
      const parts = [...partsOf(segment), ...own].map(complete);
      return parts.length === 0 ? segment : { ...segment, subsegments: parts };
    };
    return segments.map(complete).sort((a, b) => a.start_time - b.start_time);
  }

  get startsAt(): number {
    return Math.min(...this.segments.map(({ start_time }) => start_time));
  }

  get endsAt(): number {
    return Math.max(...this.segments.map(({ start_time, end_time = start_time }) => end_time));
  }

  get isPartial(): boolean {
    return this.segments.some(({ in_progress }) => in_progress === true);
  }

  /** The segment that the trace began with. */
  get root(): TraceSegment | undefined {
    return this.segments.find(({ parent_id }) => parent_id === undefined) ?? this.segments[0];
  }
}
