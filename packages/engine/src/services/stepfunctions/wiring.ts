import type { ServiceEnvironment } from '../../core/index.ts';
import type { ExecutionDesk } from './execution-desk.ts';
import type { MachineRegistry } from './machine-registry.ts';

/** What the operation tables share. */
export interface StatesWiring {
  readonly environment: ServiceEnvironment;
  readonly desk: ExecutionDesk;
  readonly machines: MachineRegistry;
}
