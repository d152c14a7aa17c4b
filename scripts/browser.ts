import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** The Chromium of this machine: named by `CHROMIUM_PATH`, or where systems keep it. */
export const browserPath = [
  process.env['CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path): path is string => path !== undefined && existsSync(path));

/** @throws Error where there is none; tests skip by {@link browserPath} */
export const launchBrowser = (): Promise<Browser> => {
  if (browserPath === undefined) throw new Error('no Chromium: install it, or name it by CHROMIUM_PATH');
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] });
};
