import type { Page } from 'playwright-core';

/** Allows changes in a page of the console. The page asks the engine first: its box follows the answer, not the click. */
export const allowChanges = async (page: Page): Promise<void> => {
  const box = page.getByRole('checkbox', { name: /Allow changes/ });
  if (!(await box.isChecked())) await box.click();
  await page.getByText('Changes are allowed').waitFor();
};
