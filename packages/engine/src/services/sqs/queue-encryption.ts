import {
  DataKeys,
  keyFault,
  type RequestContext,
  type Sender,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { Queue } from './queue.ts';

/** What senders need of a key, and what receivers need. */
const ACTIONS = { send: ['kms:GenerateDataKey', 'kms:Decrypt'], receive: ['kms:Decrypt'] } as const;

/** Someone who sends to a queue or receives from it. */
export type QueueUser = Sender & Pick<Partial<RequestContext>, 'callerArn' | 'account'>;

/**
 * Queues whose messages are encrypted under a key of KMS: sending and receiving need that key, by its policy and its state.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 */
export class QueueEncryption {
  readonly #environment: ServiceEnvironment;
  #dataKeys: DataKeys | undefined;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
  }

  /** Why the key of a queue does not let somebody at its messages, if it does not. */
  refusalOf(queue: Queue, action: keyof typeof ACTIONS, user: QueueUser): ServiceError | undefined {
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

  #ask(queue: Queue, actions: readonly string[], user: QueueUser): ServiceError | undefined {
    const keyId = queue.attributes['KmsMasterKeyId'];
    if (keyId === undefined) return undefined;
    this.#dataKeys ??= new DataKeys(this.#environment);
    const { principal, sourceArn, sourceAccount, callerArn, roleArn } = user;
    const use = {
      account: user.account ?? queue.account,
      region: queue.region,
      keyId,
      actions,
      via: 'sqs',
      principal,
      callerArn: callerArn ?? roleArn,
      sourceArn,
      sourceAccount,
      encryptionContext: { 'aws:sqs:arn': queue.arn },
    };
    const reuseMs = Number(queue.attributes['KmsDataKeyReusePeriodSeconds'] ?? 300) * 1_000;
    const refusal = this.#dataKeys.refusalOf(queue.arn, use, reuseMs);
    return refusal && new ServiceError(`Kms${keyFault(refusal)}`, refusal.message, 400);
  }
}
