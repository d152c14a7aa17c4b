import { onDemand } from '@holdfast/kernel';
import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';
import { Clockwork } from './clockwork.ts';
import { groupOperations } from './group-operations.ts';
import { Invocations } from './invocation.ts';
import { GroupMetrics } from './metrics.ts';
import { Registry, scheduleArnOf } from './registry.ts';
import { scheduleOperations } from './schedule-operations.ts';

/** Amazon EventBridge Scheduler: schedules in time zones that call any action of the engine. */
export class SchedulerService implements Service {
  readonly #operations: () => OperationTable;
  readonly #registry: Registry;
  readonly #clockwork: Clockwork;
  readonly #invocations: Invocations;

  constructor(environment: ServiceEnvironment) {
    this.#registry = new Registry(environment.store);
    this.#invocations = new Invocations(environment, new GroupMetrics(() => environment.metrics));
    this.#clockwork = new Clockwork(environment, {
      run: (schedule, scheduledAt) => {
        const { account, region, groupName, target } = schedule;
        const scheduleArn = scheduleArnOf(schedule);
        this.#invocations.begin({ account, region, groupName, scheduleArn, target, scheduledAt });
      },
      completed: (schedule) => {
        if (schedule.isDeletedAfterCompletion) this.#registry.delete(schedule);
      },
    });
    this.#operations = onDemand(() => ({
      ...scheduleOperations(this.#registry, this.#clockwork, environment.api),
      ...groupOperations(this.#registry, this.#clockwork),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#invocations.start();
    this.#clockwork.start(this.#registry.all());
  }
}
