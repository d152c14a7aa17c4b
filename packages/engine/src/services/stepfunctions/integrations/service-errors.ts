import { type ApiCaller, ApiInputError, type Json, notSupported, ServiceError } from '../../../core/index.ts';
import { runtimeFailure, StateFailure } from '../language/errors.ts';

/** How a service's errors are told: the name in front, the name of what has none of its own, and the service's name. */
export interface ErrorFacts {
  readonly prefix: string;
  readonly fallback: string;
  readonly service: string;
}

const NOT_SUPPORTED = notSupported('').code;

/** Optimised integrations tell errors as the older SDK of Java does. */
export const oldStyleFailure = (
  error: ServiceError,
  facts: ErrorFacts,
  api: ApiCaller,
  id: string,
  requestId: string,
) => {
  const modelled = api.exceptionOf(id, error.code);
  const name = modelled === undefined ? facts.fallback : withException(modelled);
  const status = statusOf(error);
  return new StateFailure(
    `${facts.prefix}.${name}`,
    `${error.message} (Service: ${facts.service}; Status Code: ${status}; Error Code: ${error.code}; Request ID: ${requestId}; Proxy: null)`,
  );
};

/** `aws-sdk` integrations tell them as the newer one does. */
export const newStyleFailure = (
  error: ServiceError,
  service: string,
  api: ApiCaller,
  id: string,
  requestId: string,
) => {
  const modelled = api.exceptionOf(id, error.code);
  const extended = id === 's3' ? `, Extended Request ID: ${requestId}` : '';
  return new StateFailure(
    `${service}.${modelled === undefined ? `${service}Exception` : withException(modelled)}`,
    `${error.message} (Service: ${service}, Status Code: ${statusOf(error)}, Request ID: ${requestId}${extended}) (SDK Attempt Count: 1)`,
  );
};

const statusOf = (error: ServiceError): number => error.status;

const withException = (name: string): string =>
  /(?:Exception|Error|Fault)$/.test(name)
    ? name.replace(/Error$/, 'ErrorException').replace(/ErrorException$/, 'Exception')
    : `${name}Exception`;

/** Anything that a call can throw, as a failure of the task. */
export const failureOf = (
  thrown: unknown,
  request: Json,
  tell: (error: ServiceError) => StateFailure,
): StateFailure => {
  if (thrown instanceof StateFailure) return thrown;
  if (thrown instanceof ApiInputError) {
    const problems = thrown.problems.map((problem) =>
      problem.replace(/ is not supported$/, ' is not supported by Step Functions'),
    );
    return runtimeFailure(
      `The Parameters '${JSON.stringify(request)}' could not be used to start the Task: [${problems.join(', ')}]`,
    );
  }
  if (thrown instanceof ServiceError && thrown.code !== NOT_SUPPORTED) return tell(thrown);
  return new StateFailure('States.TaskFailed', thrown instanceof Error ? thrown.message : String(thrown));
};
