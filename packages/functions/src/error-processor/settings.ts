import { type Environment, requiredText } from '../environment.ts';

/** What the error processor's environment says. */
export interface ErrorProcessorSettings {
  readonly uploadsTable: string;
}

/** @throws {@link InvalidInputError} naming the variable that is missing */
export const readErrorProcessorSettings = (environment: Environment): ErrorProcessorSettings => ({
  uploadsTable: requiredText(environment, 'UPLOADS_TABLE'),
});
