import { ServiceError } from '@holdfast/engine';
import { DAY_MS, InvalidInputError, type Random } from '@holdfast/kernel';
import { type ActiveFault, checkDelay, checkMembers, checkShare, Fault, type FaultShare } from './fault.ts';

/** What is to go wrong with calls over the wire to one service. */
export interface ServiceFault extends FaultShare {
  /** Id of the service, as `GET /_holdfast/health` lists it. */
  readonly service: string;
  /** Only this action. @defaultValue all */
  readonly action?: string | undefined;
  /** How long, in the engine's time, a call waits before it is taken. Without it the service throttles. */
  readonly delayMs?: number | undefined;
}

/** What an engine has that calls could be made to. */
export interface Playing {
  readonly serviceIds: readonly string[];
  actionsOf(service: string): readonly string[];
}

/** Nobody waits longer for an answer. */
const DELAY_MAX_MS = DAY_MS;

/** How services say that there were too many calls: code, status, and text. */
const THROTTLES: Readonly<Record<string, readonly [code: string, status: number, message: string]>> = {
  dynamodb: [
    'ProvisionedThroughputExceededException',
    400,
    'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
  ],
  kinesis: ['ProvisionedThroughputExceededException', 400, 'Rate exceeded for shard.'],
  lambda: ['TooManyRequestsException', 429, 'Rate Exceeded.'],
  s3: ['SlowDown', 503, 'Please reduce your request rate.'],
  sns: ['Throttled', 429, 'Rate exceeded'],
  sqs: ['RequestThrottled', 403, 'Request is throttled.'],
};
const THROTTLE_OTHERWISE = ['ThrottlingException', 400, 'Rate exceeded'] as const;

const MEMBERS: Readonly<Record<keyof ServiceFault, true>> = {
  service: true,
  action: true,
  first: true,
  share: true,
  delayMs: true,
};

/** A fault that meets no call would have a test prove nothing. */
const checkFault = (wanted: ServiceFault, { serviceIds, actionsOf }: Playing) => {
  const { service, action, delayMs } = wanted;
  if (!serviceIds.includes(service)) {
    throw new InvalidInputError('service', service, `must be one of ${serviceIds.join(', ')}`);
  }
  checkMembers(wanted, MEMBERS);
  if (action !== undefined && !actionsOf(service).includes(action)) {
    // What comes as JSON may be of any type.
    const begin = typeof action === 'string' ? action.slice(0, 4) : undefined;
    const alike = actionsOf(service).filter((name) => name.slice(0, 4) === begin);
    const remedy = alike.length === 0 ? '' : `; there are ${alike.join(', ')}`;
    throw new InvalidInputError('action', action, `is no action of ${service} that is played here${remedy}`);
  }
  checkShare(wanted);
  if (delayMs !== undefined) checkDelay(delayMs, DELAY_MAX_MS);
};

/** Faults of services that a test asks for: they throttle, or take their time. Only calls over the wire meet them. */
export class ServiceFaults {
  readonly #faults = new Set<Fault<ServiceFault>>();
  readonly #random: Random;
  readonly #sleep: (ms: number) => Promise<void>;

  /** `sleep` waits in the engine's time. */
  constructor(random: Random, sleep: (ms: number) => Promise<void>) {
    this.#random = random;
    this.#sleep = sleep;
  }

  /** @throws InvalidInputError when it could meet no call, or says what is not known */
  add(wanted: ServiceFault, playing: Playing): Fault<ServiceFault> & ActiveFault {
    checkFault(wanted, playing);
    return new Fault({ ...wanted }, this.#faults);
  }

  active(): Iterable<Fault<ServiceFault>> {
    return this.#faults;
  }

  /**
   * What a call has to wait for, if anything.
   *
   * @throws ServiceError when the service throttles
   */
  meet(service: string, action: string): Promise<void> | undefined {
    if (this.#faults.size === 0) return undefined;
    let delayMs = 0;
    for (const fault of this.#faults) {
      const { wanted } = fault;
      if (wanted.service !== service || (wanted.action !== undefined && wanted.action !== action)) continue;
      if (!fault.takes(this.#random)) continue;
      if (wanted.delayMs === undefined) throw throttled(service);
      delayMs += wanted.delayMs;
    }
    return delayMs === 0 ? undefined : this.#sleep(delayMs);
  }
}

const throttled = (service: string): ServiceError => {
  const [code, status, message] = THROTTLES[service] ?? THROTTLE_OTHERWISE;
  return new ServiceError(code, message, status);
};
