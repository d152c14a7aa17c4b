import { onDemand } from '@holdfast/kernel';
import type {
  DeliveryResult,
  DeliveryTarget,
  DeliveryTargets,
  ExecutionStart,
  OperationTable,
  Sender,
  Service,
  ServiceEnvironment,
} from '../../core/index.ts';
import { ServiceError } from '../../core/index.ts';
import { ExecutionDesk } from './execution-desk.ts';
import { MachineRegistry } from './machine-registry.ts';
import { executionOperations, startExecution } from './operations/execution-operations.ts';
import { machineOperations } from './operations/machine-operations.ts';
import { mapRunOperations } from './operations/map-run-operations.ts';
import { tagOperations } from './operations/tag-operations.ts';
import { taskOperations } from './operations/task-operations.ts';
import { versionOperations } from './operations/version-operations.ts';
import type { StatesWiring } from './wiring.ts';

/** Step Functions: state machines, and their executions from state to state. */
export class StatesService implements Service, DeliveryTarget<ExecutionStart> {
  readonly #operations: () => OperationTable;
  readonly targets: DeliveryTargets = { stateMachine: this };
  readonly #wiring: StatesWiring;
  readonly #desk: ExecutionDesk;

  constructor(environment: ServiceEnvironment) {
    const desk = new ExecutionDesk(environment);
    const machines = new MachineRegistry(environment, desk);
    this.#desk = desk;
    this.#wiring = { environment, desk, machines };
    desk.startByArn = (stateMachineArn, input, name, context) =>
      startExecution(this.#wiring, { stateMachineArn, input, name }, context);
    this.#operations = onDemand(() => ({
      ...machineOperations(this.#wiring),
      ...versionOperations(this.#wiring),
      ...executionOperations(this.#wiring),
      ...taskOperations(this.#wiring),
      ...mapRunOperations(this.#wiring),
      ...tagOperations(this.#wiring),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#desk.resume();
  }

  /** Starts an execution on behalf of a service, whose role allows it. */
  deliver(machineArn: string, { input, name }: ExecutionStart, sender: Sender): DeliveryResult {
    const { environment } = this.#wiring;
    const [, , , region = '', account = ''] = machineArn.split(':');
    const context = { account, region, requestId: environment.ids.uuid(), now: environment.clock.now() };
    try {
      startExecution(
        this.#wiring,
        { stateMachineArn: machineArn, input, name, traceHeader: sender.traceHeader },
        context,
      );
      return { ok: true };
    } catch (error) {
      if (error instanceof ServiceError) return { ok: false, error };
      throw error;
    }
  }

  exists(machineArn: string): boolean {
    try {
      this.#wiring.machines.resolve(machineArn);
      return true;
    } catch (error) {
      if (error instanceof ServiceError) return false;
      throw error;
    }
  }

  /** State machines have no resource policy: whoever has a role that may start them, may. */
  accepts(machineArn: string): boolean {
    return this.exists(machineArn);
  }
}
