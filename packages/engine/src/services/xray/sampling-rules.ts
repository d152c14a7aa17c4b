import type { SamplingRule, SamplingRuleRecord } from '@aws-sdk/client-xray';
import { makeArn } from '@holdfast/aws-model';
import type { Random } from '@holdfast/kernel';
import {
  type Collection,
  matchesWildcard,
  type RequestContext,
  type SampledRequest,
  type ServiceEnvironment,
} from '../../core/index.ts';

type Place = Pick<RequestContext, 'account' | 'region'>;

export interface StoredRule {
  readonly account: string;
  readonly region: string;
  readonly rule: SamplingRule & { readonly RuleName: string };
  readonly createdAt: number;
  readonly modifiedAt: number;
}

export const DEFAULT_RULE = 'Default';

const keyOf = ({ account, region }: Place, name: string): string => `${account}/${region}/${name}`;

/** What everybody has: the first request of each second, and one of twenty of the others. */
const defaultRule = ({ account, region }: Place): StoredRule => ({
  account,
  region,
  rule: {
    RuleName: DEFAULT_RULE,
    RuleARN: makeArn('xray', region, account, `sampling-rule/${DEFAULT_RULE}`),
    ResourceARN: '*',
    Priority: 10_000,
    FixedRate: 0.05,
    ReservoirSize: 1,
    ServiceName: '*',
    ServiceType: '*',
    Host: '*',
    HTTPMethod: '*',
    URLPath: '*',
    Version: 1,
    Attributes: {},
  },
  createdAt: 0,
  modifiedAt: 0,
});

export const recordOf = ({ rule, createdAt, modifiedAt }: StoredRule): SamplingRuleRecord => ({
  SamplingRule: { ...rule },
  CreatedAt: new Date(createdAt),
  ModifiedAt: new Date(modifiedAt),
});

/**
 * Sampling rules, and their use for what Lambda traces.
 *
 * @see https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html
 */
export class SamplingRules {
  readonly #rules = new Map<string, StoredRule>();
  readonly #stored: Collection<StoredRule>;
  readonly #random: Random;
  readonly #environment: ServiceEnvironment;
  /** Requests taken in the running second, by rule. */
  readonly #reservoirs = new Map<string, { second: number; taken: number }>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#random = environment.random.stream('xray.sampling');
    this.#stored = environment.store.collection('xray.sampling-rules');
    for (const [key, rule] of this.#stored.entries()) this.#rules.set(key, rule);
  }

  find(place: Place, name: string): StoredRule | undefined {
    const own = this.#rules.get(keyOf(place, name));
    return own ?? (name === DEFAULT_RULE ? defaultRule(place) : undefined);
  }

  /** By priority, the default rule last. */
  of(place: Place): readonly StoredRule[] {
    const own = [...this.#rules.values()].filter(
      ({ account, region, rule }) =>
        account === place.account && region === place.region && rule.RuleName !== DEFAULT_RULE,
    );
    own.sort((a, b) => (a.rule.Priority ?? 0) - (b.rule.Priority ?? 0) || (a.rule.RuleName < b.rule.RuleName ? -1 : 1));
    return [...own, this.find(place, DEFAULT_RULE) as StoredRule];
  }

  put(rule: StoredRule): void {
    this.#rules.set(keyOf(rule, rule.rule.RuleName), rule);
    this.#stored.put(keyOf(rule, rule.rule.RuleName), rule);
  }

  delete(rule: StoredRule): void {
    this.#rules.delete(keyOf(rule, rule.rule.RuleName));
    this.#stored.delete(keyOf(rule, rule.rule.RuleName));
  }

  samples(request: SampledRequest): boolean {
    const found = this.of(request).find(({ rule }) => matches(rule, request));
    if (found === undefined) return false;
    const { rule } = found;
    const second = Math.floor(this.#environment.clock.now() / 1_000);
    const key = keyOf(request, rule.RuleName);
    const reservoir = this.#reservoirs.get(key) ?? { second, taken: 0 };
    this.#reservoirs.set(key, reservoir);
    if (reservoir.second !== second) Object.assign(reservoir, { second, taken: 0 });
    if (reservoir.taken < (rule.ReservoirSize ?? 0)) {
      reservoir.taken += 1;
      return true;
    }
    return this.#random.nextUnit() < (rule.FixedRate ?? 0);
  }
}

/** Hosts, methods and paths are not known of invocations: rules that want some are about other requests. */
const matches = (rule: SamplingRule, request: SampledRequest): boolean => {
  const attributes = Object.keys(rule.Attributes ?? {}).length;
  return (
    attributes === 0 &&
    [rule.Host, rule.HTTPMethod, rule.URLPath].every((pattern) => pattern === '*') &&
    matchesWildcard(rule.ServiceName ?? '*', request.serviceName) &&
    matchesWildcard(rule.ServiceType ?? '*', request.serviceType) &&
    matchesWildcard(rule.ResourceARN ?? '*', request.resourceArn)
  );
};
