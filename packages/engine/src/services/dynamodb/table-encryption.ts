import { DataKeys, type RequestContext, type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import type { StoredTable } from './table.ts';

/** DynamoDB keeps a caller's key of a table for this long. */
const REUSE_MS = 5 * 60_000;

/**
 * Tables under a key of KMS: every read and write needs it, by its policy and its state.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
export class TableEncryption {
  readonly #dataKeys: DataKeys;

  constructor(environment: ServiceEnvironment) {
    this.#dataKeys = new DataKeys(environment);
  }

  /** @throws ServiceError AccessDeniedException, with KMS's own words in it */
  check({ arn, name, account, region, encryption }: StoredTable, context: RequestContext): void {
    if (encryption === undefined) return;
    const use = {
      account: context.account,
      region,
      keyId: encryption.keyId,
      actions: ['kms:Decrypt'],
      via: 'dynamodb',
      callerArn: context.callerArn,
      encryptionContext: { 'aws:dynamodb:tableName': name, 'aws:dynamodb:subscriberId': account },
    };
    const refusal = this.#dataKeys.refusalOf(arn, use, REUSE_MS);
    if (refusal === undefined) return;
    const text = `${refusal.message} (Service: AWSKMS; Status Code: 400; Error Code: ${refusal.code})`;
    throw new ServiceError(
      'AccessDeniedException',
      `KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: ${text}`,
      400,
    );
  }
}
