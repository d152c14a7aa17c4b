import type { TransactWriteItemsCommandInput } from '@aws-sdk/client-dynamodb';
import { base64OfBytes, type Digest, type EpochMs } from '@holdfast/kernel';
import { type Collection, type RequestContext, ServiceError, type Store } from '../../core/index.ts';

/** How long a `ClientRequestToken` protects from doing the same twice. */
export const TOKEN_LIFETIME_MS = 10 * 60_000;

interface StoredToken {
  readonly digest: string;
  readonly expiresAt: EpochMs;
}

/** Tokens of transactions done in the last ten minutes, oldest first. */
export class TransactionTokens {
  readonly #tokens = new Map<string, StoredToken>();
  readonly #stored: Collection<StoredToken>;
  readonly #digest: Digest;

  constructor(store: Store, digest: Digest) {
    this.#digest = digest;
    this.#stored = store.collection('dynamodb.transactions');
    const loaded = [...this.#stored.entries()].sort(([, a], [, b]) => a.expiresAt - b.expiresAt);
    for (const [key, token] of loaded) this.#tokens.set(key, token);
  }

  #key({ account, region }: RequestContext, token: string): string {
    return `${account}/${region}/${token}`;
  }

  digestOf(input: TransactWriteItemsCommandInput): string {
    return this.#digest.sha256Hex(canonicalText(input.TransactItems));
  }

  /** Whether the very same transaction was done already; another one under the same token is refused. */
  wasDone(context: RequestContext, token: string, digest: string): boolean {
    this.#forgetExpired(context.now);
    const known = this.#tokens.get(this.#key(context, token));
    if (known === undefined) return false;
    if (known.digest === digest) return true;
    throw new ServiceError(
      'IdempotentParameterMismatchException',
      'DynamoDB rejected the request because you retried a request with a different payload but with an idempotent ' +
        'token that was already used.',
      400,
    );
  }

  remember(context: RequestContext, token: string, digest: string): void {
    const stored = { digest, expiresAt: context.now + TOKEN_LIFETIME_MS };
    this.#tokens.set(this.#key(context, token), stored);
    this.#stored.put(this.#key(context, token), stored);
  }

  #forgetExpired(now: EpochMs): void {
    for (const [key, token] of this.#tokens) {
      if (token.expiresAt > now) return;
      this.#tokens.delete(key);
      this.#stored.delete(key);
    }
  }
}

/** JSON that does not depend on the order of members. */
const canonicalText = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) => {
    if (member instanceof Uint8Array) return base64OfBytes(member);
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
