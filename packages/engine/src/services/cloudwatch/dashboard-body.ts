import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch';

const WIDGETS_MAX = 500;
const METRICS_PER_WIDGET_MAX = 500;
const METRICS_PER_DASHBOARD_MAX = 2_500;
const TYPES = ['metric', 'text', 'log', 'alarm', 'explorer', 'custom', 'trace', 'chart'];
const VIEWS = ['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'];

/** What is wrong with a dashboard's body: errors keep it from being stored, warnings do not. */
export interface DashboardFindings {
  readonly errors: DashboardValidationMessage[];
  readonly warnings: DashboardValidationMessage[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Findings implements DashboardFindings {
  readonly errors: DashboardValidationMessage[] = [];
  readonly warnings: DashboardValidationMessage[] = [];

  error(DataPath: string, Message: string): void {
    this.errors.push({ DataPath, Message });
  }

  warn(DataPath: string, Message: string): void {
    this.warnings.push({ DataPath, Message });
  }

  whole(widget: Record<string, unknown>, name: string, path: string, min: number, max: number): void {
    const value = widget[name];
    if (value === undefined) return;
    if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
      this.error(`${path}/${name}`, `Should be an integer between ${min} and ${max}`);
    }
  }
}

/** A row of `metrics`: texts (namespace, name, dimension pairs; `.` and `...` repeat) and options at its end. */
const checkMetricRow = (row: unknown, path: string, findings: Findings): void => {
  if (!Array.isArray(row) || row.length === 0) {
    findings.error(path, 'Should be an array');
    return;
  }
  const hasOptions = isObject(row.at(-1));
  const texts = hasOptions ? row.slice(0, -1) : row;
  if (hasOptions && texts.length === 0) {
    if ((row.at(-1) as Record<string, unknown>)['expression'] === undefined) {
      findings.error(path, 'Should have an expression or a metric');
    }
    return;
  }
  if (!texts.every((text) => typeof text === 'string')) findings.error(path, 'Invalid metric field type');
  else if (texts.length < 2 && texts[0] !== '...') findings.error(path, 'Should have a namespace and a metric name');
  else if (!texts.includes('...') && texts.length % 2 !== 0)
    findings.error(path, 'Should have a value for every dimension');
};

const checkMetricWidget = (properties: Record<string, unknown>, path: string, findings: Findings): number => {
  const { metrics, annotations, view, period, region } = properties;
  const hasAlarm = isObject(annotations) && Array.isArray(annotations['alarms']);
  if (metrics === undefined && !hasAlarm) {
    findings.error(path, 'Should have at least one of the properties metrics, annotations.alarms');
  }
  if (region === undefined) findings.error(path, "Should have required property 'region'");
  if (view !== undefined && !VIEWS.includes(view as string)) {
    findings.error(`${path}/view`, `Should be one of ${VIEWS.join(', ')}`);
  }
  if (period !== undefined && (!Number.isInteger(period) || (period as number) <= 0)) {
    findings.error(`${path}/period`, 'Should be a positive integer');
  }
  if (metrics === undefined) return 0;
  if (!Array.isArray(metrics)) {
    findings.error(`${path}/metrics`, 'Should be an array');
    return 0;
  }
  if (metrics.length > METRICS_PER_WIDGET_MAX) {
    findings.error(`${path}/metrics`, `Should not have more than ${METRICS_PER_WIDGET_MAX} metrics`);
  }
  metrics.forEach((row, index) => {
    checkMetricRow(row, `${path}/metrics/${index}`, findings);
  });
  return metrics.length;
};

const checkWidget = (widget: unknown, path: string, findings: Findings): number => {
  if (!isObject(widget)) {
    findings.error(path, 'Should be an object');
    return 0;
  }
  const { type, properties } = widget;
  if (type === undefined) findings.error(path, "Should have required property 'type'");
  else if (!TYPES.includes(type as string)) findings.error(`${path}/type`, `Should be one of ${TYPES.join(', ')}`);
  findings.whole(widget, 'x', path, 0, 23);
  findings.whole(widget, 'y', path, 0, Number.MAX_SAFE_INTEGER);
  findings.whole(widget, 'width', path, 1, 24);
  findings.whole(widget, 'height', path, 1, 1_000);
  if (!isObject(properties)) {
    findings.error(path, "Should have required property 'properties'");
    return 0;
  }
  if (type === 'metric') return checkMetricWidget(properties, `${path}/properties`, findings);
  const needed = { text: 'markdown', log: 'query', alarm: 'alarms', custom: 'endpoint' }[type as string];
  if (needed !== undefined && properties[needed] === undefined) {
    findings.error(`${path}/properties`, `Should have required property '${needed}'`);
  }
  return 0;
};

/**
 * Checks a dashboard's body about as CloudWatch does: structure, places and sizes, metric rows. Unknown properties
 * only warn.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export const checkDashboardBody = (text: string): DashboardFindings => {
  const findings = new Findings();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    findings.error('/', 'The field DashboardBody must be a valid JSON object');
    return findings;
  }
  if (!isObject(body)) {
    findings.error('/', 'The field DashboardBody must be a valid JSON object');
    return findings;
  }
  const known = ['widgets', 'start', 'end', 'periodOverride', 'variables'];
  for (const name of Object.keys(body)) {
    if (!known.includes(name)) findings.warn(`/${name}`, 'Unknown property');
  }
  if (body['periodOverride'] !== undefined && !['auto', 'inherit'].includes(body['periodOverride'] as string)) {
    findings.error('/periodOverride', 'Should be one of auto, inherit');
  }
  if (!Array.isArray(body['widgets'])) {
    findings.error('/', "Should have required property 'widgets'");
    return findings;
  }
  if (body['widgets'].length > WIDGETS_MAX) {
    findings.error('/widgets', `Should not have more than ${WIDGETS_MAX} widgets`);
  }
  const metrics = body['widgets'].reduce(
    (sum: number, widget, index) => sum + checkWidget(widget, `/widgets/${index}`, findings),
    0,
  );
  if (metrics > METRICS_PER_DASHBOARD_MAX) {
    findings.error('/widgets', `Should not have more than ${METRICS_PER_DASHBOARD_MAX} metrics in all`);
  }
  return findings;
};
