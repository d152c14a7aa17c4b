import { createHash } from 'node:crypto';
import type { FunctionSpec } from '@holdfast/engine';
import type { EnvironmentOptions } from './environment.ts';
import { layerVariables, pythonPathsOf } from './files/layer-paths.ts';
import type { FileView } from './processes/file-views.ts';

/** A function's own PYTHONPATH does not take its layers away: on AWS they are found whatever it says. */
const ownPythonPath = (spec: FunctionSpec, layersRoot: string | undefined): Record<string, string> => {
  const own = spec.environment['PYTHONPATH'];
  const isConcerned = own !== undefined && layersRoot !== undefined && spec.runtime.startsWith('python');
  return isConcerned ? { PYTHONPATH: [own, ...pythonPathsOf(spec.runtime, layersRoot)].join(':') } : {};
};

/** Nobody checks signatures here, but what must differ from environment to environment does. */
const secretOf = (what: string, accessKeyId: string): string =>
  createHash('sha256').update(`${what} of ${accessKeyId}`).digest('base64').slice(0, 40);

/** What SDKs of X-Ray read: where the daemon listens, and that a missing segment is logged, not thrown. */
const traceVariables = (address: string | undefined): Record<string, string> => {
  if (address === undefined) return {};
  const colon = address.lastIndexOf(':');
  return {
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: address,
    _AWS_XRAY_DAEMON_ADDRESS: address.slice(0, colon),
    _AWS_XRAY_DAEMON_PORT: address.slice(colon + 1),
  };
};

/**
 * Environment of a function: defaults that it may override, its own variables, and those Lambda reserves.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const environmentVariables = (
  options: Pick<EnvironmentOptions, 'spec' | 'accessKeyId' | 'logStream' | 'endpoint' | 'traceAddress'>,
  view: FileView,
): Record<string, string> => {
  const { spec } = options;
  return {
    PATH: process.env['PATH'] ?? '',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    ...layerVariables(spec, view.taskRoot, view.layersRoot),
    ...traceVariables(options.traceAddress),
    ...spec.environment,
    ...ownPythonPath(spec, view.layersRoot),
    _HANDLER: spec.handler,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    // Functions that bring their own runtime have no name of one.
    ...(spec.runtime.startsWith('provided') ? {} : { AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}` }),
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: spec.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: spec.initializationType ?? 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: options.logStream,
    ...(spec.jsonLogLevel === undefined
      ? {}
      : { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: spec.jsonLogLevel }),
    AWS_ACCESS_KEY_ID: options.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretOf('key', options.accessKeyId),
    AWS_SESSION_TOKEN: secretOf('token', options.accessKeyId),
    AWS_ENDPOINT_URL: options.endpoint,
    LAMBDA_TASK_ROOT: view.taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
  };
};
