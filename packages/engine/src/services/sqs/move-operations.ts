import type * as Sdk from '@aws-sdk/client-sqs';
import type { ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import { base64OfText, textOfBase64 } from '@holdfast/kernel';
import { type Operations, operation, ServiceError } from '../../core/index.ts';
import { invalidParameter, invalidValue, missingParameter } from './errors.ts';
import { ACTIVE_TASKS_MAX, type MoveTask, type MoveTasks } from './move-tasks.ts';
import type { QueueRegistry } from './queue-registry.ts';

export const MOVE_RATE_MAX = 500;
export const MOVE_TASKS_LISTED_MAX = 10;

const notFound = (message: string): ServiceError => new ServiceError('ResourceNotFoundException', message, 404);

const missingResource = (parameter: 'SourceArn' | 'DestinationArn'): ServiceError =>
  notFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);

/** Base64 of a small JSON text, as AWS's. */
const taskHandleOf = (task: MoveTask): string =>
  base64OfText(JSON.stringify({ taskId: task.id, sourceArn: task.sourceArn }));

const readTaskHandle = (handle: string): { readonly taskId: string; readonly sourceArn: string } => {
  try {
    const read = JSON.parse(textOfBase64(handle) ?? '') as { taskId?: unknown; sourceArn?: unknown };
    if (typeof read.taskId === 'string' && typeof read.sourceArn === 'string') {
      return { taskId: read.taskId, sourceArn: read.sourceArn };
    }
  } catch {
    // Not base64 or not JSON: refused below like any other text.
  }
  throw invalidParameter('Value for parameter TaskHandle is invalid.');
};

const entryOf = (task: MoveTask): ListMessageMoveTasksResultEntry => {
  const entry: ListMessageMoveTasksResultEntry = {
    Status: task.status,
    SourceArn: task.sourceArn,
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    StartedTimestamp: task.startedAt,
  };
  if (task.status === 'RUNNING') entry.TaskHandle = taskHandleOf(task);
  if (task.destinationArn !== undefined) entry.DestinationArn = task.destinationArn;
  if (task.maxPerSecond !== undefined) entry.MaxNumberOfMessagesPerSecond = task.maxPerSecond;
  if (task.failureReason !== undefined) entry.FailureReason = task.failureReason;
  return entry;
};

/** Operations on message move tasks: the redrive of dead-letter queues. */
export const moveOperations = (queues: QueueRegistry, tasks: MoveTasks): Operations<typeof Sdk> => ({
  StartMessageMoveTask: operation(['SourceArn', 'DestinationArn', 'MaxNumberOfMessagesPerSecond'], (input, context) => {
    const { SourceArn: sourceArn, DestinationArn: destinationArn, MaxNumberOfMessagesPerSecond: rate } = input;
    if (sourceArn === undefined || sourceArn === '') throw missingParameter('SourceArn');
    if (rate !== undefined && !(Number.isInteger(rate) && rate >= 1 && rate <= MOVE_RATE_MAX)) {
      throw invalidValue(rate, 'MaxNumberOfMessagesPerSecond', `Must be between 1 and ${MOVE_RATE_MAX}, if provided.`);
    }
    const source = queues.find(sourceArn);
    if (source === undefined) throw missingResource('SourceArn');
    if (!queues.isDeadLetterQueue(sourceArn)) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    if (destinationArn !== undefined) {
      const destination = queues.find(destinationArn);
      if (destination === undefined) throw missingResource('DestinationArn');
      if (destination.isFifo !== source.isFifo) {
        throw invalidParameter('Source queue and destination queue must be of the same type.');
      }
      if (destination === source) {
        throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
      }
    }
    if (tasks.isRunningFor(sourceArn)) {
      throw invalidParameter(
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    if (tasks.activeCountOf(source.account) >= ACTIVE_TASKS_MAX) {
      throw invalidParameter(`The maximum number of active message move tasks, ${ACTIVE_TASKS_MAX}, is reached.`);
    }
    return { TaskHandle: taskHandleOf(tasks.start(source, destinationArn, rate, context.now)) };
  }),

  CancelMessageMoveTask: operation(['TaskHandle'], (input, context) => {
    if (input.TaskHandle === undefined || input.TaskHandle === '') throw missingParameter('TaskHandle');
    const { taskId, sourceArn } = readTaskHandle(input.TaskHandle);
    if (queues.find(sourceArn) === undefined) throw missingResource('SourceArn');
    const task = tasks.of(sourceArn).find(({ id }) => id === taskId);
    if (task === undefined) throw notFound('Task does not exist.');
    if (task.status !== 'RUNNING') {
      throw new ServiceError('UnsupportedOperation', 'Only a message move task that is RUNNING can be cancelled.', 400);
    }
    tasks.cancel(task, context.now);
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }),

  ListMessageMoveTasks: operation(['SourceArn', 'MaxResults'], (input) => {
    const { SourceArn: sourceArn, MaxResults: max = 1 } = input;
    if (sourceArn === undefined || sourceArn === '') throw missingParameter('SourceArn');
    if (!(Number.isInteger(max) && max >= 1 && max <= MOVE_TASKS_LISTED_MAX)) {
      throw invalidValue(max, 'MaxResults', `Must be between 1 and ${MOVE_TASKS_LISTED_MAX}, if provided.`);
    }
    if (queues.find(sourceArn) === undefined) throw missingResource('SourceArn');
    const entries = tasks.of(sourceArn).slice(0, max).map(entryOf);
    return entries.length === 0 ? {} : { Results: entries };
  }),
});
