import { expect, it } from 'vitest';
import { measureFootprint } from './footprint.ts';
import { footprintText } from './report.ts';

it('the footprint can be measured, and survives a restart', async () => {
  const stock = { messages: 500, bodyBytes: 256 };
  const plan = { stocks: [stock], fillMs: 10_000, idle: { queues: 20, forMs: 50 } };
  const result = await measureFootprint(plan, [], () => {});

  expect([...result.stocks.keys()]).toEqual(['holdfast, memory', 'holdfast, durable']);
  for (const [cost] of result.stocks.values()) expect(cost).toMatchObject({ stored: 500 });
  expect(result.restarts).toMatchObject([{ stock, restart: { untilHealthyMs: expect.any(Number) } }]);
  for (const states of result.idle.values()) {
    expect(states.map(({ name }) => name)).toEqual([
      'nothing',
      '20 queues',
      '… 5 of them with a mapping',
      '… and 5 with a receive that waits',
    ]);
  }
  expect(footprintText(result)).toContain('| holdfast, durable, 500 × 256 bytes | 500 |');
});
