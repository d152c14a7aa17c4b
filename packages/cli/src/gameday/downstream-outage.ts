import { type GameDay, MINUTE_MS } from './play.ts';

/** What is behind the worker does not answer for half an hour. */
export const DOWNSTREAM_OUTAGE: GameDay = {
  name: 'downstream-outage',
  title: 'Downstream outage',
  objective: 'Manage cascading failures',
  async play(play) {
    await play.phase('Normal traffic');
    await play.send(3);
    await play.expectDrained(2);

    await play.phase('The service behind the worker does not answer');
    const putBack = await play.change(
      'failure mode slow_downstream: each call takes longer than the worker waits',
      play.lab.breakBy('slow_downstream'),
    );
    await play.send(5);
    const phases = new Set<string>();
    const isOpen = await play.until(async () => {
      phases.add(await play.watch.breaker());
      return phases.has('open');
    }, 10 * MINUTE_MS);
    play.expect('the circuit breaker opens', isOpen, [...phases].join(', '));
    await play.expectAlarms(['oldest-age', 'warning'], 15);
    const backlog = await play.watch.depth('events');
    play.expect('events wait in the queue', backlog > 0, `${backlog} messages`);
    await play.expectAlarms(['dlq-depth', 'dlq-arrivals', 'critical'], 30);
    await play.expectLetters(['TIMEOUT', 'TRANSIENT']);
    const { answers } = play.traffic;
    play.expect(
      'the API takes events all the time',
      [...answers.keys()].every((status) => status === 202),
      [...answers].map(([status, count]) => `${count} × ${status}`).join(', '),
    );

    await play.phase('The service answers again');
    await putBack();
    play.say('failure mode none');
    await play.send(3);
    const isClosed = await play.until(async () => (await play.watch.breaker()) === 'closed', 10 * MINUTE_MS);
    play.expect('a probe closes the circuit breaker', isClosed, await play.watch.breaker());
    await play.expectDrained(15);

    await play.phase('Redrive');
    await play.redrive((await play.expectLetters(['TIMEOUT', 'TRANSIENT'])).length);

    await play.phase('All clear');
    await play.expectAllClear(15);
  },
};
