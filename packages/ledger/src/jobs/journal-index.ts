import type { Step } from '../audit.ts';
import type { EarlierRuns, MessageResult, Trace } from './job.ts';

const OUTCOMES = {
  sending: 'sending',
  sent: 'sent',
  deleted: 'moved',
  refused: 'refused',
  unclear: 'unclear',
  'came-back': 'came back',
} as const;

const isOfMessage = (step: string): step is keyof typeof OUTCOMES => Object.hasOwn(OUTCOMES, step);

/** What a message's result is after a step; `undefined` for steps of the job as a whole. */
export const resultAfter = (before: MessageResult | undefined, step: Step): MessageResult | undefined => {
  const { messageId, at, to, proof, origin, error, mayBeDuplicate } = step;
  if (messageId === undefined || !isOfMessage(step.step)) return undefined;
  return {
    ...before,
    messageId,
    outcome: OUTCOMES[step.step],
    at,
    ...(typeof to === 'string' ? { to } : {}),
    ...(typeof proof === 'string' ? { proof } : {}),
    ...(typeof origin === 'string' ? { origin } : {}),
    ...(typeof error === 'string' ? { error } : {}),
    ...(mayBeDuplicate === true || step.step === 'unclear' ? { mayBeDuplicate: true } : {}),
  };
};

/**
 * How far a message is after a step. One that was sent is only to be deleted if it is met again: SQS takes a deletion
 * whose receipt has run out, and keeps the message.
 */
export const traceAfter = (before: Trace | undefined, { step, jobId = '', proof }: Step): Trace | undefined => {
  if (step === 'sending') return { step, jobId };
  if (step === 'sent') return { step, jobId, proof: String(proof) };
  return step === 'refused' ? undefined : before;
};

/** What steps of jobs say of messages, kept in memory. */
export class JournalIndex {
  readonly #traces = new Map<string, Trace>();
  readonly #results = new Map<string, Map<string, MessageResult>>();
  readonly #proofs = new Map<string, Set<string>>();
  readonly #cameBack = new Map<string, Set<string>>();

  constructor(steps: Iterable<Step> = []) {
    for (const step of steps) this.add(step);
  }

  add(step: Step): void {
    const { jobId = '', queue = '', messageId } = step;
    if (messageId === undefined) return;
    const key = `${queue} ${messageId}`;
    const trace = traceAfter(this.#traces.get(key), step);
    if (trace === undefined) this.#traces.delete(key);
    else this.#traces.set(key, trace);
    const results = this.#results.get(jobId) ?? new Map<string, MessageResult>();
    this.#results.set(jobId, results);
    const result = resultAfter(results.get(messageId), step);
    if (result !== undefined) results.set(messageId, result);
    if (step.step === 'sent') this.#of(this.#proofs, jobId).add(String(step['proof']));
    if (step.step === 'came-back') this.#of(this.#cameBack, jobId).add(messageId);
  }

  traceOf(queueArn: string, messageId: string): Trace | undefined {
    return this.#traces.get(`${queueArn} ${messageId}`);
  }

  earlier(jobId: string): EarlierRuns {
    return {
      proofs: new Set(this.#proofs.get(jobId)),
      cameBack: new Set(this.#cameBack.get(jobId)),
      possibleDuplicates: new Set(this.results(jobId).flatMap((one) => (one.mayBeDuplicate ? one.messageId : []))),
    };
  }

  results(jobId: string): readonly MessageResult[] {
    return [...(this.#results.get(jobId)?.values() ?? [])];
  }

  #of(sets: Map<string, Set<string>>, jobId: string): Set<string> {
    const set = sets.get(jobId) ?? new Set<string>();
    sets.set(jobId, set);
    return set;
  }
}
