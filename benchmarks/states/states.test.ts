import { expect, it } from 'vitest';
import { measureStates, statesText } from './states.ts';

it('the benchmark of workflows runs', async () => {
  const result = await measureStates({ executions: 2, loops: 3, waiting: 5 });

  expect(result.speeds.map(({ transitionsPerSecond }) => transitionsPerSecond > 0)).toEqual([true, true, true, true]);
  expect(statesText(result)).toContain('| standard | on disk |');
});
