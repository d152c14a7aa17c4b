import { decodedPath } from '../../core/index.ts';

const METHODS = ['ANY', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const KEY = /^([A-Z]+) (\/.*)$/;
const PARAMETER = /^\{([A-Za-z0-9._-]+)(\+?)\}$/;
const LITERAL = /^[A-Za-z0-9._~!$&'()*,;=:@%-]*$/;

export const DEFAULT_ROUTE = '$default';

interface ParsedKey {
  readonly method: string;
  readonly segments: readonly string[];
}

const segmentsOf = (path: string): string[] => (path === '' ? [''] : path.slice(1).split('/'));

/** `POST /events/{id}` taken apart; `undefined` when it is no route key, or `$default`. */
export const parseRouteKey = (key: string): ParsedKey | undefined => {
  const [, method = '', path = ''] = KEY.exec(key) ?? [];
  if (!METHODS.includes(method)) return undefined;
  const segments = segmentsOf(path);
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const [, name, plus] = PARAMETER.exec(segment) ?? [];
    if (name === undefined) {
      if (!LITERAL.test(segment)) return undefined;
      continue;
    }
    if ((plus === '+' && index < segments.length - 1) || names.has(name)) return undefined;
    names.add(name);
  }
  return { method, segments };
};

interface Leaf<Target> {
  readonly target: Target;
  /** Names of the variables on the way, in order. */
  readonly names: readonly string[];
}

interface Node<Target> {
  readonly literals: Map<string, Node<Target>>;
  variable: Node<Target> | undefined;
  /** By method. */
  readonly here: Map<string, Leaf<Target>>;
  readonly greedy: Map<string, Leaf<Target>>;
}

const newNode = <Target>(): Node<Target> => ({
  literals: new Map(),
  variable: undefined,
  here: new Map(),
  greedy: new Map(),
});

const ofMethod = <Target>(leaves: ReadonlyMap<string, Leaf<Target>>, method: string): Leaf<Target> | undefined =>
  leaves.get(method) ?? leaves.get('ANY');

export interface RouteMatch<Target> {
  readonly target: Target;
  readonly pathParameters: Readonly<Record<string, string>> | undefined;
}

/**
 * Finds the route of a request: one that matches the whole path before one with a greedy variable, and that before
 * `$default`; on the way text before a variable, at the end the method before `ANY`.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export class RouteTable<Target> {
  readonly #root: Node<Target> = newNode();
  #default: Target | undefined;

  add(key: string, target: Target): void {
    const parsed = parseRouteKey(key);
    if (parsed === undefined) {
      this.#default = target;
      return;
    }
    let node = this.#root;
    const names: string[] = [];
    for (const segment of parsed.segments) {
      const [, name, plus] = PARAMETER.exec(segment) ?? [];
      if (name === undefined) {
        const next = node.literals.get(segment) ?? newNode<Target>();
        node.literals.set(segment, next);
        node = next;
        continue;
      }
      names.push(name);
      if (plus === '+') {
        node.greedy.set(parsed.method, { target, names });
        return;
      }
      node.variable ??= newNode<Target>();
      node = node.variable;
    }
    node.here.set(parsed.method, { target, names });
  }

  find(method: string, path: string): RouteMatch<Target> | undefined {
    const segments = segmentsOf(path);
    const found = whole(this.#root, method, segments, 0, []) ?? greedy(this.#root, method, segments, 0, []);
    if (found === undefined) {
      return this.#default === undefined ? undefined : { target: this.#default, pathParameters: undefined };
    }
    const { leaf, values } = found;
    const pairs = leaf.names.map((name, index) => [name, decodedPath(values[index] ?? '')]);
    return { target: leaf.target, pathParameters: pairs.length === 0 ? undefined : Object.fromEntries(pairs) };
  }
}

interface Found<Target> {
  readonly leaf: Leaf<Target>;
  readonly values: readonly string[];
}

const whole = <Target>(
  node: Node<Target>,
  method: string,
  segments: readonly string[],
  at: number,
  values: readonly string[],
): Found<Target> | undefined => {
  const segment = segments[at];
  if (segment === undefined) {
    const leaf = ofMethod(node.here, method);
    return leaf === undefined ? undefined : { leaf, values };
  }
  const literal = node.literals.get(segment);
  const byText = literal === undefined ? undefined : whole(literal, method, segments, at + 1, values);
  if (byText !== undefined || node.variable === undefined || segment === '') return byText;
  return whole(node.variable, method, segments, at + 1, [...values, segment]);
};

/** The longest way to a greedy variable. */
const greedy = <Target>(
  node: Node<Target>,
  method: string,
  segments: readonly string[],
  at: number,
  values: readonly string[],
): Found<Target> | undefined => {
  const segment = segments[at];
  if (segment === undefined) return undefined;
  const literal = node.literals.get(segment);
  const deeper =
    (literal === undefined ? undefined : greedy(literal, method, segments, at + 1, values)) ??
    (node.variable === undefined || segment === ''
      ? undefined
      : greedy(node.variable, method, segments, at + 1, [...values, segment]));
  const rest = segments.slice(at).join('/');
  if (deeper !== undefined || rest === '') return deeper;
  const leaf = ofMethod(node.greedy, method);
  return leaf === undefined ? undefined : { leaf, values: [...values, rest] };
};
