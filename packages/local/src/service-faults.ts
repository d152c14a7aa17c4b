import { ServiceError } from '@holdfast/engine';
import { InvalidInputError, type Random } from '@holdfast/kernel';

/** What is to go wrong with calls over the wire to one service. */
export interface ServiceFault {
  /** Id of the service, as `GET /_holdfast/health` lists it. */
  readonly service: string;
  /** Only this action. @defaultValue all */
  readonly action?: string | undefined;
  /** Only so many calls, the next ones. @defaultValue all */
  readonly first?: number | undefined;
  /** Only a share of the calls, from 0 to 1; which, the seed of the engine decides. @defaultValue all */
  readonly share?: number | undefined;
  /** How long, in the engine's time, a call waits before it is taken. Without it the service throttles. */
  readonly delayMs?: number | undefined;
}

/** A fault that is under way. */
export interface ActiveFault {
  /** Calls that it met. */
  readonly count: number;
  /** Ends it. */
  recover(): void;
}

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

class Fault implements ActiveFault {
  count = 0;
  readonly wanted: ServiceFault;
  readonly #faults: Set<Fault>;

  constructor(wanted: ServiceFault, faults: Set<Fault>) {
    this.wanted = wanted;
    this.#faults = faults;
  }

  recover(): void {
    this.#faults.delete(this);
  }

  meets(service: string, action: string, random: Random): boolean {
    const { wanted } = this;
    if (wanted.service !== service || (wanted.action !== undefined && wanted.action !== action)) return false;
    if (wanted.first !== undefined && this.count >= wanted.first) return false;
    if (wanted.share !== undefined && random.nextUnit() >= wanted.share) return false;
    this.count += 1;
    return true;
  }
}

const MEMBERS: Readonly<Record<keyof ServiceFault, true>> = {
  service: true,
  action: true,
  first: true,
  share: true,
  delayMs: true,
};

/** A fault that meets no call would have a test prove nothing. */
const checkFault = (
  wanted: ServiceFault,
  services: readonly string[],
  actionsOf: (service: string) => readonly string[],
) => {
  const { service, action, first, share, delayMs } = wanted;
  if (!services.includes(service)) {
    throw new InvalidInputError('service', service, `must be one of ${services.join(', ')}`);
  }
  const stray = Object.keys(wanted).find((name) => !(name in MEMBERS));
  if (stray !== undefined) {
    throw new InvalidInputError(stray, wanted[stray as never], 'is not known; use action, first, share');
  }
  if (action !== undefined && !actionsOf(service).includes(action)) {
    const alike = actionsOf(service).filter((name) => name.slice(0, 4) === action.slice(0, 4));
    const remedy = alike.length === 0 ? '' : `; there are ${alike.join(', ')}`;
    throw new InvalidInputError('action', action, `is no action of ${service} that is played here${remedy}`);
  }
  if (first !== undefined && !(Number.isSafeInteger(first) && first > 0)) {
    throw new InvalidInputError('first', first, 'must be a whole number from 1');
  }
  if (share !== undefined && !(share > 0 && share <= 1)) {
    throw new InvalidInputError('share', share, 'must be above 0, and 1 at most');
  }
  if (delayMs !== undefined && !(Number.isSafeInteger(delayMs) && delayMs >= 0)) {
    throw new InvalidInputError('delayMs', delayMs, 'must be a whole number of milliseconds from 0');
  }
};

/** Faults of services that a test asks for: they throttle, or take their time. Only calls over the wire meet them. */
export class ServiceFaults {
  readonly #faults = new Set<Fault>();
  readonly #random: Random;
  readonly #sleep: (ms: number) => Promise<void>;

  /** `sleep` waits in the engine's time. */
  constructor(random: Random, sleep: (ms: number) => Promise<void>) {
    this.#random = random;
    this.#sleep = sleep;
  }

  /** @throws InvalidInputError when it could meet no call, or says what is not known */
  add(
    wanted: ServiceFault,
    services: readonly string[],
    actionsOf: (service: string) => readonly string[],
  ): ActiveFault {
    checkFault(wanted, services, actionsOf);
    const fault = new Fault(wanted, this.#faults);
    this.#faults.add(fault);
    return fault;
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
      if (!fault.meets(service, action, this.#random)) continue;
      if (fault.wanted.delayMs === undefined) throw throttled(service);
      delayMs += fault.wanted.delayMs;
    }
    return delayMs === 0 ? undefined : this.#sleep(delayMs);
  }
}

const throttled = (service: string): ServiceError => {
  const [code, status, message] = THROTTLES[service] ?? THROTTLE_OTHERWISE;
  return new ServiceError(code, message, status);
};
