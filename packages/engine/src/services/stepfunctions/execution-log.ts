import type { ServiceEnvironment } from '../../core/index.ts';
import type { Program } from './definition/program.ts';
import type { Revision } from './machines.ts';
import type { StoredEvent, StoredExecution } from './running/execution.ts';

const FATAL: ReadonlySet<string> = new Set(['ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);
/** Members of an event's details that carry what flows through the execution. */
const DATA_MEMBERS: ReadonlySet<string> = new Set([
  'input',
  'inputDetails',
  'output',
  'outputDetails',
  'parameters',
  'assignedVariables',
  'assignedVariablesDetails',
]);

/** Whether events of a type are logged on a level. https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html */
export const isLogged = (type: string, level: Revision['logging']['level']): boolean => {
  if (level === 'ALL') return true;
  if (level === 'OFF') return false;
  if (FATAL.has(type)) return true;
  return level === 'ERROR' && (type === 'FailStateEntered' || /(?:Failed|Aborted|TimedOut)$/.test(type));
};

/** Writes histories to the log group that a machine names. */
export class ExecutionLog {
  readonly #environment: ServiceEnvironment;
  readonly #streams = new Map<string, string>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
  }

  write(record: StoredExecution, { logging }: Revision, event: StoredEvent, _program: Program): void {
    if (logging.groupArn === undefined || !isLogged(event.type, logging.level)) return;
    const group = logging.groupArn.split(':').slice(6).join(':').replace(/:\*$/, '');
    const details = Object.entries(event.details ?? {}).filter(
      ([name]) => logging.includeExecutionData || !DATA_MEMBERS.has(name),
    );
    const message = {
      id: String(event.id),
      type: event.type,
      details: Object.fromEntries(details),
      previous_event_id: String(event.previousEventId),
      event_timestamp: String(event.at),
      execution_arn: record.arn,
      ...(record.mapRunArn === undefined ? {} : { map_run_arn: record.mapRunArn }),
      redrive_count: String(record.redriveCount),
    };
    const { account, region } = record;
    const target = { account, region, group, stream: this.#streamOf(record) };
    this.#environment.logs.append(target, [{ at: event.at, message: JSON.stringify(message) }]);
  }

  #streamOf({ machineArn, machineName }: StoredExecution): string {
    let stream = this.#streams.get(machineArn);
    if (stream === undefined) {
      const minute = new Date(this.#environment.clock.now()).toISOString().slice(0, 16).replace(/[T:]/g, '-');
      stream = `states/${machineName}/${minute}/${this.#environment.ids.hex(8)}`;
      this.#streams.set(machineArn, stream);
    }
    return stream;
  }
}
