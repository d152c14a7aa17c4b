/** A pattern that breaks the rules of event patterns; `message` is the reason as EventBridge words it. */
export class EventPatternError extends Error {
  override readonly name = 'EventPatternError';
}

/** @throws EventPatternError always */
export const refusePattern = (reason: string): never => {
  throw new EventPatternError(reason);
};
