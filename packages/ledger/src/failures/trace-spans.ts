import { BatchGetTracesCommand, XRayClient } from '@aws-sdk/client-xray';
import type { Target } from '../target.ts';

/** A piece of work in a trace of X-Ray. */
export interface TraceSpan {
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Absent while it goes on. */
  readonly durationMs?: number;
  /** 0 for what no other piece contains. */
  readonly depth: number;
  readonly state: 'ok' | 'error' | 'fault' | 'throttle' | 'in progress';
  /** What its exceptions say. */
  readonly error: string;
}

/** A segment's document; times are seconds of the epoch. */
interface Segment {
  readonly id: string;
  readonly name: string;
  readonly start_time: number;
  readonly end_time?: number;
  readonly parent_id?: string;
  readonly in_progress?: boolean;
  readonly fault?: boolean;
  readonly error?: boolean;
  readonly throttle?: boolean;
  readonly cause?: { readonly exceptions?: readonly { readonly message?: string; readonly type?: string }[] } | string;
  readonly subsegments?: readonly Segment[];
}

/** `1-5759e988-bd862e3fe1be46a994272793` of a header as it was carried, or of a function's last line in its log. */
export const traceIdOf = (header: string | undefined, lines: readonly string[]): string | undefined =>
  /Root=([^;]+)/.exec(header ?? '')?.[1] ??
  lines.map((line) => /XRAY TraceId: (1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(line)?.[1]).findLast((id) => id !== undefined);

const stateOf = ({ fault, error, throttle, in_progress }: Segment): TraceSpan['state'] => {
  if (throttle === true) return 'throttle';
  if (fault === true) return 'fault';
  if (error === true) return 'error';
  return in_progress === true ? 'in progress' : 'ok';
};

const errorOf = ({ cause }: Segment): string =>
  typeof cause === 'object'
    ? (cause.exceptions ?? []).map(({ type = '', message = '' }) => [type, message].join(': ')).join('; ')
    : '';

/** Every piece below another one directly after it, in the order of time. */
const spansOf = (segments: readonly Segment[]): readonly TraceSpan[] => {
  const known = new Set<string>();
  const below = new Map<string, Segment[]>();
  const learn = (segment: Segment, parent: string | undefined): void => {
    known.add(segment.id);
    below.set(parent ?? '', [...(below.get(parent ?? '') ?? []), segment]);
    for (const inner of segment.subsegments ?? []) learn(inner, segment.id);
  };
  for (const segment of segments) learn(segment, segment.parent_id);
  const spans: TraceSpan[] = [];
  const put = (parent: string, depth: number): void => {
    for (const segment of (below.get(parent) ?? []).sort((a, b) => a.start_time - b.start_time)) {
      spans.push({
        name: segment.name,
        startedAt: new Date(segment.start_time * 1_000).toISOString(),
        ...(segment.end_time === undefined
          ? {}
          : { durationMs: Math.round((segment.end_time - segment.start_time) * 1_000) }),
        depth,
        state: stateOf(segment),
        error: errorOf(segment),
      });
      put(segment.id, depth + 1);
    }
  };
  // What hangs on a piece that nobody recorded is at the top, as in the console of X-Ray.
  for (const parent of [...below.keys()].filter((id) => !known.has(id))) put(parent, 0);
  return spans;
};

/** The trace of an event, piece by piece; empty where it has none, or nobody may read it. */
export const traceSpans = async (target: Target, traceId: string | undefined): Promise<readonly TraceSpan[]> => {
  if (traceId === undefined) return [];
  try {
    const { Traces = [] } = await new XRayClient(target).send(new BatchGetTracesCommand({ TraceIds: [traceId] }));
    const documents = Traces.flatMap(({ Segments = [] }) => Segments.map(({ Document = '{}' }) => Document));
    return spansOf(documents.map((document) => JSON.parse(document) as Segment));
  } catch {
    return [];
  }
};
