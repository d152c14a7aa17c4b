import { expect, it } from 'vitest';
import { besideText, measureBeside } from '../src/beside.ts';
import { serverKinds } from '../src/servers.ts';
import { besideQuestions, eventsText, measureEvents } from './events.ts';

it('the benchmark of rules runs', async () => {
  const result = await measureEvents(20);
  expect(result.rows.flatMap(({ perSecond }) => perSecond).every((each) => each > 0)).toBe(true);
  expect(eventsText(result)).toContain('| a source each |');

  const kinds = serverKinds({});
  const beside = await measureBeside(kinds, besideQuestions.slice(0, 1), { rounds: 1, stretchMs: 100, warmUpMs: 10 });
  expect(besideText(beside)).toContain('| events per second into a queue, 1 rule |');
});
