import {
  DataKeys,
  type KeyUser,
  keyFault,
  keyUseFor,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { Queue } from './queue.ts';

/** What senders need of a key, and what receivers need. */
const ACTIONS = { send: ['kms:GenerateDataKey', 'kms:Decrypt'], receive: ['kms:Decrypt'] } as const;

/**
 * Queues whose messages are encrypted under a key of KMS: sending and receiving need that key, by its policy and its state.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export class QueueEncryption {
  readonly #dataKeys: DataKeys;

  constructor(environment: ServiceEnvironment) {
    this.#dataKeys = new DataKeys(environment);
  }

  /** Why the key of a queue does not let somebody at its messages, if it does not. */
  refusalOf(queue: Queue, action: keyof typeof ACTIONS, user: KeyUser): ServiceError | undefined {
    return this.#ask(queue, ACTIONS[action], user);
  }

  /** The same for the queue's own pollers, whose role is not known: the state of the key alone. */
  refusalOfPoller(queue: Queue): ServiceError | undefined {
    return this.#ask(queue, [], {});
  }

  /** @throws ServiceError KmsAccessDenied, KmsDisabled, KmsInvalidState, KmsNotFound */
  check(queue: Queue, action: keyof typeof ACTIONS, context: RequestContext): void {
    const refusal = this.refusalOf(queue, action, context);
    if (refusal !== undefined) throw refusal;
  }

  #ask(queue: Queue, actions: readonly string[], user: KeyUser): ServiceError | undefined {
    const keyId = queue.attributes['KmsMasterKeyId'];
    if (keyId === undefined) return undefined;
    const use = keyUseFor(user, {
      account: queue.account,
      region: queue.region,
      keyId,
      actions,
      via: 'sqs',
      encryptionContext: { 'aws:sqs:arn': queue.arn },
    });
    const reuseMs = Number(queue.attributes['KmsDataKeyReusePeriodSeconds'] ?? 300) * 1_000;
    const refusal = this.#dataKeys.refusalOf(queue.arn, use, reuseMs);
    return refusal && new ServiceError(`Kms${keyFault(refusal)}`, refusal.message, 400);
  }
}
