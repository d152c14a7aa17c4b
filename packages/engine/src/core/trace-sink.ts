/** A segment of X-Ray, or a subsegment sent by itself; further members as in the documents of X-Ray. */
export interface TraceSegment {
  readonly id: string;
  readonly trace_id: string;
  readonly name: string;
  /** Seconds since 1970, with a fraction. */
  readonly start_time: number;
  readonly end_time?: number;
  readonly parent_id?: string;
  readonly [member: string]: unknown;
}

/** A request that may be traced, for sampling rules. */
export interface SampledRequest {
  readonly account: string;
  readonly region: string;
  readonly serviceName: string;
  /** E.g. `AWS::Lambda::Function`. */
  readonly serviceType: string;
  readonly resourceArn: string;
}

/** What X-Ray lends: where services send their segments, and who decides what is traced. */
export interface TraceSink {
  record(place: { readonly account: string; readonly region: string }, segment: TraceSegment): void;
  /** Whether the rules want a request traced about which nobody has decided. Counts it. */
  samples(request: SampledRequest): boolean;
}
