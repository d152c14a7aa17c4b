import { parseArn } from '@holdfast/aws-model';
import type { EpochMs, Timer } from '@holdfast/kernel';
import type { DeliveryResult, ServiceEnvironment } from '../../core/index.ts';
import { type AlarmState, alarmArnOf } from './alarm.ts';
import { configurationChangeDetail, functionEvent, stateChangeDetail } from './alarm-events.ts';
import { type AlarmBefore, configurationOf, longTime, mailText, subjectOf, topicMessage } from './alarm-messages.ts';
import type { AlarmRegistry, AnyAlarm } from './alarm-registry.ts';
import { type CompositeAlarm, isComposite, type Suppression } from './composite-alarm.ts';
import { alarmsIn, parseAlarmRule, ruleHolds } from './composite-rule.ts';
import { javaTimestamp } from './java-json.ts';

const add = (index: Map<string, Set<string>>, key: string, value: string): void => {
  const values = index.get(key) ?? new Set();
  values.add(value);
  index.set(key, values);
};

/**
 * Gives alarms their states and does what follows of it: history, the event on the default bus, actions, and the
 * composite alarms above.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-suppression.html
 */
export class AlarmTransitions {
  readonly #environment: ServiceEnvironment;
  readonly #registry: AlarmRegistry;
  /** Composite alarms by the alarms in their rules, and by their suppressors. */
  readonly #parents = new Map<string, Set<string>>();
  readonly #suppressed = new Map<string, Set<string>>();
  readonly #waits = new Map<string, Timer>();
  /** Composite alarms under evaluation: one that comes round to itself is left alone. */
  readonly #path = new Set<string>();

  constructor(environment: ServiceEnvironment, registry: AlarmRegistry) {
    this.#environment = environment;
    this.#registry = registry;
  }

  start(): void {
    for (const alarm of this.#registry.all()) {
      if (!isComposite(alarm)) continue;
      this.#link(alarm);
      if (alarm.suppression?.until !== undefined) this.#wait(alarm, alarm.suppression.until);
    }
  }

  /** Puts an alarm into a state; nothing but the reason changes when it is there already. */
  change(alarm: AnyAlarm, state: AlarmState, reason: string, data: string | undefined, now: EpochMs): void {
    const changed = this.#registry.setState(alarm, state, reason, data, now);
    if (state === alarm.state) return;
    if (isComposite(changed)) this.#actUnlessSuppressed(changed, alarm, now);
    else {
      this.#announce(changed, alarm);
      this.#act(changed, alarm, now);
    }
    this.#tellAbove(this.#registry.get(alarm.arn) ?? changed, alarm.state, now);
  }

  /** Says on the default bus that an alarm was made, changed or deleted. */
  configured(alarm: AnyAlarm, operation: 'create' | 'update' | 'delete', previous?: AnyAlarm): void {
    this.#publish(
      alarm,
      'CloudWatch Alarm Configuration Change',
      configurationChangeDetail(alarm, operation, previous, this.#environment.digest),
    );
  }

  /** Evaluates a composite alarm that was just put, and from now on whenever an alarm of its rule changes. */
  follow(alarm: CompositeAlarm, verb: 'created' | 'updated', now: EpochMs): void {
    this.forget(alarm.arn);
    this.#link(alarm);
    this.#evaluate(alarm, now, (state) => ({
      text: `${alarm.arn} was ${verb} and its alarm rule evaluates to ${state}`,
      triggering: alarmsIn(parseAlarmRule(alarm.composite.rule)).flatMap((name) => this.resolve(alarm, name) ?? []),
    }));
  }

  forget(arn: string): void {
    this.#waits.get(arn)?.cancel();
    this.#waits.delete(arn);
    for (const index of [this.#parents, this.#suppressed]) {
      for (const [key, arns] of index) if (arns.delete(arn) && arns.size === 0) index.delete(key);
    }
  }

  /** Composite alarms whose rule or suppressor names this alarm. */
  above(arn: string): readonly string[] {
    return [...new Set([...(this.#parents.get(arn) ?? []), ...(this.#suppressed.get(arn) ?? [])])];
  }

  /** An alarm by the name or ARN that a composite alarm gives. */
  resolve(of: { readonly account: string; readonly region: string }, name: string): AnyAlarm | undefined {
    return this.#registry.get(name.startsWith('arn:') ? name : alarmArnOf(of.account, of.region, name));
  }

  #link(alarm: CompositeAlarm): void {
    for (const name of alarmsIn(parseAlarmRule(alarm.composite.rule))) {
      add(this.#parents, this.resolve(alarm, name)?.arn ?? name, alarm.arn);
    }
    const { suppressor } = alarm.composite;
    if (suppressor !== undefined) add(this.#suppressed, this.resolve(alarm, suppressor)?.arn ?? suppressor, alarm.arn);
  }

  #tellAbove(changed: AnyAlarm, oldState: AlarmState, now: EpochMs): void {
    for (const arn of this.#suppressed.get(changed.arn) ?? []) this.#suppressorChanged(arn, changed, oldState, now);
    for (const arn of this.#parents.get(changed.arn) ?? []) {
      const parent = this.#registry.get(arn);
      if (parent === undefined || !isComposite(parent)) continue;
      this.#evaluate(parent, now, () => ({
        text: `${changed.arn} transitioned to ${changed.state} at ${longTime(now)}`,
        triggering: [changed],
      }));
    }
  }

  #evaluate(
    alarm: CompositeAlarm,
    now: EpochMs,
    reason: (state: AlarmState) => { readonly text: string; readonly triggering: readonly AnyAlarm[] },
  ): void {
    if (this.#path.has(alarm.arn)) return;
    const holds = ruleHolds(parseAlarmRule(alarm.composite.rule), (name) => this.resolve(alarm, name)?.state);
    const state = holds ? 'ALARM' : 'OK';
    if (state === alarm.state) return;
    const { text, triggering } = reason(state);
    const data = JSON.stringify({
      triggeringAlarms: triggering.map((child) => ({
        arn: child.arn,
        state: { value: child.state, timestamp: javaTimestamp(child.stateUpdatedAt) },
      })),
    });
    this.#path.add(alarm.arn);
    try {
      this.change(alarm, state, text, data, now);
    } finally {
      this.#path.delete(alarm.arn);
    }
  }

  #suppressorOf(alarm: CompositeAlarm): AnyAlarm | undefined {
    const { suppressor } = alarm.composite;
    return suppressor === undefined ? undefined : this.resolve(alarm, suppressor);
  }

  #actUnlessSuppressed(alarm: CompositeAlarm, before: AnyAlarm, now: EpochMs): void {
    const { waitSeconds = 0 } = alarm.composite;
    const suppressor = this.#suppressorOf(alarm);
    const running = alarm.suppression;
    if (suppressor?.state === 'ALARM') {
      this.#suppress(alarm, { by: 'Alarm', from: running?.from ?? before.state });
    } else if (running !== undefined) {
      // Back in the state that was last acted upon: there is nothing left to say.
      this.#suppress(alarm, running.from === alarm.state ? undefined : running);
    } else if (suppressor !== undefined && waitSeconds > 0 && alarm.state === 'ALARM') {
      this.#suppress(alarm, { by: 'WaitPeriod', until: now + waitSeconds * 1_000, from: before.state });
    }
    const current = this.#registry.get(alarm.arn) as CompositeAlarm;
    this.#announce(current, before);
    if (running === undefined && current.suppression === undefined) this.#act(current, before, now);
  }

  #suppressorChanged(arn: string, suppressor: AnyAlarm, oldState: AlarmState, now: EpochMs): void {
    const alarm = this.#registry.get(arn);
    if (alarm === undefined || !isComposite(alarm) || alarm.suppression === undefined) return;
    if (suppressor.state === 'ALARM') this.#suppress(alarm, { by: 'Alarm', from: alarm.suppression.from });
    else if (oldState === 'ALARM') {
      const until = now + (alarm.composite.extensionSeconds ?? 0) * 1_000;
      if (alarm.suppression.from === alarm.state) this.#suppress(alarm, undefined);
      else this.#suppress(alarm, { by: 'ExtensionPeriod', until, from: alarm.suppression.from });
    }
  }

  #suppress(alarm: CompositeAlarm, suppression: Suppression | undefined): void {
    if (alarm.suppression !== suppression) this.#registry.put({ ...alarm, suppression });
    this.#waits.get(alarm.arn)?.cancel();
    this.#waits.delete(alarm.arn);
    if (suppression?.until !== undefined) this.#wait(alarm, suppression.until);
  }

  #wait(alarm: CompositeAlarm, until: EpochMs): void {
    const timer = this.#environment.timers.schedule(until, (now) => {
      this.#waits.delete(alarm.arn);
      const current = this.#registry.get(alarm.arn);
      if (current === undefined || !isComposite(current) || current.suppression === undefined) return;
      const { from } = current.suppression;
      const free: CompositeAlarm = { ...current, suppression: undefined };
      this.#registry.put(free);
      this.#act(free, { ...current, state: from }, now);
    });
    this.#waits.set(alarm.arn, timer);
  }

  #announce(alarm: AnyAlarm, before: AlarmBefore): void {
    this.#publish(alarm, 'CloudWatch Alarm State Change', stateChangeDetail(alarm, before, this.#environment.digest));
  }

  #publish(alarm: AnyAlarm, detailType: string, detail: Record<string, unknown>): void {
    const { account, region } = alarm;
    this.#environment.deliver.to(
      'bus',
      'default',
      { source: 'aws.cloudwatch', detailType, detail, resources: [alarm.arn], account, region },
      { principal: 'cloudwatch.amazonaws.com', sourceArn: alarm.arn, sourceAccount: account },
    );
  }

  #act(alarm: AnyAlarm, before: AlarmBefore, now: EpochMs): void {
    const { isActing, okActions, alarmActions, insufficientDataActions } = configurationOf(alarm);
    if (!isActing) return;
    const actions = { OK: okActions, ALARM: alarmActions, INSUFFICIENT_DATA: insufficientDataActions }[alarm.state];
    for (const action of actions) {
      const message = topicMessage(alarm, before);
      const result = this.#perform(action, alarm, before, message);
      const summary = result.ok ? 'Successfully executed' : 'Failed to execute';
      this.#registry.record(alarm, 'Action', `${summary} action ${action}`, now, {
        actionState: result.ok ? 'Succeeded' : 'Failed',
        stateUpdateTimestamp: alarm.stateUpdatedAt,
        notificationResource: action,
        publishedMessage: message,
        error: result.ok ? null : result.error.message,
      });
    }
  }

  #perform(action: string, alarm: AnyAlarm, before: AlarmBefore, message: string): DeliveryResult {
    const { deliver, digest } = this.#environment;
    const source = { sourceArn: alarm.arn, sourceAccount: alarm.account };
    if (parseArn(action)?.service === 'lambda') {
      return deliver.to('function', action, functionEvent(alarm, before, digest), {
        principal: 'lambda.alarms.cloudwatch.amazonaws.com',
        ...source,
      });
    }
    return deliver.to(
      'topic',
      action,
      {
        message: JSON.stringify({ default: message, email: mailText(alarm, before) }),
        isPerProtocol: true,
        subject: subjectOf(alarm),
      },
      { principal: 'cloudwatch.amazonaws.com', ...source },
    );
  }
}
