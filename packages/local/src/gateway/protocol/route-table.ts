import { membersOf } from '../codec/shape.ts';
import type { OperationModel } from '../service-model.ts';
import { percentDecoded } from '../wire.ts';

/** What routing looks at. `segments` are still percent-encoded. */
export interface RouteQuestion {
  readonly method: string;
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly hasHeader: (name: string) => boolean;
  /** An empty list leaves no trace in the query; whoever then finds no route asks again and lets the service complain. */
  readonly forgivesMissingQuery?: boolean;
}

export interface RouteMatch {
  readonly operation: OperationModel;
  /** Members bound to the path, percent-decoded. */
  readonly labels: Readonly<Record<string, string>>;
}

type Segment = { readonly literal: string } | { readonly label: string; readonly isGreedy: boolean };

interface Route {
  readonly operation: OperationModel;
  readonly method: string;
  readonly segments: readonly Segment[];
  readonly queryLiterals: readonly (readonly [name: string, value: string])[];
  readonly requiredQuery: readonly string[];
  readonly requiredHeaders: readonly string[];
  /** `x-id` names the operation; it decides only between routes that are otherwise the same. */
  readonly operationId: string | undefined;
}

/** Number of leading members of a structure that are required. */
const REQUIRED_COUNT = 6;

const routeOf = (operation: OperationModel, [method, uri]: readonly [string, string, number]): Route => {
  const [path = '', query = ''] = uri.split('?');
  const segments = path
    .split('/')
    .slice(1)
    .filter((part) => part !== '')
    .map((part): Segment => {
      const label = /^\{([^}+]+)(\+?)\}$/.exec(part);
      return label === null ? { literal: part } : { label: label[1] as string, isGreedy: label[2] === '+' };
    });
  const literals = [...new URLSearchParams(query)];
  const schema = operation.input.getSchema() as readonly unknown[];
  const required = membersOf(operation.input).slice(0, Number(schema[REQUIRED_COUNT] ?? 0));
  const namesOf = (trait: 'httpQuery' | 'httpHeader'): string[] =>
    required.map(([, member]) => member.getMergedTraits()[trait]).filter((name) => name !== undefined);
  return {
    operation,
    method,
    segments,
    queryLiterals: literals.filter(([name]) => name !== 'x-id'),
    requiredQuery: namesOf('httpQuery'),
    requiredHeaders: namesOf('httpHeader').map((name) => name.toLowerCase()),
    operationId: literals.find(([name]) => name === 'x-id')?.[1],
  };
};

const labelsOf = (route: Route, parts: readonly string[]): Record<string, string> | undefined => {
  const labels: Record<string, string> = {};
  for (const [index, segment] of route.segments.entries()) {
    const part = parts[index];
    if (part === undefined) return undefined;
    if ('literal' in segment) {
      if (segment.literal !== part) return undefined;
    } else if (segment.isGreedy) {
      labels[segment.label] = percentDecoded(parts.slice(index).join('/'));
      return labels;
    } else {
      labels[segment.label] = percentDecoded(part);
    }
  }
  return parts.length === route.segments.length ? labels : undefined;
};

/** Routes of a REST service. Of all that fit, the one that asks for most wins: literals, then required parameters. */
export class RouteTable {
  readonly #byMethod = new Map<string, Route[]>();

  constructor(operations: Iterable<OperationModel>) {
    for (const operation of operations) {
      if (operation.http === undefined) continue;
      const route = routeOf(operation, operation.http);
      const routes = this.#byMethod.get(route.method) ?? [];
      routes.push(route);
      this.#byMethod.set(route.method, routes);
    }
    for (const routes of this.#byMethod.values()) routes.sort((a, b) => specificity(b) - specificity(a));
  }

  /** `isEligible` narrows the routes further than their templates can say. */
  match(
    question: RouteQuestion,
    isEligible: (operation: OperationModel) => boolean = () => true,
  ): RouteMatch | undefined {
    let best: RouteMatch | undefined;
    let bestRank = -1;
    for (const route of this.#byMethod.get(question.method) ?? []) {
      const rank = specificity(route);
      if (rank < bestRank) break;
      if (!isEligible(route.operation) || !asksFor(route, question)) continue;
      const labels = labelsOf(route, question.segments);
      if (labels === undefined) continue;
      const isNamed = route.operationId !== undefined && question.query.get('x-id')?.[0] === route.operationId;
      if (best === undefined || isNamed) best = { operation: route.operation, labels };
      bestRank = rank;
      if (isNamed) break;
    }
    return best;
  }
}

const specificity = (route: Route): number =>
  route.segments.filter((segment) => 'literal' in segment).length * 1_000 +
  route.queryLiterals.length * 100 +
  (route.requiredQuery.length + route.requiredHeaders.length) * 10 +
  (route.segments.some((segment) => 'isGreedy' in segment && segment.isGreedy) ? 0 : 1);

const asksFor = (route: Route, question: RouteQuestion): boolean =>
  route.queryLiterals.every(([name, value]) => {
    const given = question.query.get(name);
    return given !== undefined && (value === '' || given.includes(value));
  }) &&
  (question.forgivesMissingQuery === true || route.requiredQuery.every((name) => question.query.has(name))) &&
  route.requiredHeaders.every((name) => question.hasHeader(name));
