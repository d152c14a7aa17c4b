import { PermanentError, TransientError } from '../middleware/errors.ts';

/**
 * What a message says is to become of it: `ok` (the default), `fail` throws, `permanent` throws an error that no retry
 * cures, `slow` outlives any timeout. `fails` fails so many first attempts, as far as the number of the attempt is known.
 */
export interface Choice {
  readonly outcome?: string;
  readonly fails?: number;
}

/** Longer than any timeout of Lambda. */
const FOR_EVER_MS = 16 * 60 * 1_000;

/** Text that is no JSON fails when it contains "fail", as in many a tutorial. */
export const choiceOf = (text: string): Choice => {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) {
      const choice = value as Choice & { message?: unknown };
      if (choice.outcome !== undefined || choice.fails !== undefined) return choice;
      return /fail/i.test(String(choice.message ?? '')) ? { outcome: 'fail' } : {};
    }
  } catch {
    // No JSON: judged by its words.
  }
  return /fail/i.test(text) ? { outcome: 'fail' } : {};
};

/** Does what the choice says. @throws TransientError, PermanentError */
export const carryOut = async (
  choice: Choice,
  attempt: number | undefined,
  sleep: (ms: number) => Promise<void>,
): Promise<void> => {
  if (choice.fails !== undefined && attempt !== undefined && attempt <= choice.fails) {
    throw new TransientError(`attempt ${attempt} of ${choice.fails} that were to fail`);
  }
  switch (choice.outcome ?? 'ok') {
    case 'ok':
      return;
    case 'fail':
      throw new TransientError('Simulated processing failure!');
    case 'permanent':
      throw new PermanentError('This will never work');
    case 'slow':
      return sleep(FOR_EVER_MS);
    default:
      throw new PermanentError(`outcome: "${choice.outcome}" must be ok, fail, permanent or slow`);
  }
};
