import { onDemand } from '@holdfast/kernel';
import {
  type DeliveryResult,
  type DeliveryTarget,
  type FailedRun,
  type HttpRoute,
  type OperationTable,
  policyAllows,
  type QueueFacts,
  type QueueMessage,
  type QueueSource,
  type Sender,
  type Service,
  type ServiceEnvironment,
  ServiceError,
  type SourceMessage,
} from '../../core/index.ts';
import { queueDoesNotExist } from './errors.ts';
import { FailedReceives } from './failed-receives.ts';
import { lookRoute } from './look-route.ts';
import { fromDelivered } from './message-attributes.ts';
import { draftMessage } from './message-draft.ts';
import { messageOperations } from './message-operations.ts';
import { moveOperations } from './move-operations.ts';
import { MoveTasks } from './move-tasks.ts';
import { permissionOperations } from './permission-operations.ts';
import type { Queue } from './queue.ts';
import { QueueEncryption } from './queue-encryption.ts';
import { queueOperations } from './queue-operations.ts';
import { QueueRegistry } from './queue-registry.ts';
import { sourceMessage } from './received-message.ts';
import { deliverySenderId } from './sender-id.ts';
import { tagOperations } from './tag-operations.ts';

/**
 * Amazon SQS: standard and FIFO queues, for callers of the API, for services that deliver to queues, and for the
 * pollers of event source mappings.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/welcome.html
 */
export class SqsService implements Service, DeliveryTarget<QueueMessage>, QueueSource {
  readonly #operations: () => OperationTable;
  readonly targets = { queue: this };
  readonly lends = { queues: this };
  readonly routes: readonly HttpRoute[];
  readonly #environment: ServiceEnvironment;
  readonly #queues: QueueRegistry;
  readonly #moveTasks: MoveTasks;
  readonly #encryption: QueueEncryption;
  readonly #failedReceives: FailedReceives;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#queues = new QueueRegistry(environment);
    this.#failedReceives = new FailedReceives(environment.clock.now());
    this.#encryption = new QueueEncryption(environment);
    this.#moveTasks = new MoveTasks(environment, this.#queues, this.#encryption);
    this.routes = [lookRoute(this.#queues, this.#failedReceives, environment)];
    this.#operations = onDemand(() => ({
      ...queueOperations(this.#queues),
      ...messageOperations(this.#queues, this.#encryption),
      ...tagOperations(this.#queues),
      ...permissionOperations(this.#queues),
      ...moveOperations(this.#queues, this.#moveTasks),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#queues.resume();
    this.#moveTasks.resume();
    this.#environment.keys.onChange(() => this.#queues.keysChanged());
  }

  /** Why a queue does not let a service in: its policy or its key. */
  #refusalOf(queue: Queue, sender: Sender): ServiceError | undefined {
    if (!policyAllows(queue.settings.policy, sender, 'sqs:SendMessage', queue.arn)) {
      return new ServiceError('AccessDenied', `Access to the resource ${queue.arn} is denied.`, 403);
    }
    return this.#encryption.refusalOf(queue, 'send', sender);
  }

  deliver(queueArn: string, message: QueueMessage, sender: Sender): DeliveryResult {
    const queue = this.#queues.find(queueArn);
    if (queue === undefined) return { ok: false, error: queueDoesNotExist() };
    const refusal = this.#refusalOf(queue, sender);
    if (refusal !== undefined) return { ok: false, error: refusal };
    const { clock, digest } = this.#environment;
    const now = clock.now();
    try {
      const request = {
        MessageBody: message.body,
        MessageAttributes: fromDelivered(message.attributes),
        MessageGroupId: message.groupId,
        MessageDeduplicationId: message.deduplicationId,
      };
      const draft = draftMessage(request, {
        settings: queue.settings,
        digest,
        senderId: deliverySenderId(queue.account, sender, now, this.#environment),
        traceHeader: sender.traceHeader,
      });
      queue.send({ draft, delayMs: undefined }, now);
    } catch (error) {
      if (error instanceof ServiceError) return { ok: false, error };
      throw error;
    }
    return { ok: true };
  }

  exists(queueArn: string): boolean {
    return this.#queues.find(queueArn) !== undefined;
  }

  accepts(queueArn: string, sender: Sender): boolean {
    const queue = this.#queues.find(queueArn);
    return queue !== undefined && this.#refusalOf(queue, sender) === undefined;
  }

  facts(queueArn: string): QueueFacts | undefined {
    const queue = this.#queues.find(queueArn);
    return (
      queue && {
        visibilityTimeoutSeconds: queue.settings.visibilityTimeoutMs / 1_000,
        isFifo: queue.isFifo,
      }
    );
  }

  failed(queueArn: string, run: FailedRun): void {
    this.#failedReceives.note(queueArn, run, this.#environment.clock.now());
  }

  receive(queueArn: string, max: number, visibilityTimeoutSeconds?: number): readonly SourceMessage[] {
    const queue = this.#queues.find(queueArn);
    if (queue === undefined || this.#encryption.refusalOfPoller(queue) !== undefined) return [];
    const now = this.#environment.clock.now();
    const visibilityTimeoutMs = visibilityTimeoutSeconds === undefined ? undefined : visibilityTimeoutSeconds * 1_000;
    const messages = queue.receive(now, max, visibilityTimeoutMs);
    queue.metrics.received(messages.length, now);
    return messages.map((message) => {
      const content = queue.contentOf(message);
      return sourceMessage(message, content, queue.receiptHandleOf(message, content.id));
    });
  }

  delete(queueArn: string, receiptHandles: readonly string[]): void {
    const queue = this.#queues.find(queueArn);
    if (queue === undefined) return;
    const now = this.#environment.clock.now();
    for (const handle of receiptHandles) {
      try {
        queue.delete(handle, now);
      } catch (error) {
        // An expired FIFO handle: the message comes again, as it would for AWS's own pollers.
        if (!(error instanceof ServiceError)) throw error;
      }
    }
  }

  onAvailable(queueArn: string, listener: () => void): () => void {
    const listeners = this.#queues.listenersOf(queueArn);
    listeners.add(listener);
    this.#queues.find(queueArn)?.listen();
    return () => {
      listeners.delete(listener);
    };
  }
}
