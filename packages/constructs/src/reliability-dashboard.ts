import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ReliabilityAlarms } from './reliability-alarms.ts';

/** One graph of a {@link ReliabilityDashboard}. */
export interface ReliabilityGraph {
  readonly title: string;
  readonly left: readonly cloudwatch.IMetric[];
  readonly right?: readonly cloudwatch.IMetric[];
  /** Drawn as a line; the scale ends there. */
  readonly limit?: { readonly value: number; readonly label: string } | undefined;
  /** @default - that of each metric */
  readonly statistic?: string;
}

/** What a {@link ReliabilityDashboard} is made from. */
export interface ReliabilityDashboardProps {
  readonly dashboardName: string;
  /** Row by row; the graphs of a row share its width. */
  readonly rows: readonly (readonly ReliabilityGraph[])[];
  /** Below the graphs: which of them ring. */
  readonly alarms?: ReliabilityAlarms;
  /** @default Duration.minutes(1) */
  readonly period?: Duration;
}

/** What a {@link ReliabilityDashboard} gets when its props leave it out. */
export const RELIABILITY_DASHBOARD_DEFAULTS = { period: Duration.minutes(1) } as const;

/** CloudWatch's grid. */
const COLUMNS = 24;

/** So many alarms stand side by side; a row of them is about a unit of the grid, as is the title. */
const ALARMS_A_ROW = 4;
const alarmsHeight = (count: number): number => 1 + Math.max(2, Math.ceil(count / ALARMS_A_ROW));

/**
 * What comes in, what is tried, what is given up and which alarms ring, on one page.
 *
 * @example
 * ```ts
 * new ReliabilityDashboard(stack, 'Dashboard', {
 *   dashboardName: 'Orders',
 *   rows: [[{ title: 'Given up', left: [watch.deadLetters(orders.deadLetterQueue).metric] }]],
 *   alarms,
 * });
 * ```
 */
export class ReliabilityDashboard extends Construct {
  readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: ReliabilityDashboardProps) {
    super(scope, id);
    const period = props.period ?? RELIABILITY_DASHBOARD_DEFAULTS.period;
    const alarms = Object.values(props.alarms?.alarms ?? {});
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName,
      widgets: [
        ...props.rows.map((row) => row.map((graph) => widgetOf(graph, Math.floor(COLUMNS / row.length), period))),
        ...(alarms.length === 0
          ? []
          : [
              [
                new cloudwatch.AlarmStatusWidget({
                  title: 'Alarms',
                  width: COLUMNS,
                  height: alarmsHeight(alarms.length),
                  alarms,
                }),
              ],
            ]),
      ],
    });
  }
}

const widgetOf = (graph: ReliabilityGraph, width: number, period: Duration): cloudwatch.GraphWidget => {
  const { limit, statistic } = graph;
  return new cloudwatch.GraphWidget({
    title: graph.title,
    width,
    period,
    ...(statistic === undefined ? {} : { statistic }),
    left: [...graph.left],
    right: [...(graph.right ?? [])],
    leftYAxis: { min: 0, ...(limit === undefined ? {} : { max: limit.value }) },
    leftAnnotations: limit === undefined ? [] : [{ ...limit, fill: cloudwatch.Shading.ABOVE }],
  });
};
