import { expect, it } from 'vitest';
import { httpApiText, measureHttpApi } from './http-api.ts';

it('the benchmark of posts runs', async () => {
  const result = await measureHttpApi(20);
  expect(result.queue.units).toBe(20);
  expect(result.function.units).toBe(20);
  expect(httpApiText(result)).toContain('| POST → SQS, durable |');
});
