import type { GameDay } from './play.ts';

/** Ten times the traffic meets limits that were made for twice the normal. */
export const TRAFFIC_SPIKE: GameDay = {
  name: 'traffic-spike',
  title: 'Traffic spike',
  objective: 'Handle unexpected load',
  async play(play) {
    await play.phase('Normal traffic, tight limits');
    const perSecond = (play.perMinute * 2) / 60;
    const openDoor = await play.change(
      `the API takes ${play.perMinute * 2} requests a minute, twice the normal traffic`,
      play.lab.limitApi(perSecond, Math.max(2, Math.ceil(perSecond * 5))),
    );
    const freeWorker = await play.change('the worker has one environment', play.lab.limitFunction('worker', 1));
    await play.change('each order takes the worker two seconds', play.lab.setWorker({ PROCESS_LATENCY_MS: '2000' }));
    await play.send(3);
    await play.expectDrained(5);
    const refusedBefore = play.traffic.answers.get(429) ?? 0;
    play.expect('normal traffic fits', refusedBefore === 0, `${refusedBefore} × 429`);

    await play.phase('Ten times the traffic');
    const calm = await play.change(
      'failure mode random_fail_p30: under load, three of ten tries fail',
      play.lab.breakBy('random_fail_p30'),
    );
    await play.send(3, { times: 10 });
    const refused = (play.traffic.answers.get(429) ?? 0) - refusedBefore;
    play.expect('the API refuses what is too much, and clients come again', refused > 0, `${refused} × 429`);

    await play.phase('The door is opened');
    await openDoor();
    play.say('the API takes what the stack says');
    await play.send(3, { times: 10 });
    await play.expectAlarms(['worker-throttles', 'warning'], 15);
    const throttles = await play.total('throttles');
    play.expect('Lambda throttles the worker', throttles > 0, `${throttles} throttles`);

    await play.phase('The worker may scale');
    await freeWorker();
    await calm();
    play.say('no reserved concurrency, failure mode none: up to ten environments, as the mapping says');
    await play.send(2, { times: 10 });
    await play.expectDrained(30);
    const most = await play.peak('at once');
    play.expect('the worker scales out', most > 1, `${most} at once`);

    const letters = await play.watch.depth('events-dlq');
    if (letters > 0) {
      await play.phase('Redrive');
      await play.redrive(letters);
    }

    await play.phase('All clear');
    await play.expectAllClear(15);
  },
};
