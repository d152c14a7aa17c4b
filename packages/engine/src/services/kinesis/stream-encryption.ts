import { DataKeys, keyFault, type RequestContext, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import type { Stream } from './stream.ts';

/** Kinesis keeps a data key of a stream for this long. */
const REUSE_MS = 5 * 60_000;

/**
 * Streams under a key of KMS: producers and consumers need it, by its policy and its state.
 *
 * @see https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html
 */
export class StreamEncryption {
  readonly #dataKeys: DataKeys;

  constructor(environment: ServiceEnvironment) {
    this.#dataKeys = new DataKeys(environment);
  }

  /** @throws ServiceError KMSAccessDeniedException, KMSDisabledException, KMSInvalidStateException, KMSNotFoundException */
  check({ stored }: Stream, action: 'kms:GenerateDataKey' | 'kms:Decrypt', context: RequestContext): void {
    const { arn, encryptionKeyId: keyId } = stored;
    if (keyId === undefined) return;
    const { account, region, callerArn } = context;
    const encryptionContext = { 'aws:kinesis:arn': arn };
    const use = { account, region, keyId, actions: [action], via: 'kinesis', callerArn, encryptionContext };
    const refusal = this.#dataKeys.refusalOf(arn, use, REUSE_MS);
    if (refusal !== undefined) throw new ServiceError(`KMS${keyFault(refusal)}Exception`, refusal.message, 400);
  }
}
