import type { CompositeAlarm as DescribedAlarm, PutCompositeAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import type { EpochMs } from '@holdfast/kernel';
import { Constraints, type RequestContext, ServiceError } from '../../core/index.ts';
import { type AlarmFacts, type AlarmState, checkActions, type StoredAlarm, unconfigured } from './alarm.ts';
import { parseAlarmRule } from './composite-rule.ts';

/** What a composite alarm is made of, as given to PutCompositeAlarm. */
export interface CompositeConfiguration {
  readonly rule: string;
  readonly description?: string | undefined;
  readonly isActing: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  /** Name or ARN of the alarm that keeps actions back while it is in ALARM. */
  readonly suppressor?: string | undefined;
  readonly waitSeconds?: number | undefined;
  readonly extensionSeconds?: number | undefined;
}

/** Actions that are kept back: by the suppressor, or while waiting for it to come or to stay away. */
export interface Suppression {
  readonly by: 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod';
  /** When waiting ends. */
  readonly until?: EpochMs | undefined;
  /** The state that was left, for the message that may still go out. */
  readonly from: AlarmState;
}

/** A composite alarm as stored. */
export interface CompositeAlarm extends AlarmFacts {
  readonly composite: CompositeConfiguration;
  readonly suppression?: Suppression | undefined;
}

export const isComposite = (alarm: StoredAlarm | CompositeAlarm): alarm is CompositeAlarm => 'composite' in alarm;

/** Checks PutCompositeAlarm by itself and turns it into what is stored. */
export const readCompositeAlarm = (input: PutCompositeAlarmCommandInput, region: string): CompositeConfiguration => {
  new Constraints()
    .required('alarmName', input.AlarmName)
    .required('alarmRule', input.AlarmRule)
    .length('alarmName', input.AlarmName, 1, 255)
    .length('alarmRule', input.AlarmRule, 1, 10_240)
    .length('alarmDescription', input.AlarmDescription, 0, 1_024)
    .length('oKActions', input.OKActions, 0, 5)
    .length('alarmActions', input.AlarmActions, 0, 5)
    .length('insufficientDataActions', input.InsufficientDataActions, 0, 5)
    .length('actionsSuppressor', input.ActionsSuppressor, 1, 1_600)
    .range('actionsSuppressorWaitPeriod', input.ActionsSuppressorWaitPeriod, 0, Number.MAX_SAFE_INTEGER)
    .range('actionsSuppressorExtensionPeriod', input.ActionsSuppressorExtensionPeriod, 0, Number.MAX_SAFE_INTEGER)
    .check();
  checkActions(input, region);
  parseAlarmRule(input.AlarmRule as string);
  const { ActionsSuppressor: suppressor } = input;
  const { ActionsSuppressorWaitPeriod: waitSeconds, ActionsSuppressorExtensionPeriod: extensionSeconds } = input;
  if (suppressor === undefined ? (waitSeconds ?? extensionSeconds) !== undefined : waitSeconds === undefined) {
    throw new ServiceError(
      'ValidationError',
      'ActionsSuppressor, ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod must be given together.',
    );
  }
  if (suppressor !== undefined && extensionSeconds === undefined) {
    throw new ServiceError('ValidationError', 'ActionsSuppressorExtensionPeriod is required with ActionsSuppressor.');
  }
  return {
    rule: input.AlarmRule as string,
    description: input.AlarmDescription,
    isActing: input.ActionsEnabled ?? true,
    okActions: input.OKActions ?? [],
    alarmActions: input.AlarmActions ?? [],
    insufficientDataActions: input.InsufficientDataActions ?? [],
    suppressor,
    waitSeconds,
    extensionSeconds,
  };
};

/** A new composite alarm, or the same one under a new configuration. */
export const configureComposite = (
  known: CompositeAlarm | undefined,
  name: string,
  composite: CompositeConfiguration,
  tags: Readonly<Record<string, string>>,
  context: RequestContext,
): CompositeAlarm => ({
  ...(known ?? unconfigured(name, tags, context)),
  composite,
  configuredAt: context.now,
  suppression: undefined,
});

/** A composite alarm as DescribeAlarms shows it. */
export const describeComposite = (alarm: CompositeAlarm): DescribedAlarm => {
  const { composite, suppression } = alarm;
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: composite.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    AlarmRule: composite.rule,
    ActionsEnabled: composite.isActing,
    OKActions: [...composite.okActions],
    AlarmActions: [...composite.alarmActions],
    InsufficientDataActions: [...composite.insufficientDataActions],
    StateValue: alarm.state,
    StateReason: alarm.stateReason,
    StateReasonData: alarm.stateReasonData,
    StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
    StateTransitionedTimestamp: new Date(alarm.stateTransitionedAt),
    ActionsSuppressor: composite.suppressor,
    ActionsSuppressorWaitPeriod: composite.waitSeconds,
    ActionsSuppressorExtensionPeriod: composite.extensionSeconds,
    ActionsSuppressedBy: suppression?.by,
    ActionsSuppressedReason: suppression === undefined ? undefined : `Actions suppressed by ${suppression.by}`,
  };
};
