import { engineClock } from './engine-clock.ts';
import { CommandError, EXIT } from './exit-code.ts';
import type { Target } from './target.ts';

/** The engine's own control endpoint; AWS has none. */
const controlUrl = (target: Target, path: string): string => {
  if (target.endpoint === undefined) {
    throw new CommandError('only the local engine can do that, AWS cannot; leave --aws and --profile out', EXIT.usage);
  }
  return new URL(`/_holdfast/${path}`, target.endpoint).href;
};

/** Calls the control endpoint; its own words come back in the error. */
export const control = async <Answer>(
  target: Target,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> => {
  const answer = await fetch(controlUrl(target, path), {
    method,
    // The engine takes nothing else for what changes it.
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  const content = (isJson ? JSON.parse(text) : {}) as Answer & { message?: string };
  if (answer.ok && isJson) return content;
  if (content.message !== undefined) throw new CommandError(content.message, EXIT.usage);
  throw new CommandError(
    `what answers at ${target.endpoint} is no Holdfast engine (HTTP ${answer.status})`,
    EXIT.notFound,
  );
};

/** The time, in epoch milliseconds, of whom a command talks to: an engine may have its own. */
export const nowAt = async ({ endpoint }: Target): Promise<number> => {
  const clock = endpoint === undefined ? undefined : await engineClock(endpoint);
  return clock === undefined ? Date.now() : Date.parse(clock.now);
};
