import type { LoggingConfig } from '@aws-sdk/client-lambda';
import { Constraints, refuseUnmodelled } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';

/** From the most to the least detail. */
export const APPLICATION_LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const;
export const SYSTEM_LOG_LEVELS = ['DEBUG', 'INFO', 'WARN'] as const;
export type ApplicationLogLevel = (typeof APPLICATION_LOG_LEVELS)[number];
export type SystemLogLevel = (typeof SYSTEM_LOG_LEVELS)[number];

/** How much is logged of functions that log JSON; those that log text have no levels. */
export interface JsonLogging {
  readonly applicationLevel: ApplicationLogLevel;
  readonly systemLevel: SystemLogLevel;
}

const LOG_GROUP = /^[.\-_/#A-Za-z0-9]+$/;

/**
 * Lays a logging configuration over what a function has; `undefined` means text.
 *
 * @throws ServiceError when it asks for levels without JSON
 */
export const applyLogging = (
  base: JsonLogging | undefined,
  input: LoggingConfig | undefined,
): JsonLogging | undefined => {
  if (input === undefined) return base;
  refuseUnmodelled(input, ['LogFormat', 'LogGroup', 'ApplicationLogLevel', 'SystemLogLevel'], 'LoggingConfig');
  new Constraints()
    .oneOf('loggingConfig.logFormat', input.LogFormat, ['JSON', 'Text'])
    .oneOf('loggingConfig.applicationLogLevel', input.ApplicationLogLevel, APPLICATION_LOG_LEVELS)
    .oneOf('loggingConfig.systemLogLevel', input.SystemLogLevel, SYSTEM_LOG_LEVELS)
    .length('loggingConfig.logGroup', input.LogGroup, 1, 512)
    .pattern('loggingConfig.logGroup', input.LogGroup, LOG_GROUP, String.raw`[\.\-_/#A-Za-z0-9]+`)
    .check();
  const format = input.LogFormat ?? (base === undefined ? 'Text' : 'JSON');
  if (format === 'JSON') {
    return {
      applicationLevel: input.ApplicationLogLevel ?? base?.applicationLevel ?? 'INFO',
      systemLevel: input.SystemLogLevel ?? base?.systemLevel ?? 'INFO',
    };
  }
  if (input.ApplicationLogLevel !== undefined || input.SystemLogLevel !== undefined) {
    throw invalidParameter(
      'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
    );
  }
  return undefined;
};

/** As the API shows it. */
export const describeLogging = (logging: JsonLogging | undefined, logGroup: string): LoggingConfig =>
  logging === undefined
    ? { LogFormat: 'Text', LogGroup: logGroup }
    : {
        LogFormat: 'JSON',
        ApplicationLogLevel: logging.applicationLevel,
        SystemLogLevel: logging.systemLevel,
        LogGroup: logGroup,
      };
