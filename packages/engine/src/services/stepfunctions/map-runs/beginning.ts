import { makeArn } from '@holdfast/aws-model';
import type { JsonObject, RequestContext, ServiceEnvironment } from '../../../core/index.ts';
import { innerLevel, type StateNode } from '../definition/program.ts';
import { StateFailure } from '../language/errors.ts';
import type { Course } from '../running/course.ts';
import type { MachineType, StoredExecution, Thread } from '../running/execution.ts';
import { selectItem } from '../running/item-selector.ts';
import { numberOf } from '../running/processing.ts';
import type { Runner } from '../running/runner.ts';
import { checkTolerance, itemsOf } from '../running/states.ts';
import { batchItems } from './item-batcher.ts';
import { planReader, readItems } from './item-reader.ts';
import type { StoredMapRun } from './map-run.ts';
import { planWriter } from './result-writer.ts';

/** What a map run begins with. */
interface Beginning {
  readonly run: StoredMapRun;
  /** Of its children, as JSON text. */
  readonly inputs: readonly string[];
}

/** Calls of other services that a map makes by itself, on behalf of its execution. */
export const ownContext = (
  { ids, clock }: ServiceEnvironment,
  { account, region }: StoredExecution,
): RequestContext => ({ account, region, requestId: ids.uuid(), now: clock.now() });

/**
 * Evaluates what a map state asks for and reads its items: all that may fail before the first child runs.
 *
 * @throws StateFailure
 */
export const beginMapRun = (runner: Runner, course: Course, thread: Thread, node: StateNode): Beginning => {
  const { environment } = runner;
  const { fields } = node;
  const scope = runner.scopeOf(course, thread);
  const concurrency = numberOf(node, 'MaxConcurrency', scope) ?? 0;
  const given = fields.ItemReader === undefined ? itemsOf(node, scope) : undefined;
  runner.emit(course, thread, 'MapStateStarted', { length: given?.length ?? 0 });
  const tolerance = checkTolerance(node, scope);
  const plan = given === undefined ? planReader(node, scope) : undefined;
  const destination = planWriter(node, scope);
  const { record } = course;
  const label = (fields.Label as string | undefined) ?? environment.ids.uuid();
  const { account, region, machineName } = record;
  const arn = makeArn('states', region, account, `mapRun:${machineName}/${label}:${environment.ids.uuid()}`);
  runner.emit(course, thread, 'MapRunStarted', { mapRunArn: arn });
  let inputs: readonly string[];
  let itemsTotal: number;
  try {
    const read = given ?? readItems(plan as NonNullable<typeof plan>, environment, ownContext(environment, record));
    itemsTotal = read.length;
    const items = read.map((item, index) => selectItem(runner, course, thread, node, index, item));
    inputs = batchItems(node, scope, items).map((input) => JSON.stringify(input));
  } catch (error) {
    if (error instanceof StateFailure && error.error === 'States.ItemReaderFailed') {
      runner.emit(course, thread, 'MapRunFailed', { error: error.error, cause: error.errorCause });
    }
    throw error;
  }
  const processor = (fields.ItemProcessor ?? fields.Iterator) as JsonObject;
  const config = processor.ProcessorConfig as JsonObject;
  const run: StoredMapRun = {
    arn,
    label,
    executionArn: record.arn,
    serial: record.serial,
    thread: thread.id,
    machineArn: record.machineArn,
    childType: (config.ExecutionType as MachineType | undefined) ?? 'STANDARD',
    level: innerLevel(thread.level, thread.state, 0),
    startedAt: runner.now(),
    maxConcurrency: concurrency,
    toleratedCount: hasField(fields, 'ToleratedFailureCount') ? tolerance.count : undefined,
    toleratedPercentage: hasField(fields, 'ToleratedFailurePercentage') ? tolerance.percentage : undefined,
    destination,
    total: inputs.length,
    itemsTotal,
    next: 0,
    status: 'RUNNING',
  };
  return { run, inputs };
};

const hasField = (fields: JsonObject, name: string): boolean =>
  fields[name] !== undefined || fields[`${name}Path`] !== undefined;
