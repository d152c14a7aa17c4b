import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import { classifyError, classifyFunctionError, type KnownErrorTypes } from '@holdfast/retry';

/** How a retry ended. */
export type RetryOutcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'throttled'; readonly error: string }
  /** `transient` or `unknown`: counts, and comes again. */
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'permanent'; readonly error: string }
  /** This run's time was up before the target answered; it may still be at work. */
  | { readonly kind: 'abandoned' }
  /** The target cannot be invoked at all (no such function, no permission): not the message's fault. */
  | { readonly kind: 'uninvokable'; readonly error: string; readonly cause: unknown };

/** Refusals by Lambda's Invoke that are about this very payload; the last is what AWS documents, not what it sends. */
const PAYLOAD_REFUSALS: ReadonlySet<string> = new Set([
  'InvalidRequestContentException',
  'RequestEntityTooLargeException',
  'RequestTooLargeException',
]);

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** A function error arrives with HTTP 200: `FunctionError` says so, never a member of the payload. */
const outcomeOfAnswer = (answer: InvokeCommandOutput, known: KnownErrorTypes): RetryOutcome => {
  if (answer.FunctionError === undefined) return { kind: 'succeeded' };
  const payload = parseJson(new TextDecoder().decode(answer.Payload));
  const type = (payload as { errorType?: unknown } | undefined)?.errorType;
  const error = typeof type === 'string' ? type : answer.FunctionError;
  switch (classifyFunctionError(payload, known)) {
    case 'throttled':
      return { kind: 'throttled', error };
    case 'permanent':
      return { kind: 'permanent', error };
    case 'transient':
    case 'unknown':
      return { kind: 'failed', error };
  }
};

const outcomeOfRefusal = (cause: unknown): RetryOutcome => {
  const error = nameOf(cause);
  if (PAYLOAD_REFUSALS.has(error)) return { kind: 'permanent', error };
  switch (classifyError(cause)) {
    case 'throttled':
      return { kind: 'throttled', error };
    case 'permanent':
      return { kind: 'uninvokable', error, cause };
    case 'transient':
    case 'unknown':
      return { kind: 'failed', error };
  }
};

/**
 * Invokes the target and waits for its answer.
 *
 * The client should make one attempt only (`maxAttempts: 1`): a throttle is news for the retry function, not something
 * to be hidden by the SDK's own retries.
 */
export const invokeTarget = async (
  lambda: Pick<LambdaClient, 'send'>,
  functionName: string,
  event: Record<string, unknown>,
  known: KnownErrorTypes,
  abandon: AbortSignal,
): Promise<RetryOutcome> => {
  try {
    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        Payload: new TextEncoder().encode(JSON.stringify(event)),
      }),
      { abortSignal: abandon },
    );
    return outcomeOfAnswer(answer, known);
  } catch (error) {
    return abandon.aborted ? { kind: 'abandoned' } : outcomeOfRefusal(error);
  }
};
