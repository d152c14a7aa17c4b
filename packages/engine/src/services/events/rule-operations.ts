import type * as Sdk from '@aws-sdk/client-eventbridge';
import type { EnableRuleCommandInput, PutRuleCommandInput, Rule as RuleShape } from '@aws-sdk/client-eventbridge';
import { compileEventPattern, type EventPattern, EventPatternError } from '../../core/event-pattern/event-pattern.ts';
import {
  Constraints,
  limitedTags,
  notSupported,
  type Operations,
  operation,
  parseBoundedJson,
  readTags,
  ServiceError,
} from '../../core/index.ts';
import type { BusRegistry, Rule } from './bus-registry.ts';
import { limitExceeded, validation } from './errors.ts';
import { byName, pageOf } from './paging.ts';
import { DEFAULT_BUS, ruleArnOf, type StoredRule } from './rule.ts';
import type { RuleMetrics } from './rule-metrics.ts';
import { parseSchedule } from './schedule.ts';
import type { Scheduler } from './scheduler.ts';

/** What the rule and target operations work on. */
export interface RuleParts {
  readonly registry: BusRegistry;
  readonly scheduler: Scheduler;
  readonly metrics: RuleMetrics;
  readonly rulesPerBus: number;
}

/** What an event has to have to be tested. @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html */
const EVENT_FIELDS = ['id', 'account', 'source', 'time', 'region', 'detail-type'] as const;

/** @throws ServiceError with the reason that EventBridge gives */
export const compileOrRefuse = (source: string): EventPattern => {
  try {
    return compileEventPattern(source);
  } catch (error) {
    if (!(error instanceof EventPatternError)) throw error;
    throw new ServiceError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${error.message}`, 400);
  }
};

const describe = ({ stored }: Rule): RuleShape => ({
  Name: stored.name,
  Arn: stored.arn,
  ...(stored.eventPattern === undefined ? {} : { EventPattern: stored.eventPattern }),
  State: stored.isEnabled ? 'ENABLED' : 'DISABLED',
  ...(stored.description === undefined ? {} : { Description: stored.description }),
  ...(stored.scheduleExpression === undefined ? {} : { ScheduleExpression: stored.scheduleExpression }),
  ...(stored.roleArn === undefined ? {} : { RoleArn: stored.roleArn }),
  EventBusName: stored.busName,
});

const checkPutRule = (input: PutRuleCommandInput, busName: string): void => {
  new Constraints()
    .required('name', input.Name)
    .length('name', input.Name, 1, 64)
    .pattern('name', input.Name, /^[.\-_A-Za-z0-9]*$/, '[\\.\\-_A-Za-z0-9]+')
    .length('description', input.Description, 0, 512)
    .length('scheduleExpression', input.ScheduleExpression, 0, 256)
    .length('eventPattern', input.EventPattern, 0, 4_096)
    .oneOf('state', input.State, ['ENABLED', 'DISABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'])
    .check();
  if (input.State === 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS') {
    throw notSupported('rules in state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS');
  }
  if (!input.EventPattern && !input.ScheduleExpression) {
    throw validation('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (input.ScheduleExpression && busName !== DEFAULT_BUS) {
    throw validation('ScheduleExpression is supported only on the default event bus.');
  }
  if (input.ScheduleExpression && parseSchedule(input.ScheduleExpression) === undefined) {
    throw validation('Parameter ScheduleExpression is not valid.');
  }
  if (input.EventPattern) compileOrRefuse(input.EventPattern);
};

/** Operations on rules. */
export const ruleOperations = ({ registry, scheduler, metrics, rulesPerBus }: RuleParts): Operations<typeof Sdk> => {
  const setEnabled = (
    input: EnableRuleCommandInput,
    { account, region, now }: { account: string; region: string; now: number },
    isEnabled: boolean,
  ): Record<string, never> => {
    const bus = registry.get(account, region, input.EventBusName);
    const { stored } = registry.getRule(bus, input.Name);
    if (stored.isEnabled === isEnabled) return {};
    scheduler.update(registry.putRule(bus, { ...stored, isEnabled, scheduledSince: now }));
    return {};
  };
  return {
    PutRule: operation(
      ['Name', 'ScheduleExpression', 'EventPattern', 'State', 'Description', 'RoleArn', 'Tags', 'EventBusName'],
      (input, context) => {
        const bus = registry.get(context.account, context.region, input.EventBusName);
        checkPutRule(input, bus.stored.name);
        const name = input.Name as string;
        const known = bus.rules.get(name)?.stored;
        if (known === undefined && bus.rules.size >= rulesPerBus) throw limitExceeded();
        const isEnabled = input.State !== 'DISABLED';
        const scheduleExpression = input.ScheduleExpression || undefined;
        const isSameSchedule = known?.scheduleExpression === scheduleExpression && known?.isEnabled === isEnabled;
        const stored: StoredRule = {
          arn: ruleArnOf(context.account, context.region, bus.stored.name, name),
          busArn: bus.stored.arn,
          busName: bus.stored.name,
          name,
          account: context.account,
          region: context.region,
          isEnabled,
          eventPattern: input.EventPattern || undefined,
          scheduleExpression,
          description: input.Description,
          roleArn: input.RoleArn,
          // Tags of an existing rule change by TagResource only.
          tags: known?.tags ?? limitedTags(readTags(input.Tags), limitExceeded),
          targets: known?.targets ?? [],
          scheduledSince: known !== undefined && isSameSchedule ? known.scheduledSince : context.now,
        };
        scheduler.update(registry.putRule(bus, stored));
        return { RuleArn: stored.arn };
      },
    ),
    DeleteRule: operation(
      // Force matters for rules managed by other AWS services only.
      ['Name', 'EventBusName', 'Force'],
      (input, context) => {
        const bus = registry.get(context.account, context.region, input.EventBusName);
        const rule = bus.rules.get(input.Name ?? '');
        if (rule === undefined) return {};
        if (rule.stored.targets.length > 0) throw validation("Rule can't be deleted since it has targets.");
        scheduler.remove(rule.stored.arn);
        metrics.forget(rule.stored.arn);
        registry.deleteRule(bus, rule);
        return {};
      },
    ),
    DescribeRule: operation(['Name', 'EventBusName'], (input, context) => {
      const bus = registry.get(context.account, context.region, input.EventBusName);
      const rule = registry.getRule(bus, input.Name);
      return { ...describe(rule), CreatedBy: rule.stored.account };
    }),
    ListRules: operation(['NamePrefix', 'EventBusName', 'NextToken', 'Limit'], (input, context) => {
      const bus = registry.get(context.account, context.region, input.EventBusName);
      const rules = [...bus.rules.values()]
        .filter(({ stored }) => stored.name.startsWith(input.NamePrefix ?? ''))
        .sort((a, b) => byName(a.stored.name, b.stored.name));
      const { page, ...next } = pageOf(rules, ({ stored }) => stored.name, input.NextToken, input.Limit);
      return { Rules: page.map(describe), ...next };
    }),
    ListRuleNamesByTarget: operation(['TargetArn', 'EventBusName', 'NextToken', 'Limit'], (input, context) => {
      new Constraints().required('targetArn', input.TargetArn).check();
      const bus = registry.get(context.account, context.region, input.EventBusName);
      const names = [...bus.rules.values()]
        .filter(({ stored }) => stored.targets.some(({ arn }) => arn === input.TargetArn))
        .map(({ stored }) => stored.name)
        .sort(byName);
      const { page, ...next } = pageOf(names, (name) => name, input.NextToken, input.Limit);
      return { RuleNames: page, ...next };
    }),
    EnableRule: operation(['Name', 'EventBusName'], (input, context) => setEnabled(input, context, true)),
    DisableRule: operation(['Name', 'EventBusName'], (input, context) => setEnabled(input, context, false)),
    TestEventPattern: operation(['EventPattern', 'Event'], (input) => {
      new Constraints().required('eventPattern', input.EventPattern).required('event', input.Event).check();
      let event: unknown;
      try {
        event = parseBoundedJson(input.Event as string);
      } catch {
        throw validation('Parameter Event is not valid.');
      }
      if (typeof event !== 'object' || event === null || Array.isArray(event)) {
        throw validation('Parameter Event is not valid.');
      }
      if (EVENT_FIELDS.some((field) => !Object.hasOwn(event, field))) throw validation('Parameter Event is not valid.');
      const pattern = compileOrRefuse(input.EventPattern as string);
      return { Result: pattern.matches(event as Readonly<Record<string, unknown>>) };
    }),
  };
};
