import { Duration } from 'aws-cdk-lib';

/** What the context of {@link IngestionLabStack} may say. */
export interface IngestionSettings {
  readonly envName: string;
  /** Name of the parameter that says what is broken on purpose. */
  readonly failureModeParameter: string;
  readonly maxReceiveCount: number;
  readonly batchSize: number;
  readonly workerTimeout: Duration;
  /** At least thirty seconds more than the worker's timeout, whatever was asked for. */
  readonly visibility: Duration;
  readonly useKmsCmk: boolean;
  /** Functions in a network of their own, with endpoints for what they call. */
  readonly vpcEndpoints: boolean;
  /** Nobody, when it is empty. */
  readonly alarmEmail: string;
  /** How long is remembered what was done; longer than a message of it may lie in both queues, whatever was asked for. */
  readonly ttlDays: number;
  /** Versions of orders that the worker takes, with commas. */
  readonly schemaVersions: string;
}

const ENV_NAME_DEFAULT = 'dev';

const VISIBILITY_BUFFER_SECONDS = 30;

/** How long messages may lie where they wait, in days. */
export const RETENTION_DAYS = { queue: 4, deadLetters: 14 } as const;

/**
 * A client that posts an order anew after it was put aside gets it processed; its dead letter may still be redriven on its last
 * day, and come out of the queue on the last day there. Who has forgotten by then gives the effect a second time.
 */
const TTL_DAYS_MIN = RETENTION_DAYS.queue + RETENTION_DAYS.deadLetters + 1;

/**
 * Settings from context values, by their names: `envName`, `maxReceiveCount`, `batchSize`, `workerTimeoutSeconds`,
 * `queueVisibilitySeconds`, `useKmsCmk`, `vpcEndpoints`, `alarmEmail`, `ttlDays`, `schemaVersions`. From the command line they come as texts.
 */
export const ingestionSettings = (context: (name: string) => unknown): IngestionSettings => {
  const wholeNumber = (name: string, fallback: number, max: number): number => {
    const given = context(name) ?? fallback;
    const value = Number(given);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new Error(`${name}: ${JSON.stringify(given)} must be a whole number from 1 to ${max}`);
  };
  const yesOrNo = (name: string): boolean => {
    const given = context(name) ?? false;
    if (String(given) === 'true' || String(given) === 'false') return String(given) === 'true';
    throw new Error(`${name}: ${JSON.stringify(given)} must be true or false`);
  };
  const envName = String(context('envName') ?? ENV_NAME_DEFAULT);
  if (!/^[a-z][a-z0-9-]{0,15}$/.test(envName)) {
    throw new Error(`envName: ${JSON.stringify(envName)} must be up to 16 of a-z, 0-9 and -, a letter first`);
  }
  const workerTimeoutSeconds = wholeNumber('workerTimeoutSeconds', 30, 900);
  const asked = wholeNumber('queueVisibilitySeconds', 180, 43_200);
  return {
    envName,
    // As the runbooks name it; environments beside the first need a name of their own in the same account.
    failureModeParameter:
      envName === ENV_NAME_DEFAULT ? '/ingestion/failure_mode' : `/ingestion/${envName}/failure_mode`,
    maxReceiveCount: wholeNumber('maxReceiveCount', 5, 1_000),
    batchSize: wholeNumber('batchSize', 10, 10),
    workerTimeout: Duration.seconds(workerTimeoutSeconds),
    visibility: Duration.seconds(Math.max(workerTimeoutSeconds + VISIBILITY_BUFFER_SECONDS, asked)),
    useKmsCmk: yesOrNo('useKmsCmk'),
    vpcEndpoints: yesOrNo('vpcEndpoints'),
    alarmEmail: String(context('alarmEmail') ?? ''),
    ttlDays: Math.max(TTL_DAYS_MIN, wholeNumber('ttlDays', 7, 3_650)),
    schemaVersions: String(context('schemaVersions') ?? '1,2'),
  };
};
