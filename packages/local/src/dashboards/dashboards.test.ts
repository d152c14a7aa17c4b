import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, launchBrowser } from '../../../../scripts/browser.ts';
import { LocalEngine } from '../local-engine.ts';
import { clientOptions } from '../testing/client-options.ts';

const VENDOR = 'EcommerceProductOnboarding';

/** The retry dashboard of a runbook: three widgets without a place. */
const RETRY_DASHBOARD = {
  widgets: [
    {
      type: 'metric',
      properties: {
        metrics: [
          ['AWS/Lambda', 'Throttles', { stat: 'Sum', label: 'CSV Parser Throttles' }],
          [VENDOR, 'RetrySuccess', { stat: 'Sum' }],
          ['.', 'RetryFailed', { stat: 'Sum' }],
          ['.', 'MaxRetriesExceeded', { stat: 'Sum' }],
        ],
        period: 300,
        stat: 'Sum',
        region: 'us-east-1',
        title: 'CSV Parser Retry Metrics',
        yAxis: { left: { min: 0 } },
      },
    },
    {
      type: 'metric',
      properties: {
        metrics: [['AWS/Lambda', 'ConcurrentExecutions', { stat: 'Maximum', label: 'CSV Parser Concurrency' }]],
        period: 300,
        stat: 'Maximum',
        region: 'us-east-1',
        title: 'CSV Parser Concurrency',
        yAxis: { left: { min: 0, max: 50 } },
        annotations: { horizontal: [{ value: 50, label: 'Reserved Limit', fill: 'above' }] },
      },
    },
    {
      type: 'metric',
      properties: {
        metrics: [['AWS/SQS', 'ApproximateNumberOfMessagesVisible', { stat: 'Sum', label: 'DLQ Depth' }]],
        period: 300,
        stat: 'Sum',
        region: 'us-east-1',
        title: 'DLQ Message Count',
      },
    },
  ],
};

const metric = (properties: object, change: object = {}) => ({
  type: 'metric',
  properties: { region: 'us-east-1', metrics: [[VENDOR, 'RetrySuccess', { stat: 'Sum' }]], ...properties },
  ...change,
});

let engine: LocalEngine;
let cloudwatch: CloudWatch;
beforeAll(async () => {
  engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  cloudwatch = new CloudWatch(clientOptions(engine));
  for (const [MetricName, Value] of [
    ['RetrySuccess', 7],
    ['RetryFailed', 2],
    ['MaxRetriesExceeded', 1],
  ] as const) {
    const MetricData = [0, 10, 20].map((minutes) => ({
      MetricName,
      Value,
      Timestamp: new Date(engine.context().now - minutes * 60_000),
    }));
    await cloudwatch.putMetricData({ Namespace: VENDOR, MetricData });
  }
  await engine.advance(60_000);
  await cloudwatch.putMetricAlarm({
    AlarmName: 'given-up',
    Namespace: VENDOR,
    MetricName: 'MaxRetriesExceeded',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
  });
  await engine.advance(60_000);
  await cloudwatch.putDashboard({ DashboardName: 'retries', DashboardBody: JSON.stringify(RETRY_DASHBOARD) });
  const logs = new CloudWatchLogs(clientOptions(engine));
  await logs.createLogGroup({ logGroupName: 'shop' });
  await logs.createLogStream({ logGroupName: 'shop', logStreamName: 's' });
  await logs.putLogEvents({
    logGroupName: 'shop',
    logStreamName: 's',
    logEvents: [{ timestamp: engine.context().now, message: '{"level":"ERROR","vendor":"V7","ms":12}' }],
  });
  const AlarmArn = (await cloudwatch.describeAlarms({})).MetricAlarms?.[0]?.AlarmArn as string;
  const kinds = [
    metric({ view: 'singleValue', title: 'number' }),
    metric({ view: 'gauge', title: 'gauge', yAxis: { left: { min: 0, max: 10 } } }),
    metric({ view: 'bar', title: 'bar' }),
    metric({ view: 'pie', title: 'pie' }),
    metric({ view: 'table', title: 'table' }),
    metric({ stacked: true, title: 'area' }),
    metric({ metrics: undefined, annotations: { alarms: [AlarmArn] } }),
    { type: 'text', properties: { markdown: '# Heading\n\n<script>alert(1)</script> [x](javascript:alert(1))' } },
    { type: 'alarm', properties: { title: 'all alarms', alarms: [AlarmArn] } },
    {
      type: 'log',
      properties: {
        region: 'us-east-1',
        title: 'errors',
        query: "SOURCE 'shop' | filter level = 'ERROR' | fields vendor, ms",
      },
    },
    { type: 'custom', properties: { endpoint: 'arn:aws:lambda:us-east-1:000000000000:function:f' } },
  ];
  await cloudwatch.putDashboard({ DashboardName: 'kinds', DashboardBody: JSON.stringify({ widgets: kinds }) });
});
afterAll(() => engine.close());

interface Data {
  readonly start: number;
  readonly end: number;
  readonly widgets: readonly {
    readonly x: number;
    readonly y: number;
    readonly content: { readonly series: readonly { readonly points: readonly unknown[] }[] };
  }[];
}

const get = (path: string) => fetch(`${engine.endpoint}/_holdfast/${path}`);

describe('the data of dashboards', () => {
  it('is of the range that is asked for', async () => {
    const now = engine.context().now;
    const series = async (query: string) => {
      const { start, end, widgets } = (await (await get(`dashboards/retries/data?${query}`)).json()) as Data;
      return { range: end - start, points: widgets[0]?.content.series[1]?.points.length };
    };
    expect(await series('')).toEqual({ range: 3 * 3_600_000, points: 3 });
    expect(await series(`start=${new Date(now - 240_000).toISOString()}`)).toMatchObject({ range: 240_000, points: 1 });
    expect(await series('start=-P14D')).toMatchObject({ range: 14 * 86_400_000 });
  });

  it('stands side by side, and below once the row is full', async () => {
    const { widgets } = (await (await get('dashboards/kinds/data')).json()) as Data;
    expect(widgets.slice(0, 5).map(({ x, y }) => [x, y])).toEqual([
      [0, 0],
      [6, 0],
      [12, 0],
      [18, 0],
      [0, 6],
    ]);
  });

  it('is nowhere for what is not there, and pages allow nothing inline', async () => {
    expect((await get('dashboards/none')).status).toBe(404);
    expect((await get('dashboard-assets/other.js')).status).toBe(404);
    const page = await get('dashboards/retries');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    expect(await page.text()).not.toMatch(/<script>|style=|onload=/);
    expect(await (await get('dashboards')).text()).toContain('<a href="/_holdfast/dashboards/retries">');
  });
});

describe('pictures of widgets', () => {
  it.each(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie'])(
    'of %s are PNG files of the size asked for',
    async (view) => {
      const widget = { ...metric({ view, title: view }).properties, width: 400, height: 250 };
      const { MetricWidgetImage: image } = await cloudwatch.getMetricWidgetImage({
        MetricWidget: JSON.stringify(widget),
      });
      const bytes = Buffer.from(image as Uint8Array);
      expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([400, 250]);
      expect(bytes.length).toBeGreaterThan(3_000);
    },
  );

  it('are refused for what is no widget', async () => {
    await expect(cloudwatch.getMetricWidgetImage({ MetricWidget: '{' })).rejects.toThrow('must be valid JSON');
    await expect(cloudwatch.getMetricWidgetImage({ MetricWidget: '{"width":5000}' })).rejects.toThrow('width');
    await expect(cloudwatch.getMetricWidgetImage({ MetricWidget: '{"start":"3h"}' })).rejects.toThrow(
      'Invalid value for start in MetricWidget: 3h.',
    );
    await expect(cloudwatch.getMetricWidgetImage({ MetricWidget: '{"metrics":{}}' })).rejects.toThrow('list of lists');
  });
});

describe.skipIf(browserPath === undefined)('dashboards in a browser (needs Chromium)', () => {
  let browser: Browser;
  let page: Page;
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(engine.endpoint) && !request.url().startsWith('data:')) faults.push(request.url());
    });
  }, 60_000);
  afterAll(() => browser?.close());

  const open = async (name: string) => {
    await page.goto(`${engine.endpoint}/_holdfast/dashboards/${name}`);
    await page.waitForSelector('#widgets[data-loaded]');
  };
  /** How many of a canvas's pixels are not white. */
  const inked = (index: number) =>
    page
      .locator('figure')
      .nth(index)
      .locator('canvas')
      .evaluate((canvas) => {
        const drawing = canvas as unknown as {
          width: number;
          height: number;
          getContext(kind: string): { getImageData(...of: number[]): { data: Uint8ClampedArray } };
        };
        const { data } = drawing.getContext('2d').getImageData(0, 0, drawing.width, drawing.height);
        let count = 0;
        for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) count += 1;
        return count;
      });

  it('draw the three widgets of the runbook with their data, offline and under the strict policy', async () => {
    await open('retries');
    expect(await page.locator('figcaption').allTextContents()).toEqual([
      'CSV Parser Retry Metrics',
      'CSV Parser Concurrency',
      'DLQ Message Count',
    ]);
    const told = await page
      .locator('figure .content')
      .evaluateAll((all) => all.map((one) => (one as unknown as { ariaLabel: string | null }).ariaLabel ?? ''));
    expect(told[0]).toContain('CSV Parser Throttles');
    expect(told[0]).toContain('RetrySuccess');
    expect(await page.locator('figure').nth(0).getAttribute('data-points')).toBe('9');
    for (const index of [0, 1, 2]) expect(await inked(index)).toBeGreaterThan(500);
    expect(faults).toEqual([]);
  }, 60_000);

  it('draw every kind of widget', async () => {
    await open('kinds');
    const kinds = await page.locator('figure').evaluateAll((all) => all.map((one) => one.getAttribute('data-kind')));
    expect(kinds).toEqual([
      ...['singleValue', 'gauge', 'bar', 'pie', 'table', 'timeSeries', 'timeSeries', 'text', 'alarms', 'log', 'note'],
    ]);
    expect(await page.locator('figure[data-kind=text] h1').textContent()).toBe('Heading');
    expect(await page.locator('figure[data-kind=text] script, figure[data-kind=text] a').count()).toBe(0);
    expect(await page.locator('.alarm.ALARM strong').textContent()).toBe('given-up');
    expect(await page.locator('figure[data-kind=table] td').first().textContent()).toBe('RetrySuccess');
    expect(await page.locator('figure[data-kind=log] td').allTextContents()).toEqual(['V7', '12']);
    expect(await page.locator('figcaption').nth(6).textContent()).toBe('given-up');
    for (const index of [0, 1, 2, 3, 5, 6]) expect(await inked(index)).toBeGreaterThan(200);
    expect(faults).toEqual([]);
  }, 60_000);

  it('show another range at a click, and go on by themselves while they are live', async () => {
    await open('retries');
    const range = page.locator('output');
    await page.getByRole('button', { name: '1h', exact: true }).click();
    const now = new Date(engine.context().now).toISOString();
    await expect.poll(() => range.textContent()).toContain(now);
    await engine.advance(60_000);
    const later = new Date(engine.context().now).toISOString();
    await expect.poll(() => range.textContent(), { timeout: 20_000 }).toContain(later);
  }, 60_000);
});
