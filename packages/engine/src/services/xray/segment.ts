import { utf8Length } from '@holdfast/kernel';
import { isObject, type TraceSegment } from '../../core/index.ts';

const DOCUMENT_BYTES_MAX = 65_536;
const TRACE_ID = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i;
const SEGMENT_ID = /^[0-9a-f]{16}$/i;

/** A document that is none, as PutTraceSegments answers it. */
export interface UnprocessedSegment {
  readonly Id?: string;
  readonly ErrorCode: string;
  readonly Message: string;
}

/**
 * Reads a segment document.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 */
export const readSegment = (text: string): TraceSegment | UnprocessedSegment => {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { ErrorCode: 'ParseError', Message: 'Invalid segment. ErrorCode: ParseError' };
  }
  if (!isObject(document) || utf8Length(text) > DOCUMENT_BYTES_MAX) {
    return { ErrorCode: 'ParseError', Message: 'Invalid segment. ErrorCode: ParseError' };
  }
  const {
    id,
    trace_id: traceId,
    name,
    start_time: start,
    end_time: end,
    in_progress: isOpen,
    type,
    parent_id,
  } = document;
  const failed = (ErrorCode: string): UnprocessedSegment => ({
    ...(typeof id === 'string' ? { Id: id } : {}),
    ErrorCode,
    Message: `Invalid segment. ErrorCode: ${ErrorCode}`,
  });
  if (typeof id !== 'string') return failed('MissingId');
  if (!SEGMENT_ID.test(id)) return failed('InvalidId');
  if (typeof traceId !== 'string') return failed('MissingTraceId');
  if (!TRACE_ID.test(traceId)) return failed('InvalidTraceId');
  if (typeof name !== 'string' || name === '') return failed('MissingName');
  if (typeof start !== 'number') return failed('MissingStartTime');
  if (typeof end !== 'number' && isOpen !== true) return failed('MissingEndTime');
  if (type === 'subsegment' && typeof parent_id !== 'string') return failed('MissingParentId');
  return document as unknown as TraceSegment;
};

/** Whether it was sent by itself although it is part of a segment. */
export const isSubsegment = ({ type }: TraceSegment): boolean => type === 'subsegment';

/** Parts of a segment or subsegment, as they were sent with it. */
export const partsOf = ({ subsegments }: TraceSegment): readonly TraceSegment[] =>
  Array.isArray(subsegments) ? (subsegments as readonly TraceSegment[]) : [];

/** What it is, for graphs: of AWS's own by origin, others without type. */
export const typeOf = ({ origin }: TraceSegment): string | undefined =>
  typeof origin === 'string' ? origin : undefined;

export const durationOf = ({ start_time, end_time = start_time }: TraceSegment): number => end_time - start_time;

/** Ids of a segment and of everything in it. */
export const idsIn = (segment: TraceSegment): readonly string[] => [segment.id, ...partsOf(segment).flatMap(idsIn)];
