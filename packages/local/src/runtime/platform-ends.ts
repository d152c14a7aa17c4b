import type { RuntimeInvocation } from '@holdfast/engine';

/** What an invocation that the platform itself ended reports: `RequestId: <id> Error: <text>`. */
export const platformError = (requestId: string, errorType: string, text: string): string =>
  JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${text}` });

/** The text of a time limit that has come. */
export const timedOutText = (timeoutSeconds: number): string =>
  `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;

/** What is lost when the engine ends is told to who waits for the answer; an event goes on after the next start. */
export const tellEngineEnded = (invocation: RuntimeInvocation, durationMs = 0): void => {
  if (invocation.isAwaited !== true) return;
  const errorType = 'Runtime.ExitError';
  const payload = platformError(invocation.requestId, errorType, 'The engine has ended');
  invocation.onDone({ kind: 'exit', payload, errorType, durationMs, maxMemoryUsedMb: 0 });
};
