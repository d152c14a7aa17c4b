import type { Page } from 'playwright-core';
import { launchBrowser } from '../browser.ts';

interface View {
  readonly width: number;
  /** The whole page, however long, without one. */
  readonly height?: number;
}

const photograph = async (url: string, path: string, { width, height }: View, ready: (page: Page) => Promise<void>) => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width, height: height ?? 450 } });
    await page.goto(url);
    await ready(page);
    await page.screenshot({ path, fullPage: height === undefined });
  } finally {
    await browser.close();
  }
};

/** What stands first on a page that is whole when it has been loaded. */
export const photographPage = (url: string, path: string): Promise<void> =>
  photograph(url, path, { width: 1_200, height: 1_900 }, async () => {});

/** A dashboard of an engine. */
export const photographDashboard = (endpoint: string, name: string, path: string): Promise<void> =>
  photograph(`${endpoint}/_holdfast/dashboards/${name}`, path, { width: 1_400 }, async (page) => {
    await page.waitForSelector('#widgets[data-loaded]');
    // Charts grow into their places.
    await page.waitForTimeout(1_000);
  });
