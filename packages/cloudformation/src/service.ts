import type { HttpRoute, OperationTable, Service, ServiceEnvironment } from '@holdfast/engine';
import { onDemand } from '@holdfast/kernel';
import { changeSetOperations } from './change-set-operations.ts';
import { CloudFormationCore } from './core.ts';
import { stackOperations } from './stack-operations.ts';
import { templateOperations } from './template-operations.ts';

/**
 * CloudFormation over the other services of the engine: stack work calls the same actions as any client.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/Welcome.html
 */
export class CloudFormationService implements Service {
  readonly #operations: () => OperationTable;
  readonly routes: readonly HttpRoute[];
  readonly #core: CloudFormationCore;

  constructor(environment: ServiceEnvironment) {
    this.#core = new CloudFormationCore(environment);
    this.routes = [this.#core.inbox.route];
    this.#operations = onDemand(() => ({
      ...stackOperations(this.#core),
      ...changeSetOperations(this.#core),
      ...templateOperations(this.#core),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#core.resume();
  }
}
