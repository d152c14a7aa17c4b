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
  /** How much it asks for: literals, then required parameters. */
  readonly rank: number;
  /** Its place among all: of two that ask for as much, the first one wins. */
  readonly place: number;
}

/** Routes by their path, a step for each segment. */
interface Step {
  readonly literals: Map<string, Step>;
  label: Step | undefined;
  /** Those whose path ends here, and those whose last label takes all that follows. */
  readonly ending: Ending;
  readonly greedy: Ending;
}

/** Routes of one path: those that ask for a parameter by a literal under its name, the first one, and all others. */
interface Ending {
  readonly byQuery: Map<string, Route[]>;
  readonly others: Route[];
}

const newEnding = (): Ending => ({ byQuery: new Map(), others: [] });
const newStep = (): Step => ({ literals: new Map(), label: undefined, ending: newEnding(), greedy: newEnding() });

/** Number of leading members of a structure that are required. */
const REQUIRED_COUNT = 6;

const routeOf = (operation: OperationModel, [method, uri]: readonly [string, string, number], place: number): Route => {
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
  const route = {
    operation,
    method,
    segments,
    queryLiterals: literals.filter(([name]) => name !== 'x-id'),
    requiredQuery: namesOf('httpQuery'),
    requiredHeaders: namesOf('httpHeader').map((name) => name.toLowerCase()),
    operationId: literals.find(([name]) => name === 'x-id')?.[1],
  };
  return { ...route, rank: rankOf(route), place };
};

const rankOf = (route: Omit<Route, 'rank' | 'place'>): number =>
  route.segments.filter((segment) => 'literal' in segment).length * 1_000 +
  route.queryLiterals.length * 100 +
  (route.requiredQuery.length + route.requiredHeaders.length) * 10 +
  (route.segments.some((segment) => 'isGreedy' in segment && segment.isGreedy) ? 0 : 1);

/** What the labels of a route stand for in a path that fits it. */
const labelsOf = (route: Route, parts: readonly string[]): Record<string, string> => {
  const labels: Record<string, string> = {};
  for (const [index, segment] of route.segments.entries()) {
    if ('literal' in segment) continue;
    labels[segment.label] = percentDecoded(segment.isGreedy ? parts.slice(index).join('/') : (parts[index] ?? ''));
  }
  return labels;
};

/**
 * Routes of a REST service. Of all that fit, the one that asks for most wins: literals, then required parameters. What
 * a request costs goes with its own path and query, not with how many operations there are.
 */
export class RouteTable {
  readonly #byMethod = new Map<string, Step>();

  constructor(operations: Iterable<OperationModel>) {
    let place = 0;
    for (const operation of operations) {
      if (operation.http === undefined) continue;
      const route = routeOf(operation, operation.http, place++);
      const root = this.#byMethod.get(route.method) ?? newStep();
      this.#byMethod.set(route.method, root);
      addTo(endingOf(root, route), route);
    }
  }

  /** `isEligible` narrows the routes further than their templates can say. */
  match(
    question: RouteQuestion,
    isEligible: (operation: OperationModel) => boolean = () => true,
  ): RouteMatch | undefined {
    const root = this.#byMethod.get(question.method);
    if (root === undefined) return undefined;
    const named = question.query.get('x-id')?.[0];
    let best: Route | undefined;
    for (const route of candidates(root, question)) {
      if (best !== undefined && !comesBefore(route, best, named)) continue;
      if (isEligible(route.operation) && asksFor(route, question)) best = route;
    }
    return best && { operation: best.operation, labels: labelsOf(best, question.segments) };
  }
}

const comesBefore = (one: Route, other: Route, named: string | undefined): boolean => {
  if (one.rank !== other.rank) return one.rank > other.rank;
  const isNamed = ({ operationId }: Route): boolean => operationId !== undefined && operationId === named;
  return isNamed(one) === isNamed(other) ? one.place < other.place : isNamed(one);
};

const endingOf = (root: Step, { segments }: Route): Ending => {
  let step = root;
  for (const segment of segments) {
    if ('literal' in segment) {
      const next = step.literals.get(segment.literal) ?? newStep();
      step.literals.set(segment.literal, next);
      step = next;
    } else if (segment.isGreedy) {
      return step.greedy;
    } else {
      step.label ??= newStep();
      step = step.label;
    }
  }
  return step.ending;
};

const addTo = ({ byQuery, others }: Ending, route: Route): void => {
  const [literal] = route.queryLiterals;
  if (literal === undefined) others.push(route);
  else byQuery.set(literal[0], [...(byQuery.get(literal[0]) ?? []), route]);
};

/** The routes that fit the path, and whose first literal of the query is there by name; of one path in their order. */
function* candidates(root: Step, { segments, query }: RouteQuestion): Generator<Route> {
  const steps: { readonly step: Step; readonly at: number }[] = [{ step: root, at: 0 }];
  for (let next = steps.pop(); next !== undefined; next = steps.pop()) {
    const { step, at } = next;
    const part = segments[at];
    if (part === undefined) {
      yield* routesOf(step.ending, query);
      continue;
    }
    yield* routesOf(step.greedy, query);
    if (step.label !== undefined) steps.push({ step: step.label, at: at + 1 });
    const literal = step.literals.get(part);
    if (literal !== undefined) steps.push({ step: literal, at: at + 1 });
  }
}

function* routesOf({ byQuery, others }: Ending, query: RouteQuestion['query']): Generator<Route> {
  if (byQuery.size > 0) for (const name of query.keys()) yield* byQuery.get(name) ?? [];
  yield* others;
}

const asksFor = (route: Route, question: RouteQuestion): boolean =>
  route.queryLiterals.every(([name, value]) => {
    const given = question.query.get(name);
    return given !== undefined && (value === '' || given.includes(value));
  }) &&
  (question.forgivesMissingQuery === true || route.requiredQuery.every((name) => question.query.has(name))) &&
  route.requiredHeaders.every((name) => question.hasHeader(name));
