import { expect, it } from 'vitest';
import { onDemand } from './on-demand.ts';

it('is made by the first who asks, once', () => {
  let made = 0;
  const value = onDemand(() => ({ number: ++made }));
  expect(made).toBe(0);
  expect([value(), value()]).toEqual([{ number: 1 }, { number: 1 }]);
  expect(value()).toBe(value());
});
