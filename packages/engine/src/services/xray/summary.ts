import type { ServiceId, TraceSummary } from '@aws-sdk/client-xray';
import { memberOf, setMember } from '@holdfast/kernel';
import type { TraceSegment } from '../../core/index.ts';
import { partsOf, typeOf } from './segment.ts';
import type { Trace } from './trace.ts';

type Fields = Readonly<Record<string, unknown>>;

const has = (segment: TraceSegment, flag: string): boolean =>
  segment[flag] === true || partsOf(segment).some((part) => has(part, flag));

const serviceId = ({ account }: Trace, segment: TraceSegment): ServiceId => {
  const type = typeOf(segment);
  return {
    Name: segment.name,
    Names: [segment.name],
    AccountId: account,
    ...(type === undefined ? {} : { Type: type }),
  };
};

const unique = (ids: readonly ServiceId[]): ServiceId[] => [
  ...new Map(ids.map((id) => [`${id.Name} ${id.Type}`, id])).values(),
];

const httpOf = (root: TraceSegment | undefined): TraceSummary['Http'] => {
  const { request = {}, response = {} } = (root?.['http'] ?? {}) as { request?: Fields; response?: Fields };
  const members = {
    HttpURL: request['url'],
    HttpStatus: response['status'],
    HttpMethod: request['method'],
    UserAgent: request['user_agent'],
    ClientIp: request['client_ip'],
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
};

const annotationValue = (value: unknown) =>
  typeof value === 'number'
    ? { NumberValue: value }
    : typeof value === 'boolean'
      ? { BooleanValue: value }
      : { StringValue: String(value) };

const annotationsOf = (trace: Trace): NonNullable<TraceSummary['Annotations']> => {
  const found: NonNullable<TraceSummary['Annotations']> = {};
  const collect = (part: TraceSegment, ServiceIds: ServiceId[]): void => {
    for (const [key, value] of Object.entries((part['annotations'] ?? {}) as Fields)) {
      const AnnotationValue = annotationValue(value) as { StringValue: string };
      setMember(found, key, [...(memberOf(found, key) ?? []), { AnnotationValue, ServiceIds }]);
    }
    for (const inner of partsOf(part)) collect(inner, ServiceIds);
  };
  for (const segment of trace.segments) collect(segment, [serviceId(trace, segment)]);
  return found;
};

/** As GetTraceSummaries shows a trace. */
export const summarise = (trace: Trace): TraceSummary => {
  const { segments, root } = trace;
  const duration = trace.endsAt - trace.startsAt;
  const users = [...new Set(segments.map((segment) => segment['user']).filter((user) => typeof user === 'string'))];
  return {
    Id: trace.id,
    StartTime: new Date(trace.startsAt * 1_000),
    Duration: duration,
    ResponseTime: root === undefined ? duration : (root.end_time ?? root.start_time) - root.start_time,
    HasFault: segments.some((each) => has(each, 'fault')),
    HasError: segments.some((each) => has(each, 'error')),
    HasThrottle: segments.some((each) => has(each, 'throttle')),
    IsPartial: trace.isPartial,
    Http: httpOf(root),
    Annotations: annotationsOf(trace),
    Users: users.map((UserName) => ({ UserName: String(UserName), ServiceIds: [] })),
    ServiceIds: unique(segments.map((each) => serviceId(trace, each))),
    ResourceARNs: [
      ...new Set(segments.map((each) => each['resource_arn']).filter((arn) => typeof arn === 'string')),
    ].map((ARN) => ({ ARN: String(ARN) })),
    InstanceIds: [],
    AvailabilityZones: [],
    ...(root === undefined ? {} : { EntryPoint: serviceId(trace, root) }),
    FaultRootCauses: [],
    ErrorRootCauses: [],
    ResponseTimeRootCauses: [],
    Revision: trace.revision,
    MatchedEventTime: new Date(trace.startsAt * 1_000),
  };
};
