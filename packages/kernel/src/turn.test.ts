import { expect, it } from 'vitest';
import { Turn } from './turn.ts';

it('works at once when nobody else does, and otherwise in the order of arrival', async () => {
  const turn = new Turn();
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} begins`);
    await Promise.resolve();
    order.push(`${name} ends`);
  };
  const first = turn.take(work('first'));
  expect(order).toEqual(['first begins']);
  await Promise.all([first, turn.take(work('second')), turn.take(work('third'))]);
  expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends', 'third begins', 'third ends']);
});

it('goes on after work that failed, of which only its own caller hears', async () => {
  const turn = new Turn();
  const failing = turn.take(() => Promise.reject(new Error('no')));
  const next = turn.take(async () => 'done');
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('done');
});

it('is over when nobody waits any more', async () => {
  const turn = new Turn();
  expect(turn.over).toBeUndefined();
  let count = 0;
  const work = async () => {
    count += 1;
  };
  void turn.take(work);
  void turn.take(work);
  await turn.over;
  expect(count).toBe(2);
  await Promise.resolve();
  expect(turn.over).toBeUndefined();
});
