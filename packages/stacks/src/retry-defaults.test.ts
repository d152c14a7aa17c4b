import { SCHEDULED_RETRY_DEFAULTS } from '@holdfast/constructs';
import { RETRY_DEFAULTS } from '@holdfast/functions';
import { expect, it } from 'vitest';

it('the construct and the handler that it deploys have the same defaults', () => {
  const { archivePrefix, maxRetries, parallelRetries, budgetPerSecond, budgetBurst } = SCHEDULED_RETRY_DEFAULTS;
  expect(RETRY_DEFAULTS).toEqual({
    archivePrefix,
    maxRetries,
    concurrency: parallelRetries,
    budgetPerSecond,
    budgetBurst,
  });
});
