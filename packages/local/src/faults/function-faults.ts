import { functionArn } from '@holdfast/aws-model';
import type { FunctionSpec } from '@holdfast/engine';
import type { Random } from '@holdfast/kernel';
import type { Delay } from '../runtime/index.ts';
import { type ActiveFault, checkDelay, checkMembers, checkShare, Fault, type FaultShare } from './fault.ts';

/**
 * What is to go wrong with invocations of one function: each that is met is delayed before its handler, as by AWS FIS'
 * action `aws:lambda:invocation-add-delay`. The delay holds the invocation's place and counts to its duration and its time limit.
 */
export interface FunctionFault extends FaultShare {
  /** Name or ARN of the function, its logical id in a stack, or its CDK path. */
  readonly function: string;
  /** How long, in the engine's time: 0 to 900,000 milliseconds. What is longer than the time limit ends in a timeout. */
  readonly delayMs: number;
}

/** A fault of a function that is under way. What it holds when it recovers it goes on to hold. */
export interface ActiveFunctionFault extends ActiveFault {
  /** Invocations that it delays just now. */
  readonly holding: number;
}

/** The longest delay of AWS FIS, and the longest time limit of a function. */
const DELAY_MAX_MS = 900_000;

const MEMBERS: Readonly<Record<keyof FunctionFault, true>> = {
  function: true,
  delayMs: true,
  first: true,
  share: true,
};

class DelayFault extends Fault<FunctionFault> implements ActiveFunctionFault {
  readonly arn: string;
  holding = 0;

  constructor(wanted: FunctionFault, arn: string, faults: Set<DelayFault>) {
    super(wanted, faults as Set<Fault<FunctionFault>>);
    this.arn = arn;
  }
}

/** Faults of functions that somebody asks for. */
export class FunctionFaults {
  readonly #faults = new Set<DelayFault>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /**
   * `arnOf` finds a function.
   *
   * @throws InvalidInputError when it could meet no invocation, or says what is not known
   */
  add(wanted: FunctionFault, arnOf: (name: string) => string): DelayFault {
    checkMembers(wanted, MEMBERS);
    checkDelay(wanted.delayMs, DELAY_MAX_MS);
    checkShare(wanted);
    return new DelayFault({ ...wanted }, arnOf(wanted.function), this.#faults);
  }

  active(): Iterable<DelayFault> {
    return this.#faults;
  }

  /** How an invocation is delayed, if it is: several faults one after the other. */
  meet({ region, account, functionName }: FunctionSpec): Delay | undefined {
    if (this.#faults.size === 0) return undefined;
    const arn = functionArn(region, account, functionName);
    const met = [...this.#faults].filter((fault) => fault.arn === arn && fault.takes(this.#random));
    const ms = met.reduce((sum, { wanted }) => sum + wanted.delayMs, 0);
    if (ms === 0) return undefined;
    for (const fault of met) fault.holding += 1;
    const over = (): void => {
      for (const fault of met) fault.holding -= 1;
    };
    return { ms, over };
  }
}
