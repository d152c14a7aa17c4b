import type { GameDay } from './play.ts';

/** Version 2 of the orders is there, and somebody deploys a worker that takes nothing else. */
export const SCHEMA_EVOLUTION: GameDay = {
  name: 'schema-evolution',
  title: 'Schema evolution',
  objective: 'Handle breaking schema changes gracefully',
  async play(play) {
    await play.phase('Normal traffic');
    await play.send(3);
    await play.expectDrained(2);

    await play.phase('A worker with stricter rules is deployed');
    const before = new Set(play.traffic.accepted.keys());
    const putBack = await play.change(
      'the worker takes version 2 alone; clients go on sending both',
      play.lab.setWorker({ SCHEMA_VERSIONS: '2' }),
    );
    await play.send(3);
    await play.expectAlarms(['dlq-depth', 'dlq-arrivals', 'critical'], 5);
    await play.expectDrained(5);
    const letters = await play.expectLetters(['VALIDATION']);
    const aside = new Set(letters.map(({ eventId }) => eventId));
    const { accepted } = play.traffic;
    const refused = [...accepted].flatMap(([id, version]) => (version === 1 && !before.has(id) ? [id] : []));
    play.expect(
      'orders of version 1 are put aside, all of them and no others',
      refused.every((id) => aside.has(id)) && [...aside].every((id) => accepted.get(id) === 1),
      `${letters.length} letters of ${aside.size} orders`,
    );
    const breaker = await play.watch.breaker();
    play.expect('the breaker stays closed: the service behind it is well', breaker === 'closed', breaker);

    await play.phase('Backward compatibility');
    await putBack();
    play.say('the worker takes both versions again');
    await play.pass(30_000);
    await play.send(2);
    await play.expectDrained(2);
    const later = await play.watch.depth('events-dlq');
    play.expect('no more dead letters', later === letters.length, `${later - letters.length} more`);

    await play.phase('Redrive');
    await play.redrive(letters.length);

    await play.phase('All clear');
    await play.expectAllClear(15);
  },
};
