import { randomUUID } from 'node:crypto';
import { InvalidInputError, type Random } from '@holdfast/kernel';

/** A fault that is under way. */
export interface ActiveFault {
  /** Calls or invocations that it met. */
  readonly count: number;
  /** Ends it. */
  recover(): void;
}

/** Which of those that a fault could meet it meets. */
export interface FaultShare {
  /** Only so many, the next ones. @defaultValue all */
  readonly first?: number | undefined;
  /** Only a share of them, from 0 to 1; which, the seed of the engine decides. @defaultValue all */
  readonly share?: number | undefined;
}

/** A fault among others of its kind, until it recovers. */
export class Fault<Wanted extends FaultShare> implements ActiveFault {
  /** Of this process: a seed must give the same whether somebody looks or not. */
  readonly id: string = randomUUID();
  readonly wanted: Wanted;
  count = 0;
  readonly #faults: Set<Fault<Wanted>>;

  constructor(wanted: Wanted, faults: Set<Fault<Wanted>>) {
    this.wanted = wanted;
    this.#faults = faults;
    faults.add(this);
  }

  recover(): void {
    this.#faults.delete(this);
  }

  /** Whether it meets one more that it could meet. */
  takes(random: Random): boolean {
    const { first, share } = this.wanted;
    if (first !== undefined && this.count >= first) return false;
    if (share !== undefined && random.nextUnit() >= share) return false;
    this.count += 1;
    return true;
  }
}

/** @throws InvalidInputError for a member that would be taken and mean nothing */
export const checkMembers = (wanted: object, known: Readonly<Record<string, true>>): void => {
  const [stray, value] = Object.entries(wanted).find(([name]) => !Object.hasOwn(known, name)) ?? [];
  if (stray === undefined) return;
  throw new InvalidInputError(stray, value, `is not known; use ${Object.keys(known).join(', ')}`);
};

/** @throws InvalidInputError when nothing could be met */
export const checkShare = ({ first, share }: FaultShare): void => {
  if (first !== undefined && !(Number.isSafeInteger(first) && first > 0)) {
    throw new InvalidInputError('first', first, 'must be a whole number from 1');
  }
  if (share !== undefined && !(typeof share === 'number' && share > 0 && share <= 1)) {
    throw new InvalidInputError('share', share, 'must be above 0, and 1 at most');
  }
};

/** @throws InvalidInputError */
export const checkDelay = (delayMs: unknown, maxMs: number): void => {
  if (Number.isSafeInteger(delayMs) && (delayMs as number) >= 0 && (delayMs as number) <= maxMs) return;
  throw new InvalidInputError('delayMs', delayMs, `must be a whole number of milliseconds from 0 to ${maxMs}`);
};
