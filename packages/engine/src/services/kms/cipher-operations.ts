import type * as Sdk from '@aws-sdk/client-kms';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { type EncryptionContext, keyIdOf, randomBytes, seal, unseal } from './ciphertext.ts';
import { dryRunSucceeded, incorrectKey, unknownKeyOfCiphertext, validation } from './errors.ts';
import type { KeyDesk } from './key-desk.ts';
import type { KeyRegistry } from './registry.ts';
import type { StoredKey } from './stored.ts';

const ALGORITHM = 'SYMMETRIC_DEFAULT';
const PLAINTEXT_MAX = 4_096;
const CIPHERTEXT_MAX = 6_144;
const DATA_KEY_BYTES = { AES_128: 16, AES_256: 32 } as const;

interface DataKeyInput {
  readonly KeyId: string | undefined;
  readonly KeySpec?: keyof typeof DATA_KEY_BYTES | undefined;
  readonly NumberOfBytes?: number | undefined;
  readonly EncryptionContext?: EncryptionContext | undefined;
  readonly DryRun?: boolean | undefined;
}

const checkAlgorithm = (algorithm: string | undefined): void => {
  if (algorithm !== undefined && algorithm !== ALGORITHM) throw notSupported(`the encryption algorithm ${algorithm}`);
};

const checkBlob = (path: string, blob: Uint8Array | undefined, max: number): Uint8Array => {
  const constraints = new Constraints().required(path, blob);
  if (blob !== undefined && blob.length < 1) {
    constraints.failUnseen(path, 'Member must have length greater than or equal to 1');
  }
  if (blob !== undefined && blob.length > max) {
    constraints.failUnseen(path, `Member must have length less than or equal to ${max}`);
  }
  constraints.check();
  return blob as Uint8Array;
};

const checkDataKey = ({ KeyId, KeySpec, NumberOfBytes }: DataKeyInput): number => {
  new Constraints()
    .required('keyId', KeyId)
    .oneOf('keySpec', KeySpec, ['AES_256', 'AES_128'])
    .range('numberOfBytes', NumberOfBytes, 1, 1_024)
    .check();
  if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  return KeySpec === undefined ? (NumberOfBytes as number) : DATA_KEY_BYTES[KeySpec];
};

/** Encryption and decryption, of callers' data and of keys for it. */
export const cipherOperations = (
  environment: ServiceEnvironment,
  registry: KeyRegistry,
  desk: KeyDesk,
): Operations<typeof Sdk> => {
  const { cryptography, ids } = environment;

  /** The key of a ciphertext; `keyId` is what the caller says it is. */
  const keyOf = (
    ciphertext: Uint8Array,
    keyId: string | undefined,
    action: string,
    encryptionContext: EncryptionContext | undefined,
    context: RequestContext,
  ): StoredKey => {
    const named = keyId === undefined ? undefined : registry.resolve(keyId, context);
    const key = registry.byId(keyIdOf(ciphertext));
    if (named !== undefined && key !== undefined && named.arn !== key.arn) throw incorrectKey();
    if (key === undefined || key.region !== context.region) throw unknownKeyOfCiphertext();
    if (key.account !== context.account && named === undefined) throw unknownKeyOfCiphertext();
    return desk.usable(desk.admit(key, action, { ...context, encryptionContext }));
  };

  const dataKey = (input: DataKeyInput, action: string, context: RequestContext) => {
    const length = checkDataKey(input);
    const key = desk.usable(desk.open(input.KeyId as string, action, context, input.EncryptionContext));
    if (input.DryRun === true) throw dryRunSucceeded();
    const Plaintext = randomBytes(ids, length);
    return { KeyId: key.arn, Plaintext, CiphertextBlob: seal(environment, key, Plaintext, input.EncryptionContext) };
  };

  return {
    Encrypt: operation(
      ['KeyId', 'Plaintext', 'EncryptionContext', 'GrantTokens', 'EncryptionAlgorithm', 'DryRun'],
      (input, context) => {
        new Constraints().required('keyId', input.KeyId).check();
        const text = checkBlob('plaintext', input.Plaintext, PLAINTEXT_MAX);
        checkAlgorithm(input.EncryptionAlgorithm);
        const key = desk.usable(desk.open(input.KeyId as string, 'kms:Encrypt', context, input.EncryptionContext));
        if (input.DryRun === true) throw dryRunSucceeded();
        const CiphertextBlob = seal(environment, key, text, input.EncryptionContext);
        return { CiphertextBlob, KeyId: key.arn, EncryptionAlgorithm: ALGORITHM };
      },
    ),
    Decrypt: operation(
      ['CiphertextBlob', 'EncryptionContext', 'GrantTokens', 'KeyId', 'EncryptionAlgorithm', 'DryRun'],
      (input, context) => {
        const ciphertext = checkBlob('ciphertextBlob', input.CiphertextBlob, CIPHERTEXT_MAX);
        checkAlgorithm(input.EncryptionAlgorithm);
        const key = keyOf(ciphertext, input.KeyId, 'kms:Decrypt', input.EncryptionContext, context);
        const Plaintext = unseal(cryptography, key, ciphertext, input.EncryptionContext);
        if (input.DryRun === true) throw dryRunSucceeded();
        return { KeyId: key.arn, Plaintext, EncryptionAlgorithm: ALGORITHM };
      },
    ),
    ReEncrypt: operation(
      [
        'CiphertextBlob',
        'SourceEncryptionContext',
        'SourceKeyId',
        'DestinationKeyId',
        'DestinationEncryptionContext',
        'SourceEncryptionAlgorithm',
        'DestinationEncryptionAlgorithm',
        'GrantTokens',
        'DryRun',
      ],
      (input, context) => {
        const ciphertext = checkBlob('ciphertextBlob', input.CiphertextBlob, CIPHERTEXT_MAX);
        new Constraints().required('destinationKeyId', input.DestinationKeyId).check();
        checkAlgorithm(input.SourceEncryptionAlgorithm);
        checkAlgorithm(input.DestinationEncryptionAlgorithm);
        const { SourceEncryptionContext: from, DestinationEncryptionContext: to } = input;
        const source = keyOf(ciphertext, input.SourceKeyId, 'kms:ReEncryptFrom', from, context);
        const target = desk.usable(desk.open(input.DestinationKeyId as string, 'kms:ReEncryptTo', context, to));
        const text = unseal(cryptography, source, ciphertext, from);
        if (input.DryRun === true) throw dryRunSucceeded();
        return {
          CiphertextBlob: seal(environment, target, text, to),
          SourceKeyId: source.arn,
          KeyId: target.arn,
          SourceEncryptionAlgorithm: ALGORITHM,
          DestinationEncryptionAlgorithm: ALGORITHM,
        };
      },
    ),
    GenerateDataKey: operation(
      ['KeyId', 'EncryptionContext', 'NumberOfBytes', 'KeySpec', 'GrantTokens', 'DryRun'],
      (input, context) => dataKey(input, 'kms:GenerateDataKey', context),
    ),
    GenerateDataKeyWithoutPlaintext: operation(
      ['KeyId', 'EncryptionContext', 'NumberOfBytes', 'KeySpec', 'GrantTokens', 'DryRun'],
      (input, context) => {
        const { Plaintext: _, ...answer } = dataKey(input, 'kms:GenerateDataKeyWithoutPlaintext', context);
        return answer;
      },
    ),
    GenerateRandom: operation(['NumberOfBytes'], (input) => {
      new Constraints().range('numberOfBytes', input.NumberOfBytes, 1, 1_024).check();
      if (input.NumberOfBytes === undefined) throw validation('NumberOfBytes is required.');
      return { Plaintext: randomBytes(ids, input.NumberOfBytes) };
    }),
  };
};
