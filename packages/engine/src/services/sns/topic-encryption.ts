import {
  DataKeys,
  type KeyUser,
  keyFault,
  keyUseFor,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type { StoredTopic } from './stored.ts';

/** SNS asks KMS again after this time. */
const REUSE_MS = 5 * 60_000;

/**
 * Topics whose messages are encrypted under a key of KMS: publishing needs that key, by its policy and its state.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
export class TopicEncryption {
  readonly #dataKeys: DataKeys;

  constructor(environment: ServiceEnvironment) {
    this.#dataKeys = new DataKeys(environment);
  }

  /** Why the key of a topic does not let somebody publish, if it does not. */
  refusalOf(topic: StoredTopic, user: KeyUser): ServiceError | undefined {
    const keyId = topic.attributes['KmsMasterKeyId'];
    if (keyId === undefined || keyId === '') return undefined;
    const use = keyUseFor(user, {
      account: topic.account,
      region: topic.region,
      keyId,
      actions: ['kms:GenerateDataKey', 'kms:Decrypt'],
      via: 'sns',
      encryptionContext: { 'aws:sns:topicArn': topic.arn },
    });
    const refusal = this.#dataKeys.refusalOf(topic.arn, use, REUSE_MS);
    return refusal && new ServiceError(`KMS${keyFault(refusal)}`, refusal.message, 400);
  }

  /** @throws ServiceError KMSAccessDenied, KMSDisabled, KMSInvalidState, KMSNotFound */
  check(topic: StoredTopic, context: RequestContext): void {
    const refusal = this.refusalOf(topic, context);
    if (refusal !== undefined) throw refusal;
  }
}
