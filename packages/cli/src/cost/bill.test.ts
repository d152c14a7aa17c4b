import { expect, it } from 'vitest';
import { billOf } from './bill.ts';

it('multiplies what is used, and not what stands there', () => {
  const { lines, dollars } = billOf({ httpApi: 1_000, dashboard: 2 }, 1_000);
  expect(lines).toMatchObject([
    { service: 'API Gateway', measured: 1_000, perMonth: 1_000_000, dollars: 1 },
    { service: 'CloudWatch', measured: 2, perMonth: 2, dollars: 6 },
  ]);
  expect(dollars).toBe(7);
});

it('names what nobody counted instead of calling it free', () => {
  const { notMeasured } = billOf({ httpApi: 0 }, 1);
  expect(notMeasured).toContain('DynamoDB: write request units, on demand');
  expect(notMeasured).not.toContain('API Gateway: requests, HTTP API');
});

it('a million invocations of half a gigabyte for a second cost what the price page says', () => {
  const { dollars } = billOf({ lambdaRequest: 1_000_000, lambdaGbSecond: 500_000 }, 1);
  expect(dollars).toBeCloseTo(0.2 + 8.333_35, 5);
});
