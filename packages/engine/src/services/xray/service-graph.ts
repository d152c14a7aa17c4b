import type { Edge, HistogramEntry, Service, ServiceStatistics } from '@aws-sdk/client-xray';
import type { TraceSegment } from '../../core/index.ts';
import { durationOf, partsOf, typeOf } from './segment.ts';
import type { Trace } from './trace.ts';

/** What was measured at a node, or on the way to one. */
class Measurements {
  startsAt = Number.POSITIVE_INFINITY;
  endsAt = 0;
  /** Of messages: the called one did not run meanwhile. */
  isLink = false;
  #ok = 0;
  #throttles = 0;
  #errors = 0;
  #faults = 0;
  #total = 0;
  #seconds = 0;
  readonly #histogram = new Map<number, number>();

  add(segment: TraceSegment): void {
    const seconds = durationOf(segment);
    this.startsAt = Math.min(this.startsAt, segment.start_time);
    this.endsAt = Math.max(this.endsAt, segment.end_time ?? segment.start_time);
    this.#total += 1;
    this.#seconds += seconds;
    if (segment['throttle'] === true) this.#throttles += 1;
    else if (segment['fault'] === true) this.#faults += 1;
    else if (segment['error'] === true) this.#errors += 1;
    else this.#ok += 1;
    const value = Math.round(seconds * 1_000) / 1_000;
    this.#histogram.set(value, (this.#histogram.get(value) ?? 0) + 1);
  }

  get statistics(): ServiceStatistics {
    return {
      OkCount: this.#ok,
      ErrorStatistics: {
        ThrottleCount: this.#throttles,
        OtherCount: this.#errors,
        TotalCount: this.#throttles + this.#errors,
      },
      FaultStatistics: { OtherCount: this.#faults, TotalCount: this.#faults },
      TotalCount: this.#total,
      TotalResponseTime: this.#seconds,
    };
  }

  get histogram(): HistogramEntry[] {
    return [...this.#histogram].sort(([a], [b]) => a - b).map(([Value, Count]) => ({ Value, Count }));
  }
}

interface Node {
  readonly name: string;
  readonly type: string | undefined;
  readonly account: string;
  readonly reference: number;
  readonly own: Measurements;
  readonly edges: Map<Node, Measurements>;
  isRoot: boolean;
}

/** Of a call that nobody at the other end tells of: AWS's own services, and strangers. */
const inferredType = (part: TraceSegment): string => {
  const {
    operation,
    table_name: table,
    queue_url: queue,
    topic_arn: topic,
  } = (part['aws'] ?? {}) as Record<string, unknown>;
  if (part['namespace'] !== 'aws') return 'remote';
  if (table !== undefined) return 'AWS::DynamoDB::Table';
  if (queue !== undefined) return 'AWS::SQS::Queue';
  if (topic !== undefined) return 'AWS::SNS';
  return operation === undefined ? 'AWS' : `AWS::${part.name}`;
};

const inferredName = (part: TraceSegment): string => {
  const { table_name: table, queue_url: queue, topic_arn: topic } = (part['aws'] ?? {}) as Record<string, unknown>;
  return String(table ?? queue ?? topic ?? part.name);
};

const isCall = ({ namespace }: TraceSegment): boolean => namespace === 'aws' || namespace === 'remote';

/** Ids of the segments that sent what a segment is about. */
const linksOf = ({ links }: TraceSegment): readonly string[] =>
  ((links ?? []) as readonly { readonly id?: string }[]).flatMap(({ id }) => id ?? []);

/** Who calls whom, as traces tell it. */
class Graph {
  readonly #nodes = new Map<string, Node>();
  /** Segments, their parts, and what calls led to, by id. */
  readonly #nodeOfId = new Map<string, Node>();

  #node(name: string, type: string | undefined, account: string): Node {
    const key = `${name} ${type}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const reference = this.#nodes.size;
    const node = { name, type, account, reference, own: new Measurements(), edges: new Map(), isRoot: false };
    this.#nodes.set(key, node);
    return node;
  }

  #edge(from: Node, to: Node, segment: TraceSegment): Measurements {
    const edge = from.edges.get(to) ?? new Measurements();
    from.edges.set(to, edge);
    edge.add(segment);
    return edge;
  }

  /** Takes in what a trace says of its own services. */
  learn({ segments, account }: Trace): void {
    const children = new Set(segments.map(({ parent_id }) => parent_id));
    const take = (part: TraceSegment, node: Node): void => {
      this.#nodeOfId.set(part.id, node);
      for (const inner of partsOf(part)) {
        take(inner, node);
        if (!isCall(inner) || children.has(inner.id)) continue;
        const called = this.#node(inferredName(inner), inferredType(inner), account);
        this.#nodeOfId.set(inner.id, called);
        called.own.add(inner);
        this.#edge(node, called, inner);
      }
    };
    for (const segment of segments) {
      const node = this.#node(segment.name, typeOf(segment), account);
      node.own.add(segment);
      take(segment, node);
    }
  }

  /** Takes in who called whom: a parent, the sender of a message that a segment is linked to, or somebody outside. */
  connect({ segments, account }: Trace): void {
    for (const segment of segments) {
      const node = this.#nodeOfId.get(segment.id) as Node;
      const parent = this.#nodeOfId.get(segment.parent_id ?? '');
      const senders = linksOf(segment).flatMap((id) => this.#nodeOfId.get(id) ?? []);
      if (parent !== undefined) {
        if (parent !== node) this.#edge(parent, node, segment);
      } else if (senders.length > 0)
        for (const sender of new Set(senders)) this.#edge(sender, node, segment).isLink = true;
      else {
        const client = this.#node('client', 'client', account);
        client.own.add(segment);
        client.isRoot = true;
        this.#edge(client, node, segment);
      }
    }
  }

  services(): Service[] {
    return [...this.#nodes.values()].map(({ name, type, account, reference, own, edges, isRoot }) => ({
      ReferenceId: reference,
      Name: name,
      Names: [name],
      ...(isRoot ? { Root: true } : {}),
      ...(type === 'client' ? {} : { AccountId: account }),
      ...(type === undefined ? {} : { Type: type }),
      State: type === 'remote' ? 'unknown' : 'active',
      StartTime: new Date(own.startsAt * 1_000),
      EndTime: new Date(own.endsAt * 1_000),
      Edges: [...edges].map(
        ([to, edge]): Edge => ({
          ReferenceId: to.reference,
          StartTime: new Date(edge.startsAt * 1_000),
          EndTime: new Date(edge.endsAt * 1_000),
          SummaryStatistics: edge.statistics,
          ResponseTimeHistogram: edge.histogram,
          Aliases: [],
          ...(edge.isLink ? { EdgeType: 'link' } : {}),
        }),
      ),
      ...(type === 'client'
        ? {}
        : {
            SummaryStatistics: own.statistics,
            DurationHistogram: own.histogram,
            ResponseTimeHistogram: own.histogram,
          }),
    }));
  }
}

/** The graph of services that traces went through. */
export const serviceGraph = (traces: readonly Trace[]): Service[] => {
  const graph = new Graph();
  for (const trace of traces) graph.learn(trace);
  for (const trace of traces) graph.connect(trace);
  return graph.services();
};
