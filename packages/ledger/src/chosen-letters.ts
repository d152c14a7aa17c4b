import { type ChosenLetter, deliveryOf } from './delivery.ts';
import { fillersAt } from './fillers.ts';
import type { FingerprintRule } from './fingerprints/rules.ts';
import type { RedriveRequest } from './jobs/job.ts';
import { LOOK_MAX_ENGINE } from './look-max.ts';
import { openSource } from './open-source.ts';
import { Reasons } from './reasons/reasons.ts';
import type { JobTime } from './redrive-ports.ts';
import { selectionOf } from './redrive-request.ts';
import { parseRepair, repairBody } from './repair/repair.ts';
import { streamEvents } from './stream-records.ts';
import type { Target } from './target.ts';

interface Whom {
  readonly target: Target;
  readonly isEngine: boolean;
  readonly time: JobTime;
  /** The user's own groups. */
  readonly rules?: readonly FingerprintRule[];
}

/** The dead letters that a request means, as a redrive would send them; sends nothing. */
export const chosenLetters = async (
  { target, isEngine, time, rules }: Whom,
  request: RedriveRequest,
  max: number,
): Promise<readonly ChosenLetter[]> => {
  const source = await openSource(target, request.from, isEngine);
  const fillers = await fillersAt(target, request.from);
  const selection = selectionOf(request, { fillers, rules });
  const reasons = new Reasons(target, isEngine);
  const repair = request.repair === undefined ? undefined : parseRepair(request.repair);
  const options = {
    jobId: 'preview',
    fillers,
    to: request.to,
    streamEventOf: streamEvents(target),
    ...(repair === undefined ? {} : { repair: (body: string) => repairBody(repair, body) }),
  };
  const letters: ChosenLetter[] = [];
  for (const message of await source.look(LOOK_MAX_ENGINE)) {
    if (letters.length >= max) break;
    const reason = selection.asksForReason ? await reasons.of(message, fillers) : undefined;
    if (!selection.matches(message, { reason, nowMs: time.now() })) continue;
    letters.push({ message, delivery: await deliveryOf(message, options) });
  }
  return letters;
};
