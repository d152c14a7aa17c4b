import { Names } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { InvalidPropError, warn } from './prop-rules.ts';
import { type AlarmLevel, WATCHED_METRIC_DEFAULTS, type WatchedMetric } from './watched-metric.ts';

/** What {@link ReliabilityAlarms} are made from. */
export interface ReliabilityAlarmsProps {
  /** Hears of alarms. */
  readonly alerts: sns.ITopic;
  /** What is watched, by the id of its alarm; `watch` has the usual ones. */
  readonly watched: Readonly<Record<string, WatchedMetric>>;
  /**
   * Names of an alarm above all of a level: people then hear of that one, once for each incident.
   * @default - people hear of each alarm
   */
  readonly anyOf?: Readonly<Partial<Record<AlarmLevel, string>>>;
}

const PUBLISHER = 'cloudwatch.amazonaws.com';

/**
 * Tells people that events are stuck, given up or refused, before any is lost.
 *
 * Missing data counts as good: these metrics are silent when nothing happens, and the default would show
 * INSUFFICIENT_DATA between events. The topic lets its alarms publish, and its key, if it has one.
 *
 * @example
 * ```ts
 * new ReliabilityAlarms(stack, 'Alarms', {
 *   alerts: topic,
 *   watched: { DeadLetters: watch.deadLetters(orders.deadLetterQueue), Errors: watch.errors(booking) },
 * });
 * ```
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export class ReliabilityAlarms extends Construct {
  /** By the ids of `watched`. */
  readonly alarms: Readonly<Record<string, cloudwatch.Alarm>>;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: ReliabilityAlarmsProps) {
    super(scope, id);
    const watched = Object.entries(props.watched);
    if (watched.length === 0) throw new InvalidPropError('watched', '{}', 'must name something to watch');
    const alarms = watched.map(([name, each]) => [name, this.#alarm(name, each)] as const);
    this.alarms = Object.fromEntries(alarms);
    const heard: cloudwatch.AlarmBase[] = [];
    for (const level of ['critical', 'warning'] as const) {
      const ofLevel = watched
        .filter(([, each]) => (each.level ?? WATCHED_METRIC_DEFAULTS.level) === level)
        .flatMap(([name]) => this.alarms[name] ?? []);
      const compositeAlarmName = props.anyOf?.[level];
      if (compositeAlarmName === undefined || ofLevel.length === 0) heard.push(...ofLevel);
      else heard.push(this.#anyOf(level, compositeAlarmName, ofLevel));
    }
    for (const alarm of heard) alarm.addAlarmAction(new actions.SnsAction(props.alerts));
    this.#letPublish(props.alerts, heard);
  }

  #alarm(id: string, watched: WatchedMetric): cloudwatch.Alarm {
    return new cloudwatch.Alarm(this, id, {
      ...(watched.alarmName === undefined ? {} : { alarmName: watched.alarmName }),
      alarmDescription: watched.description,
      metric: watched.metric,
      threshold: watched.threshold ?? WATCHED_METRIC_DEFAULTS.threshold,
      comparisonOperator: watched.comparison ?? WATCHED_METRIC_DEFAULTS.comparison,
      evaluationPeriods: watched.periods ?? WATCHED_METRIC_DEFAULTS.periods,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
  }

  #anyOf(
    level: AlarmLevel,
    compositeAlarmName: string,
    alarms: readonly cloudwatch.IAlarm[],
  ): cloudwatch.CompositeAlarm {
    return new cloudwatch.CompositeAlarm(this, `Any-${level}`, {
      compositeAlarmName,
      alarmDescription: `Some ${level} alarm: ${alarms.length} are watched`,
      alarmRule: cloudwatch.AlarmRule.anyOf(...alarms),
    });
  }

  #letPublish(alerts: sns.ITopic, alarms: readonly cloudwatch.AlarmBase[]): void {
    const principal = new iam.ServicePrincipal(PUBLISHER);
    // A topic with a policy of its own (enforced TLS) no longer has the default one that lets alarms publish.
    const { statementAdded } = alerts.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: `${Names.uniqueId(this)}MayPublish`,
        principals: [principal],
        actions: ['sns:Publish'],
        resources: [alerts.topicArn],
        conditions: { ArnEquals: { 'aws:SourceArn': alarms.map(({ alarmArn }) => alarmArn) } },
      }),
    );
    alerts.masterKey?.grant(principal, 'kms:Decrypt', 'kms:GenerateDataKey*');
    if (!statementAdded) {
      warn(this, [
        {
          id: 'alerts',
          message: `alerts: the topic is not made here, so its policy stays as it is: nobody hears of these alarms unless it lets ${PUBLISHER} publish`,
        },
      ]);
    }
  }
}
