import { type BoundHandler, InvalidInputError, type ServiceFault, type StandingClockMode } from '@holdfast/local';

/** How `startTestEngine` starts an engine; all of it may be left out. */
export interface TestEngineOptions {
  /** Functions of the test that stand in for Lambda functions: by name, ARN, logical id or CDK path. */
  readonly bind?: Readonly<Record<string, BoundHandler>> | undefined;
  /** Where time begins. @defaultValue the machine's time */
  readonly startAt?: Date | undefined;
  /** Makes ids, jitter, order and faults repeatable. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** Twelve digits. @defaultValue 000000000000 */
  readonly account?: string | undefined;
  /** @defaultValue us-east-1 */
  readonly region?: string | undefined;
  /**
   * Has clients that the code under test makes itself find the engine: sets `AWS_ENDPOINT_URL`, region and credentials
   * in the environment of this process until the engine is closed. All such engines of a process have the same port, one
   * after the other: a client that a module made once finds each of them. @defaultValue false
   */
  readonly environment?: boolean | undefined;
  /**
   * What becomes of a call that waits for a time that nobody moves (a long poll, a synchronous invocation, a waiter of the
   * SDK): `fail` answers it with `ClockStandsStill` within a second, and with the advance that would end the wait; `tell`
   * has it wait, for code under test that polls while the test does something else. @defaultValue fail
   */
  readonly standingClock?: StandingClockMode | undefined;
}

/** Their names, for suites that no compiler reads. */
export const ENGINE_OPTIONS: Readonly<Record<keyof TestEngineOptions, true>> = {
  bind: true,
  startAt: true,
  seed: true,
  account: true,
  region: true,
  environment: true,
  standingClock: true,
};

/** @throws InvalidInputError for a name that means nothing: what it says would be passed over */
export const checkNames = (field: string, given: object, known: Readonly<Record<string, true>>): void => {
  const [name, value] = Object.entries(given).find(([one]) => !Object.hasOwn(known, one)) ?? [];
  if (name === undefined) return;
  throw new InvalidInputError(`${field}.${name}`, value, `is not known; there are ${Object.keys(known).join(', ')}`);
};

/** A client of AWS's SDK: anything that is made from a configuration. */
export type ClientClass<Client> = new (configuration: ClientConfiguration) => Client;

/** How a client finds the engine. */
export interface ClientConfiguration {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** It tries once: what is refused is seen by the test, and nothing waits in the machine's time. */
  readonly maxAttempts: number;
  /** For S3, whose buckets are not names of hosts here. */
  readonly forcePathStyle: boolean;
  /** For synchronous executions of Step Functions, which the SDK would send to another host. */
  readonly disableHostPrefix: boolean;
}

/** Which calls a fault meets. */
export type FaultScope = Pick<ServiceFault, 'action' | 'first' | 'share'>;
