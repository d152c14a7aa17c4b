/** One finding of the validation. */
export interface Diagnostic {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** `/States/Wait/Seconds`; `undefined` for the text as a whole. */
  readonly location?: string | undefined;
}

/** As CreateStateMachine tells it: `SCHEMA_VALIDATION_FAILED: … at /States/Wait`. */
export const diagnosticText = ({ code, message, location }: Diagnostic): string =>
  location === undefined ? `${code}: ${message}` : `${code}: ${message} at ${location}`;
