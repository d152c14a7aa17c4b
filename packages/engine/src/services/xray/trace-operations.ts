import type * as Sdk from '@aws-sdk/client-xray';
import { HOUR_MS } from '@holdfast/kernel';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  pageByPosition,
  type TraceSegment,
  withNextToken,
} from '../../core/index.ts';
import { invalidRequest } from './errors.ts';
import { traceFilter } from './filter-expression.ts';
import { readSegment, type UnprocessedSegment } from './segment.ts';
import { serviceGraph } from './service-graph.ts';
import { summarise } from './summary.ts';
import type { Trace } from './trace.ts';
import type { TraceStore } from './trace-store.ts';

const SUMMARIES_PAGE = 100;
const SUMMARIES_SPAN_MS = 24 * HOUR_MS;
const GRAPH_SPAN_MS = 6 * HOUR_MS;
const TRACES_MAX = 5;

interface Span {
  readonly StartTime?: Date | undefined;
  readonly EndTime?: Date | undefined;
}

const spanOf = ({ StartTime, EndTime }: Span, maxMs: number): readonly [from: number, to: number] => {
  new Constraints().required('startTime', StartTime).required('endTime', EndTime).check('InvalidRequestException');
  const [from, to] = [(StartTime as Date).getTime(), (EndTime as Date).getTime()];
  if (to < from) throw invalidRequest('EndTime must be after StartTime');
  if (to - from > maxMs) throw invalidRequest(`Time range cannot be longer than ${maxMs / HOUR_MS} hours`);
  return [from / 1_000, to / 1_000];
};

const invalidToken = () => invalidRequest('Invalid NextToken');

/** Traces, as they come in and as they are looked at. */
export const traceOperations = (
  store: TraceStore,
  take: (place: { readonly account: string; readonly region: string }, segment: TraceSegment) => void,
): Operations<typeof Sdk> => {
  const found = (traceIds: readonly string[] | undefined, context: Parameters<TraceStore['find']>[0]) => {
    const ids = traceIds ?? [];
    if (ids.length > TRACES_MAX) throw invalidRequest(`TraceIds must have at most ${TRACES_MAX} elements`);
    const traces = ids.map((id) => [id, store.find(context, id)] as const);
    const known = traces.flatMap(([, trace]) => trace ?? []);
    return { known, unknown: traces.flatMap(([id, trace]) => (trace === undefined ? id : [])) };
  };

  return {
    PutTraceSegments: operation(['TraceSegmentDocuments'], (input, context) => {
      new Constraints().required('traceSegmentDocuments', input.TraceSegmentDocuments).check('InvalidRequestException');
      const unprocessed: UnprocessedSegment[] = [];
      for (const text of input.TraceSegmentDocuments ?? []) {
        const segment = readSegment(text);
        if ('ErrorCode' in segment) unprocessed.push(segment as UnprocessedSegment);
        else take(context, segment as TraceSegment);
      }
      return { UnprocessedTraceSegments: unprocessed };
    }),
    PutTelemetryRecords: operation(['TelemetryRecords', 'EC2InstanceId', 'Hostname', 'ResourceARN'], () => ({})),
    GetTraceSummaries: operation(
      ['StartTime', 'EndTime', 'TimeRangeType', 'Sampling', 'FilterExpression', 'NextToken'],
      (input, context) => {
        const [from, to] = spanOf(input, SUMMARIES_SPAN_MS);
        new Constraints()
          .oneOf('timeRangeType', input.TimeRangeType, ['TraceId', 'Event', 'Service'])
          .check('InvalidRequestException');
        if (input.Sampling === true) throw notSupported('GetTraceSummaries with Sampling');
        if (input.TimeRangeType === 'Service') throw notSupported('GetTraceSummaries with TimeRangeType Service');
        const passes = traceFilter(input.FilterExpression);
        const inSpan = (trace: Trace): boolean => {
          const at = input.TimeRangeType === 'Event' ? trace.arrivedAt / 1_000 : trace.startsAt;
          return at >= from && at <= to;
        };
        const traces = store.list(context, inSpan);
        const request = { token: input.NextToken, size: SUMMARIES_PAGE, invalid: invalidToken };
        const { page, ...next } = withNextToken(pageByPosition(traces.filter(passes), request));
        return {
          TraceSummaries: page.map(summarise),
          ApproximateTime: new Date(context.now),
          TracesProcessedCount: traces.length,
          ...next,
        };
      },
    ),
    BatchGetTraces: operation(['TraceIds', 'NextToken'], (input, context) => {
      const { known, unknown } = found(input.TraceIds, context);
      return {
        Traces: known.map((trace) => ({
          Id: trace.id,
          Duration: trace.endsAt - trace.startsAt,
          LimitExceeded: false,
          Segments: trace.segments.map((segment) => ({ Id: segment.id, Document: JSON.stringify(segment) })),
        })),
        UnprocessedTraceIds: unknown,
      };
    }),
    GetServiceGraph: operation(['StartTime', 'EndTime', 'NextToken'], (input, context) => {
      const [from, to] = spanOf(input, GRAPH_SPAN_MS);
      const traces = store.list(context, ({ startsAt }) => startsAt >= from && startsAt <= to);
      return {
        StartTime: new Date(from * 1_000),
        EndTime: new Date(to * 1_000),
        Services: serviceGraph(traces),
        ContainsOldGroupVersions: false,
      };
    }),
    GetTraceGraph: operation(['TraceIds', 'NextToken'], (input, context) => ({
      Services: serviceGraph(found(input.TraceIds, context).known),
    })),
  };
};
