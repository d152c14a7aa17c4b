import { ServiceError } from '../../core/index.ts';

export const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

/** AWS says nothing more about a parameter that is not there. */
export const parameterNotFound = (): ServiceError => new ServiceError('ParameterNotFound', '', 400);

export const versionNotFound = (name: string, selector: string): ServiceError => {
  const what = /^\d+$/.test(selector) ? 'version' : 'label';
  return new ServiceError(
    'ParameterVersionNotFound',
    `Systems Manager could not find ${what} ${selector} of ${name}. Verify the ${what} and try again.`,
    400,
  );
};
