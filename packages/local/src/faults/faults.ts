import type { Engine } from '@holdfast/engine';
import { InvalidInputError, type Random } from '@holdfast/kernel';
import type { ActiveFault } from './fault.ts';
import { type ActiveFunctionFault, type FunctionFault, FunctionFaults } from './function-faults.ts';
import { type Home, namedFunction } from './named-function.ts';
import { type ServiceFault, ServiceFaults } from './service-faults.ts';

/** A fault that is under way, as `GET /_holdfast/faults` lists it. */
export type FaultState = {
  readonly id: string;
  /** Calls or invocations that it met. */
  readonly count: number;
} & (ServiceFault | (FunctionFault & { readonly functionArn: string; readonly holding: number }));

/** What faults are looked up in, and where their time passes. */
export interface FaultSurroundings {
  readonly random: Random;
  /** There is none while one state of the world makes way for the next. */
  engine(): Engine;
  home(): Home;
  /** Waits in the engine's time. */
  sleep(ms: number): Promise<void>;
}

/** All faults that are under way, of services and of functions. They outlive a reset. */
export class Faults {
  readonly services: ServiceFaults;
  readonly functions: FunctionFaults;
  readonly #surroundings: FaultSurroundings;

  constructor(surroundings: FaultSurroundings) {
    const { random, sleep } = surroundings;
    this.#surroundings = surroundings;
    this.services = new ServiceFaults(random.stream('faults of services'), sleep);
    this.functions = new FunctionFaults(random.stream('faults of functions'));
  }

  /** @throws InvalidInputError when it could meet nothing, or says what is not known */
  add(wanted: ServiceFault | FunctionFault): (ActiveFault | ActiveFunctionFault) & { readonly id: string } {
    const engine = this.#surroundings.engine();
    if (typeof wanted !== 'object' || wanted === null) {
      throw new InvalidInputError('fault', wanted, 'must name a service or a function');
    }
    if ('function' in wanted) {
      if ('service' in wanted) throw new InvalidInputError('service', wanted.service, 'does not go with function');
      return this.functions.add(wanted, (name) => namedFunction(engine, this.#surroundings.home(), name));
    }
    if (wanted.service === undefined) {
      throw new InvalidInputError('service', undefined, 'must name a service, or function one of the functions');
    }
    const { serviceIds } = engine;
    return this.services.add(wanted, { serviceIds, actionsOf: (service) => engine.actionsOf(service) });
  }

  states(): FaultState[] {
    return [
      ...[...this.services.active()].map(({ id, wanted, count }) => ({ id, ...wanted, count })),
      ...[...this.functions.active()].map(({ id, wanted, arn, count, holding }) => ({
        id,
        ...wanted,
        functionArn: arn,
        count,
        holding,
      })),
    ];
  }

  /** Ends the one with this id, or all; answers how many that were. */
  end(id?: string): number {
    const ended = [...this.services.active(), ...this.functions.active()].filter(
      (fault) => id === undefined || fault.id === id,
    );
    for (const fault of ended) fault.recover();
    return ended.length;
  }
}
