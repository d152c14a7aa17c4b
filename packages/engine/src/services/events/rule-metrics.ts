import type { EpochMs } from '@holdfast/kernel';
import type { MetricSink } from '../../core/index.ts';
import { DEFAULT_BUS } from './rule.ts';

export type RuleMetric =
  | 'MatchedEvents'
  | 'TriggeredRules'
  | 'Invocations'
  | 'FailedInvocations'
  | 'InvocationAttempts'
  | 'SuccessfulInvocationAttempts'
  | 'RetryInvocationAttempts'
  | 'InvocationsSentToDlq'
  | 'InvocationsFailedToBeSentToDlq';

/** The rule that something is counted for; kept with pending deliveries, as the rule may be gone by then. */
export interface RuleRef {
  readonly account: string;
  readonly region: string;
  readonly busName: string;
  readonly ruleName: string;
  readonly ruleArn: string;
}

/**
 * Counts into AWS/Events, by RuleName; for rules of custom buses also by EventBusName and RuleName.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
export class RuleMetrics {
  readonly #sink: () => MetricSink;
  /** Dimension objects are handed in again and again: CloudWatch finds series by their identity. */
  readonly #dimensions = new Map<string, readonly Readonly<Record<string, string>>[]>();

  constructor(sink: () => MetricSink) {
    this.#sink = sink;
  }

  count(rule: RuleRef, name: RuleMetric, at: EpochMs): void {
    this.#record(rule, name, 1, 'Count', at);
  }

  latency(rule: RuleRef, latencyMs: number, at: EpochMs): void {
    this.#record(rule, 'IngestionToInvocationStartLatency', latencyMs, 'Milliseconds', at);
  }

  #record(rule: RuleRef, name: string, value: number, unit: string, at: EpochMs): void {
    const { account, region } = rule;
    for (const dimensions of this.#dimensionsOf(rule)) {
      this.#sink().record({ account, region, namespace: 'AWS/Events', name, dimensions, value, unit, at });
    }
  }

  #dimensionsOf(rule: RuleRef): readonly Readonly<Record<string, string>>[] {
    const known = this.#dimensions.get(rule.ruleArn);
    if (known !== undefined) return known;
    const byRule = { RuleName: rule.ruleName };
    const all = rule.busName === DEFAULT_BUS ? [byRule] : [byRule, { EventBusName: rule.busName, ...byRule }];
    this.#dimensions.set(rule.ruleArn, all);
    return all;
  }

  forget(ruleArn: string): void {
    this.#dimensions.delete(ruleArn);
  }
}
