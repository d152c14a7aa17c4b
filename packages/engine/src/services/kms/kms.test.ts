import { DAY_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/app`;
const SESSION = { callerArn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session` };
const policyOf = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((each) => ({ Resource: '*', ...each })) });
const OWNER = { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*' };

interface Ciphertext {
  readonly CiphertextBlob: Uint8Array;
  readonly Plaintext: Uint8Array;
  readonly KeyId: string;
}

let test: TestEngine;
const kms = <Output = Ciphertext>(action: string, input: object = {}, context: object = {}) =>
  test.call<Output>('kms', action, input, context);
const newKey = async (input: object = {}) =>
  (await kms<{ KeyMetadata: { KeyId: string; Arn: string } }>('CreateKey', input)).KeyMetadata;

beforeEach(() => {
  test = new TestEngine();
});

describe('keys', () => {
  it('seal what only they open, with the context that was given', async () => {
    const { KeyId, Arn } = await newKey();
    const EncryptionContext = { order: '1', tenant: 'a' };
    const sealed = await kms('Encrypt', { KeyId, Plaintext: bytes('secret'), EncryptionContext });
    expect(Buffer.from(sealed.CiphertextBlob).toString('base64')).toMatch(/^AQICAH/);
    const { CiphertextBlob } = sealed;
    const opened = await kms('Decrypt', { CiphertextBlob, EncryptionContext: { tenant: 'a', order: '1' } });
    expect([text(opened.Plaintext), opened.KeyId]).toEqual(['secret', Arn]);
    await expect(kms('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ code: 'InvalidCiphertextException' });
    const broken = CiphertextBlob.map((byte, index) => (index === CiphertextBlob.length - 1 ? byte ^ 1 : byte));
    await expect(kms('Decrypt', { CiphertextBlob: broken, EncryptionContext })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    });
    const other = await newKey();
    await expect(kms('Decrypt', { CiphertextBlob, EncryptionContext, KeyId: other.KeyId })).rejects.toMatchObject({
      code: 'IncorrectKeyException',
    });
  });

  it('give out data keys, whole and sealed', async () => {
    const { KeyId } = await newKey();
    const { Plaintext, CiphertextBlob } = await kms('GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
    expect(Plaintext).toHaveLength(32);
    expect((await kms('Decrypt', { CiphertextBlob })).Plaintext).toEqual(Plaintext);
    const sealed = await kms('GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 7 });
    expect(sealed.Plaintext).toBeUndefined();
    expect((await kms('Decrypt', { CiphertextBlob: sealed.CiphertextBlob })).Plaintext).toHaveLength(7);
    await expect(kms('GenerateDataKey', { KeyId })).rejects.toMatchObject({ code: 'ValidationException' });
  });

  it('hand a ciphertext on to another key', async () => {
    const [from, to] = [await newKey(), await newKey()];
    const { CiphertextBlob } = await kms('Encrypt', { KeyId: from.KeyId, Plaintext: bytes('x') });
    const again = await kms('ReEncrypt', { CiphertextBlob, DestinationKeyId: to.KeyId });
    await kms('DisableKey', { KeyId: from.KeyId });
    const opened = await kms('Decrypt', { CiphertextBlob: again.CiphertextBlob });
    expect([text(opened.Plaintext), opened.KeyId]).toEqual(['x', to.Arn]);
  });

  it('cannot be used while they are disabled or about to be deleted', async () => {
    const { KeyId, Arn } = await newKey();
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: bytes('x') });
    await kms('DisableKey', { KeyId });
    await expect(kms('Decrypt', { CiphertextBlob })).rejects.toMatchObject({
      code: 'DisabledException',
      message: `${Arn} is disabled.`,
    });
    await kms('EnableKey', { KeyId });
    await kms('Decrypt', { CiphertextBlob });
    expect(await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 })).toMatchObject({
      KeyState: 'PendingDeletion',
    });
    await expect(kms('Encrypt', { KeyId, Plaintext: bytes('x') })).rejects.toMatchObject({
      code: 'KMSInvalidStateException',
      message: `${Arn} is pending deletion.`,
    });
    await kms('CancelKeyDeletion', { KeyId });
    expect(await kms('DescribeKey', { KeyId })).toMatchObject({
      KeyMetadata: { KeyState: 'Disabled', Enabled: false },
    });
    await kms('EnableKey', { KeyId });
    await kms('Decrypt', { CiphertextBlob });
  });

  it('are gone when their time has come, and their aliases with them', async () => {
    const { KeyId, Arn } = await newKey();
    await kms('CreateAlias', { AliasName: 'alias/orders', TargetKeyId: KeyId });
    const { CiphertextBlob } = await kms('Encrypt', { KeyId: 'alias/orders', Plaintext: bytes('x') });
    await kms('ScheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
    await test.advance(7 * DAY_MS);
    await expect(kms('DescribeKey', { KeyId })).rejects.toMatchObject({
      code: 'NotFoundException',
      message: `Key '${Arn}' does not exist`,
    });
    await expect(kms('DescribeKey', { KeyId: 'alias/orders' })).rejects.toMatchObject({ code: 'NotFoundException' });
    await expect(kms('Decrypt', { CiphertextBlob })).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  it('get new material every period and still open what is older', async () => {
    const { KeyId } = await newKey();
    await kms('EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: bytes('old') });
    await test.advance(200 * DAY_MS);
    await kms('Encrypt', { KeyId, Plaintext: bytes('new') });
    expect(await kms<{ Rotations: object[] }>('ListKeyRotations', { KeyId })).toMatchObject({
      Rotations: [{ RotationType: 'AUTOMATIC' }, { RotationType: 'AUTOMATIC' }],
    });
    expect(text((await kms('Decrypt', { CiphertextBlob })).Plaintext)).toBe('old');
  });

  it('that are not modelled are refused by name', async () => {
    await expect(newKey({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })).rejects.toThrow(/RSA_2048/);
    await expect(newKey({ MultiRegion: true })).rejects.toThrow(/MultiRegion/);
    await expect(kms('Sign', { KeyId: 'x' })).rejects.toThrow(/AWS KMS Sign/);
  });

  it('survive the process', async () => {
    const store = new MapStore();
    test = new TestEngine({ store });
    const { KeyId } = await newKey({ Tags: [{ TagKey: 'team', TagValue: 'a' }] });
    await kms('CreateAlias', { AliasName: 'alias/orders', TargetKeyId: KeyId });
    const { CiphertextBlob } = await kms('Encrypt', { KeyId, Plaintext: bytes('x') });
    await kms('ScheduleKeyDeletion', { KeyId });
    await kms('CancelKeyDeletion', { KeyId });
    await kms('EnableKey', { KeyId });
    const start = test.clock.now();
    test = new TestEngine({ store, start });
    expect(text((await kms('Decrypt', { CiphertextBlob, KeyId: 'alias/orders' })).Plaintext)).toBe('x');
    await test.advance(31 * DAY_MS);
    expect(await kms('ListResourceTags', { KeyId })).toMatchObject({ Tags: [{ TagKey: 'team', TagValue: 'a' }] });
  });
});

describe('a key policy', () => {
  it('that names the account leaves it to IAM; one that does not lets nobody else in', async () => {
    const only = { Effect: 'Allow', Principal: { AWS: ROLE }, Action: ['kms:Encrypt', 'kms:PutKeyPolicy'] };
    const Policy = policyOf(only);
    await expect(newKey({ Policy })).rejects.toMatchObject({ code: 'MalformedPolicyDocumentException' });
    const { KeyId, Arn } = await newKey({ Policy, BypassPolicyLockoutSafetyCheck: true });
    await kms('Encrypt', { KeyId, Plaintext: bytes('x') }, SESSION);
    await expect(kms('Encrypt', { KeyId, Plaintext: bytes('x') })).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: `User: arn:aws:iam::${ACCOUNT}:root is not authorized to perform: kms:Encrypt on resource: ${Arn} because no resource-based policy allows the kms:Encrypt action`,
    });
    await kms('PutKeyPolicy', { KeyId, Policy: policyOf(OWNER) }, { ...SESSION });
    await kms('Encrypt', { KeyId, Plaintext: bytes('x') });
    await expect(kms('GetKeyPolicy', { KeyId, PolicyName: 'other' })).rejects.toMatchObject({
      code: 'NotFoundException',
    });
  });

  it('may look at the encryption context', async () => {
    const Condition = { StringEquals: { 'kms:EncryptionContext:tenant': 'a' } };
    const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:Encrypt', Condition };
    const { KeyId } = await newKey({ Policy: policyOf(OWNER, deny) });
    const Plaintext = bytes('x');
    await kms('Encrypt', { KeyId, Plaintext, EncryptionContext: { tenant: 'b' } });
    await expect(kms('Encrypt', { KeyId, Plaintext, EncryptionContext: { tenant: 'a' } })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
  });

  it('is added to by grants', async () => {
    const other = 'arn:aws:iam::111122223333:root';
    const { KeyId, Arn } = await newKey();
    const elsewhere = { account: '111122223333' };
    await expect(kms('DescribeKey', { KeyId: Arn }, elsewhere)).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    const Constraints = { EncryptionContextSubset: { tenant: 'a' } };
    const grant = { KeyId, GranteePrincipal: other, Operations: ['Encrypt', 'DescribeKey'], Constraints, Name: 'n' };
    const { GrantId } = await kms<{ GrantId: string }>('CreateGrant', grant);
    expect((await kms<{ GrantId: string }>('CreateGrant', grant)).GrantId).toBe(GrantId);
    const Plaintext = bytes('x');
    const EncryptionContext = { tenant: 'a', more: '1' };
    await kms('Encrypt', { KeyId: Arn, Plaintext, EncryptionContext }, elsewhere);
    await expect(kms('Encrypt', { KeyId: Arn, Plaintext }, elsewhere)).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    expect(await kms('ListGrants', { KeyId })).toMatchObject({ Grants: [{ GrantId, GranteePrincipal: other }] });
    await kms('RevokeGrant', { KeyId, GrantId });
    await expect(kms('Encrypt', { KeyId: Arn, Plaintext, EncryptionContext }, elsewhere)).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

describe('aliases', () => {
  it('name keys and can name others', async () => {
    const [a, b] = [await newKey(), await newKey()];
    const AliasName = 'alias/app';
    await kms('CreateAlias', { AliasName, TargetKeyId: a.KeyId });
    const AliasArn = `arn:aws:kms:us-east-1:${ACCOUNT}:alias/app`;
    await expect(kms('CreateAlias', { AliasName, TargetKeyId: b.KeyId })).rejects.toMatchObject({
      code: 'AlreadyExistsException',
      message: `An alias with the name ${AliasArn} already exists`,
    });
    await kms('UpdateAlias', { AliasName, TargetKeyId: b.KeyId });
    expect(await kms('ListAliases', { KeyId: b.KeyId })).toMatchObject({
      Aliases: [{ AliasName, AliasArn, TargetKeyId: b.KeyId }],
    });
    expect(await kms('DescribeKey', { KeyId: AliasArn })).toMatchObject({ KeyMetadata: { Arn: b.Arn } });
    await kms('DeleteAlias', { AliasName });
    await expect(kms('DescribeKey', { KeyId: AliasName })).rejects.toMatchObject({
      message: `Alias ${AliasArn} is not found.`,
    });
  });

  it('of AWS lead to a key that only their service may use', async () => {
    const { KeyMetadata } = await kms<{ KeyMetadata: object }>('DescribeKey', { KeyId: 'alias/aws/sqs' });
    expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', Enabled: true });
    const encrypt = kms('Encrypt', { KeyId: 'alias/aws/sqs', Plaintext: bytes('x') });
    await expect(encrypt).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await expect(kms('CreateAlias', { AliasName: 'alias/aws/mine', TargetKeyId: 'x' })).rejects.toMatchObject({
      code: 'NotAuthorizedException',
    });
  });
});
