/**
 * `npm run pictures:game-days`: plays each game day in virtual time, one after another on one engine, and writes reports and pictures of
 * reports and of the dashboard into docs/ops/reports. Needs a build and Chromium (`CHROMIUM_PATH`).
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { clientOf, clock, holdfast, ROOT, withEngine } from './drill.ts';
import { photographDashboard, photographPage } from './photograph.ts';

const REPORTS = join(ROOT, 'docs', 'ops', 'reports');
const DASHBOARD = 'IngestionLab-dev';
/** Orders a minute on a normal day; as many as make curves. */
const PER_MINUTE = '12';

/** The dashboard as it is, for the time of a game day. */
const putWindow = async (endpoint: string, name: string, start: string, end: string): Promise<void> => {
  const cloudwatch = new CloudWatch(clientOf(endpoint));
  const { DashboardBody = '{}' } = await cloudwatch.getDashboard({ DashboardName: DASHBOARD });
  await cloudwatch.putDashboard({
    DashboardName: name,
    DashboardBody: JSON.stringify({ ...JSON.parse(DashboardBody), start, end }),
  });
};

await withEngine(['--stack', 'IngestionLab', '--seed', '1'], async (endpoint, dataDir) => {
  const env = { ...process.env, HOLDFAST_DATA_DIR: dataDir };
  for (const { name } of JSON.parse(await holdfast(['gameday', 'ls', '--json'])) as { name: string }[]) {
    const directory = join(REPORTS, name);
    mkdirSync(directory, { recursive: true });
    const began = (await clock(endpoint)).now;
    const words = ['--virtual', '--per-minute', PER_MINUTE, '--report', directory, '--endpoint-url', endpoint];
    process.stdout.write(await holdfast(['gameday', name, ...words], env));
    await putWindow(endpoint, name, began, (await clock(endpoint)).now);
    await photographDashboard(endpoint, name, join(directory, 'dashboard.png'));
    await photographPage(pathToFileURL(join(directory, 'report.html')).href, join(directory, 'report.png'));
    // What Markdown and pictures have already said, and every point of it.
    for (const file of ['report.html', 'report.json']) rmSync(join(directory, file));
    await clock(endpoint, { advance: 'PT30M' });
  }
});
