import { InvalidInputError } from '@holdfast/kernel';
import { type Environment, numberWithin, optionalText, requiredText } from '../environment.ts';
import type { WorkerSettings } from './create-worker.ts';
import { SCHEMA_VERSIONS } from './submission.ts';

/** What functions of the ingestion lab find in their environment; each reads what it needs. */
export const readTableSettings = (environment: Environment) => ({
  tableName: requiredText(environment, 'EVENTS_TABLE'),
  ttlDays: numberWithin(environment, 'TTL_DAYS', 7, { min: 1, max: 3_650 }),
});

/** `1,2`; all that are known, when nothing is said. */
const schemaVersions = (environment: Environment): readonly number[] => {
  const text = optionalText(environment, 'SCHEMA_VERSIONS');
  if (text === undefined) return SCHEMA_VERSIONS;
  const versions = text.split(',').map(Number);
  if (versions.every((version) => SCHEMA_VERSIONS.includes(version))) return versions;
  throw new InvalidInputError('SCHEMA_VERSIONS', text, `must be of ${SCHEMA_VERSIONS.join(', ')}, with commas`);
};

/** @throws InvalidInputError naming variable, value and bounds */
export const readWorkerSettings = (environment: Environment): WorkerSettings => ({
  queueUrl: requiredText(environment, 'QUEUE_URL'),
  deadLetterQueueUrl: requiredText(environment, 'DEAD_LETTER_QUEUE_URL'),
  maxReceiveCount: numberWithin(environment, 'MAX_RECEIVE_COUNT', 5, { min: 1, max: 1_000 }),
  processTimeoutMs: numberWithin(environment, 'PROCESS_TIMEOUT_MS', 2_000, { min: 1, max: 900_000 }),
  failureSeed: optionalText(environment, 'FAILURE_SEED'),
  schemaVersions: schemaVersions(environment),
  processLatencyMs: numberWithin(environment, 'PROCESS_LATENCY_MS', 0, { min: 0, max: 900_000 }),
});

/** Name of the parameter that says what is broken on purpose. */
export const failureModeParameter = (environment: Environment): string =>
  optionalText(environment, 'FAILURE_MODE_PARAMETER') ?? '/ingestion/failure_mode';
