import { utf8Length } from '@holdfast/kernel';
import { Constraints } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';

/** All variables together, as JSON. */
export const ENVIRONMENT_MAX_BYTES = 4_096;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (reserved environment variables) */
const RESERVED: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

const KEY = /^[a-zA-Z]([a-zA-Z0-9_])+$/;

/** Checks names and total size as AWS does: reserved names first, then the 4 KB over the JSON of all variables. */
export const checkEnvironment = (variables: Readonly<Record<string, string>> | undefined): void => {
  if (variables === undefined) return;
  const names = Object.keys(variables);
  const reserved = names.filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  if (names.some((name) => !KEY.test(name))) {
    const shown = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    new Constraints()
      .fail(
        'environment.variables',
        `{${shown.join(', ')}}`,
        'Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]',
      )
      .check();
  }
  const measured = JSON.stringify(variables);
  if (utf8Length(measured) > ENVIRONMENT_MAX_BYTES) {
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${measured}`,
    );
  }
};
