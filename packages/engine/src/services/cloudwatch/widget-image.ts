import type { GetMetricWidgetImageCommandInput, GetMetricWidgetImageCommandOutput } from '@aws-sdk/client-cloudwatch';
import { notSupported, type RequestContext, type Result, type ServiceEnvironment } from '../../core/index.ts';
import { invalidValue, missingParameter } from './validation.ts';
import { chartView, readInstant, type WidgetSources } from './widget-view.ts';

const DEFAULT_RANGE_MS = 3 * 3_600_000;
const DEFAULT_WIDTH = 600;
const DEFAULT_HEIGHT = 400;
const SIDE_MAX = 2_000;

const sideOf = (given: unknown, fallback: number, name: string): number => {
  if (given === undefined) return fallback;
  if (typeof given === 'number' && given >= 1 && given <= SIDE_MAX) return Math.round(given);
  throw invalidValue(
    `Invalid value for ${name} in MetricWidget: ${String(given)}. It must be between 1 and ${SIDE_MAX}.`,
  );
};

/**
 * GetMetricWidgetImage: a metric widget as a picture.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html
 */
export const getMetricWidgetImage = async (
  environment: ServiceEnvironment,
  sources: WidgetSources,
  input: GetMetricWidgetImageCommandInput,
  context: RequestContext,
): Promise<Result<GetMetricWidgetImageCommandOutput>> => {
  const { MetricWidget: source, OutputFormat: format = 'png' } = input;
  if (source === undefined) throw missingParameter('MetricWidget');
  if (format !== 'png') throw notSupported(`GetMetricWidgetImage with the format ${format}`);
  if (environment.charts === undefined) throw notSupported('GetMetricWidgetImage without a painter');
  let widget: unknown;
  try {
    widget = JSON.parse(source);
  } catch {
    throw invalidValue('The MetricWidget parameter must be valid JSON.');
  }
  if (typeof widget !== 'object' || widget === null || Array.isArray(widget)) {
    throw invalidValue('The MetricWidget parameter must be a JSON object.');
  }
  const properties = widget as Record<string, unknown>;
  const width = sideOf(properties['width'], DEFAULT_WIDTH, 'width');
  const height = sideOf(properties['height'], DEFAULT_HEIGHT, 'height');
  const instant = (name: string): number | undefined => {
    const given = properties[name];
    if (given === undefined || given === '') return undefined;
    const at = typeof given === 'string' ? readInstant(given, context.now) : undefined;
    if (at !== undefined) return at;
    throw invalidValue(
      `Invalid value for ${name} in MetricWidget: ${String(given)}. It must be an instant, such as 2026-01-31T12:00:00Z, or a duration back from now, such as -PT3H.`,
    );
  };
  const { metrics } = properties;
  if (metrics !== undefined && !Array.isArray(metrics)) {
    throw invalidValue('Invalid value for metrics in MetricWidget: it must be a list of lists.');
  }
  const end = instant('end') ?? context.now;
  const start = instant('start') ?? end - DEFAULT_RANGE_MS;
  if (start >= end) throw invalidValue('The start of the MetricWidget must be before its end.');
  const view = chartView(properties, { start, end }, sources, context);
  return { MetricWidgetImage: await environment.charts.paint(view, width, height) };
};
