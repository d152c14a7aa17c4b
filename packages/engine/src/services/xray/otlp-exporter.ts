import { SECOND_MS } from '@holdfast/kernel';
import type { ServiceEnvironment, TraceSegment } from '../../core/index.ts';
import { partsOf, typeOf } from './segment.ts';

const SENT_EVERY_MS = SECOND_MS;
const SEGMENTS_MAX = 2_000;
const TIMEOUT_MS = 10 * SECOND_MS;

type Attribute = { readonly key: string; readonly value: object };

const attribute = (key: string, value: unknown): Attribute => ({
  key,
  value:
    typeof value === 'boolean'
      ? { boolValue: value }
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? { intValue: String(value) }
          : { doubleValue: value }
        : { stringValue: String(value) },
});

/** Nanoseconds as text: they do not fit a number. */
const nanoseconds = (seconds: number): string => `${Math.round(seconds * 1e6)}000`;

/** SERVER of a segment, CLIENT of a call, else INTERNAL. */
const kindOf = (segment: TraceSegment, isPart: boolean): number => {
  if (!isPart) return 2;
  return segment['namespace'] === 'aws' || segment['namespace'] === 'remote' ? 3 : 1;
};

const messageIn = (segment: TraceSegment): string | undefined => {
  const { exceptions } = (segment['cause'] ?? {}) as { readonly exceptions?: readonly { readonly message?: string }[] };
  return exceptions?.[0]?.message;
};

const attributesOf = (segment: TraceSegment): Attribute[] => {
  const { request = {}, response = {} } = (segment['http'] ?? {}) as Record<string, Record<string, unknown>>;
  const { request_id: requestId, operation } = (segment['aws'] ?? {}) as Record<string, unknown>;
  const known: Record<string, unknown> = {
    'http.request.method': request['method'],
    'url.full': request['url'],
    'user_agent.original': request['user_agent'],
    'http.response.status_code': response['status'],
    'faas.invocation_id': segment.name === undefined ? undefined : requestId,
    'rpc.method': operation,
    'cloud.resource_id': segment['resource_arn'],
    ...(segment['annotations'] as Record<string, unknown> | undefined),
  };
  return Object.entries(known)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => attribute(key, value));
};

const spansOf = (segment: TraceSegment, traceId: string, parentId: string | undefined, isPart: boolean): object[] => {
  const isFailed = segment['fault'] === true || segment['error'] === true;
  const message = messageIn(segment);
  const links = (segment['links'] ?? []) as readonly { readonly trace_id: string; readonly id?: string }[];
  return [
    {
      traceId,
      spanId: segment.id,
      ...(parentId === undefined ? {} : { parentSpanId: parentId }),
      name: segment.name,
      kind: kindOf(segment, isPart),
      startTimeUnixNano: nanoseconds(segment.start_time),
      endTimeUnixNano: nanoseconds(segment.end_time ?? segment.start_time),
      attributes: attributesOf(segment),
      links: links
        .filter(({ id }) => id !== undefined)
        .map(({ trace_id, id }) => ({ traceId: otlpTraceId(trace_id), spanId: id })),
      status: isFailed ? { code: 2, ...(message === undefined ? {} : { message }) } : {},
    },
    ...partsOf(segment).flatMap((part) => spansOf(part, traceId, segment.id, true)),
  ];
};

/** `1-5759e988-bd862e3fe1be46a994272793` without its dashes and version. */
const otlpTraceId = (traceId: string): string => traceId.slice(2).replace('-', '');

const resourceOf = (
  segment: TraceSegment,
  { account, region }: { readonly account: string; readonly region: string },
): Attribute[] => [
  attribute('service.name', segment.name),
  attribute('cloud.provider', 'aws'),
  attribute('cloud.account.id', account),
  attribute('cloud.region', region),
  ...(typeOf(segment) === undefined ? [] : [attribute('aws.xray.origin', typeOf(segment))]),
];

/**
 * Sends finished segments to a collector as spans of OTLP, in JSON over HTTP, every second of the engine's time. What a collector
 * does not take is lost: traces are telemetry.
 *
 * @see https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
export class OtlpExporter {
  readonly #environment: ServiceEnvironment;
  readonly #url: string;
  #waiting: object[] = [];
  #isDue = false;

  constructor(environment: ServiceEnvironment, endpoint: string) {
    this.#environment = environment;
    this.#url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  }

  add(place: { readonly account: string; readonly region: string }, segment: TraceSegment): void {
    if (segment['in_progress'] === true || this.#waiting.length >= SEGMENTS_MAX) return;
    const isPart = segment['type'] === 'subsegment';
    this.#waiting.push({
      resource: { attributes: resourceOf(segment, place) },
      scopeSpans: [
        {
          scope: { name: 'holdfast' },
          spans: spansOf(segment, otlpTraceId(segment.trace_id), segment.parent_id, isPart),
        },
      ],
    });
    if (this.#isDue) return;
    this.#isDue = true;
    const { timers, clock } = this.#environment;
    timers.schedule(clock.now() + SENT_EVERY_MS, () => this.#send());
  }

  #send(): void {
    this.#isDue = false;
    const body = JSON.stringify({ resourceSpans: this.#waiting });
    this.#waiting = [];
    const headers = { 'content-type': 'application/json' };
    this.#environment.http.send({ method: 'POST', url: this.#url, headers, body, timeoutMs: TIMEOUT_MS }, () => {});
  }
}
