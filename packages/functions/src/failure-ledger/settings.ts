import { type Environment, numberWithin, requiredText } from '../environment.ts';

/** What the environment of a failure ledger says, checked once per cold start. */
export interface FailureLedgerSettings {
  readonly table: string;
  readonly bucket: string;
  /** How long a failure is kept, from its capture on. */
  readonly retentionDays: number;
}

/** @throws {@link InvalidInputError} naming the variable that is missing or wrong */
export const readFailureLedgerSettings = (environment: Environment): FailureLedgerSettings => ({
  table: requiredText(environment, 'LEDGER_TABLE'),
  bucket: requiredText(environment, 'LEDGER_BUCKET'),
  retentionDays: numberWithin(environment, 'RETENTION_DAYS', 90, { min: 1, max: 3_650 }),
});
