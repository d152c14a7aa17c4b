import type { Sender } from './delivery.ts';
import type { RequestContext } from './operation.ts';
import type { ServiceError } from './service-error.ts';

/** Who uses a key, for what, through which service. */
export interface KeyUse {
  /** Of whoever calls: `kms:CallerAccount`. */
  readonly account: string;
  readonly region: string;
  /** Id, ARN, alias or ARN of an alias of the key. */
  readonly keyId: string;
  /** E.g. `kms:GenerateDataKey`, `kms:Decrypt`; with none, only the key's state counts. */
  readonly actions: readonly string[];
  /** The service that holds the data, as in `kms:ViaService`: `sqs`. */
  readonly via: string;
  /** A service that acts on its own behalf (`events.amazonaws.com`); else the caller's account or role is judged. */
  readonly principal?: string | undefined;
  /** ARN of the calling role's session, when it is known. */
  readonly callerArn?: string | undefined;
  readonly sourceArn?: string | undefined;
  readonly sourceAccount?: string | undefined;
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined;
}

/** Someone who uses data that a service holds under a key: a caller of the API, or another service. */
export type KeyUser = Sender & Pick<Partial<RequestContext>, 'callerArn' | 'account'>;

/** The use that a service makes of a key for somebody; who names no account acts in that of `held`. */
export const keyUseFor = (
  { principal, sourceArn, sourceAccount, callerArn, roleArn, account }: KeyUser,
  held: Pick<KeyUse, 'account' | 'region' | 'keyId' | 'actions' | 'via' | 'encryptionContext'>,
): KeyUse => ({
  ...held,
  account: account ?? held.account,
  principal,
  callerArn: callerArn ?? roleArn,
  sourceArn,
  sourceAccount,
});

/** What KMS lends to services that hold data under its keys. */
export interface KeySource {
  /**
   * Why the key cannot be used, if it cannot: KMS's own error, by code `AccessDeniedException`, `DisabledException`,
   * `KMSInvalidStateException` or `NotFoundException`. Every service tells of it by a name of its own.
   */
  refusalOf(use: KeyUse): ServiceError | undefined;
  /** ARN of the key behind an id or alias; `undefined` when there is none. */
  arnOf(use: Pick<KeyUse, 'account' | 'region' | 'keyId'>): string | undefined;
  /** Calls back when a key may have become usable, or may not be any more. */
  onChange(listener: () => void): void;
}

/** `AccessDenied`, `Disabled`, `InvalidState` or `NotFound`: what services build their names from. */
export const keyFault = ({ code }: ServiceError): string => code.replace(/^KMS/, '').replace(/Exception$/, '');
