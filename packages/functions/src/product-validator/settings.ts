import { type Environment, requiredText } from '../environment.ts';

/** What the validator's environment says. */
export interface ProductValidatorSettings {
  readonly productsTable: string;
  readonly uploadsTable: string;
}

/** @throws {@link InvalidInputError} naming the variable that is missing */
export const readProductValidatorSettings = (environment: Environment): ProductValidatorSettings => ({
  productsTable: requiredText(environment, 'PRODUCTS_TABLE'),
  uploadsTable: requiredText(environment, 'UPLOADS_TABLE'),
});
