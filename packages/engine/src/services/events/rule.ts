import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import type { TargetInput } from './input-transformer.ts';

/** What a target adds to the requests to an API destination. */
export interface TargetHttpParameters {
  readonly pathValues?: readonly string[] | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query?: Readonly<Record<string, string>> | undefined;
}

/** A target as stored. */
export interface StoredTarget extends TargetInput {
  readonly id: string;
  readonly arn: string;
  readonly roleArn?: string | undefined;
  readonly messageGroupId?: string | undefined;
  /** Where a record's partition key stands in the event. */
  readonly partitionKeyPath?: string | undefined;
  /** For API destinations; values may be paths into the event. */
  readonly http?: TargetHttpParameters | undefined;
  readonly deadLetterArn?: string | undefined;
  readonly maximumRetryAttempts?: number | undefined;
  readonly maximumEventAgeSeconds?: number | undefined;
}

/** A rule as stored, its targets included: there are at most five. */
export interface StoredRule {
  readonly arn: string;
  readonly busArn: string;
  readonly busName: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly isEnabled: boolean;
  readonly eventPattern?: string | undefined;
  readonly scheduleExpression?: string | undefined;
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly targets: readonly StoredTarget[];
  /** When the schedule began: creation, change of expression, or last enabling. */
  readonly scheduledSince: EpochMs;
}

export const DEFAULT_BUS = 'default';

/** Targets per rule. */
export const TARGETS_PER_RULE_MAX = 5;

export const busArnOf = (account: string, region: string, name: string): string =>
  makeArn('events', region, account, `event-bus/${name}`);

export const ruleArnOf = (account: string, region: string, busName: string, name: string): string =>
  makeArn('events', region, account, `rule/${busName === DEFAULT_BUS ? '' : `${busName}/`}${name}`);
