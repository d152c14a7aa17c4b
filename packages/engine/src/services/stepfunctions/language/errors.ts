/** A failure of a state, as `Retry` and `Catch` see it. */
export class StateFailure extends Error {
  readonly error: string | undefined;
  readonly errorCause: string | undefined;
  /** The state itself failed, not what it asked for: the cause is told with the state's name before it. */
  readonly isOfState: boolean;
  /** Another name that retriers and catchers may know it by. */
  readonly alias: string | undefined;

  constructor(error: string | undefined, cause: string | undefined, isOfState = false, alias?: string) {
    super(`${error ?? ''}: ${cause ?? ''}`);
    this.error = error;
    this.errorCause = cause;
    this.isOfState = isOfState;
    this.alias = alias;
  }
}

/** What goes wrong when a JSONata expression is evaluated; recorded as an event of its own before the state fails. */
export class EvaluationFailure extends StateFailure {
  /** Field in the definition, e.g. `Arguments/FunctionName`; `undefined` for a state's whole input. */
  readonly location: string | undefined;
  /** The expression gave a value, and the value does not serve. */
  readonly isOfValue: boolean;

  constructor(cause: string, location: string | undefined, isOfValue = false) {
    super('States.QueryEvaluationError', cause, true);
    this.location = location;
    this.isOfValue = isOfValue;
  }
}

/** The definition asks for something that this input does not allow; `States.ALL` does not catch it. */
export const runtimeFailure = (cause: string): StateFailure => new StateFailure('States.Runtime', cause, true);

/** What is put before causes that name the state. */
export const placed = (stateName: string, eventId: number, what: string): string =>
  `An error occurred while executing the state '${stateName}' (entered at the event id #${eventId}). ${what}`;
