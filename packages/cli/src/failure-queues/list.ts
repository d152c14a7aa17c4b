import { formatDuration } from '@holdfast/kernel';
import { EXIT } from '../exit-code.ts';
import { note, print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';
import { findFailureQueues } from './find-queues.ts';
import { inFlightText } from './in-flight.ts';

/** Shows the queues that failures end in, and who fills them. */
export const listQueues = async (target: Target, asJson: boolean): Promise<void> => {
  const { queues, unasked, now } = await findFailureQueues(target);
  for (const service of unasked) note(`holdfast: could not ask ${service}`);
  if (unasked.length > 0) process.exitCode = EXIT.findings;
  if (asJson) printJson(queues);
  else if (queues.length === 0) print('no dead-letter queues');
  else {
    print(
      table(
        ['QUEUE', 'VISIBLE', 'IN FLIGHT', 'OLDEST', 'RETENTION', 'FILLED BY'],
        queues.map(({ name, visible, inFlight, oldestSeconds, retentionDays, sources }) => [
          name,
          visible,
          inFlight,
          oldestSeconds === undefined ? '' : formatDuration(oldestSeconds * 1_000),
          `${retentionDays} d`,
          sources.join(', '),
        ]),
      ),
    );
    for (const { held, ...queue } of queues) {
      if (held !== undefined) print(inFlightText({ ...queue, held }, Date.parse(now)));
    }
  }
};
