import { expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const kms = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}, context = {}) =>
  test.call<Output>('kms', action, input, context);
const newKey = async (test: TestEngine, input: object = {}) =>
  (await kms<{ KeyMetadata: { KeyId: string; Arn: string } }>(test, 'CreateKey', input)).KeyMetadata;
const GRANTEE = 'arn:aws:iam::000000000000:role/app';

it('keys of an account and region are listed by id, page by page', async () => {
  const test = new TestEngine();
  const ids = [await newKey(test), await newKey(test), await newKey(test)].map(({ KeyId }) => KeyId).sort();
  await kms(test, 'CreateKey', {}, { region: 'eu-west-1' });

  const first = await kms<{ Keys: { KeyId: string }[]; NextMarker: string; Truncated: boolean }>(test, 'ListKeys', {
    Limit: 2,
  });
  const rest = await kms<{ Keys: { KeyId: string }[] }>(test, 'ListKeys', { Marker: first.NextMarker });

  expect([...first.Keys, ...rest.Keys].map(({ KeyId }) => KeyId)).toEqual(ids);
  expect([first.Truncated, rest]).toEqual([true, expect.objectContaining({ Truncated: false })]);
});

it('a key is described anew, and has the one policy that there is', async () => {
  const test = new TestEngine();
  const { KeyId } = await newKey(test, { Description: 'old' });
  await kms(test, 'UpdateKeyDescription', { KeyId, Description: 'new' });
  expect(await kms(test, 'DescribeKey', { KeyId })).toMatchObject({ KeyMetadata: { Description: 'new' } });
  expect(await kms(test, 'ListKeyPolicies', { KeyId })).toEqual({ PolicyNames: ['default'], Truncated: false });
});

it('rotation is on until it is turned off, and on demand twenty-five times at most', async () => {
  const test = new TestEngine();
  const { KeyId, Arn } = await newKey(test);
  const status = () => kms(test, 'GetKeyRotationStatus', { KeyId });
  expect(await status()).toEqual({ KeyId: Arn, KeyRotationEnabled: false });
  await kms(test, 'EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
  expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
  await kms(test, 'DisableKeyRotation', { KeyId });
  expect(await status()).toEqual({ KeyId: Arn, KeyRotationEnabled: false });

  const Plaintext = new TextEncoder().encode('order 4711');
  const { CiphertextBlob } = await kms(test, 'Encrypt', { KeyId, Plaintext });
  for (let count = 0; count < 25; count += 1) {
    await test.advance(1_000);
    await kms(test, 'RotateKeyOnDemand', { KeyId });
  }
  await expect(kms(test, 'RotateKeyOnDemand', { KeyId })).rejects.toThrow('rotated on demand 25 times');
  expect((await kms<{ Plaintext: Uint8Array }>(test, 'Decrypt', { CiphertextBlob })).Plaintext).toEqual(Plaintext);
});

it('random bytes are as many as were asked for, and others each time', async () => {
  const test = new TestEngine();
  const random = async (NumberOfBytes: number) =>
    (await kms<{ Plaintext: Uint8Array }>(test, 'GenerateRandom', { NumberOfBytes })).Plaintext;
  const [first, second] = [await random(32), await random(32)];
  expect([first.length, second.length]).toEqual([32, 32]);
  expect(first).not.toEqual(second);
  await expect(random(1_025)).rejects.toMatchObject({ code: 'ValidationException' });
});

it('a grant is found and retired by who may retire it, and by nobody else', async () => {
  const test = new TestEngine();
  const { KeyId } = await newKey(test);
  const RetiringPrincipal = 'arn:aws:iam::000000000000:role/retirer';
  const grant = { KeyId, GranteePrincipal: GRANTEE, RetiringPrincipal, Operations: ['Decrypt'] };
  const { GrantId } = await kms<{ GrantId: string }>(test, 'CreateGrant', grant);
  const retirable = async () =>
    (await kms<{ Grants: { GrantId: string }[] }>(test, 'ListRetirableGrants', { RetiringPrincipal })).Grants;
  expect(await retirable()).toMatchObject([{ GrantId, RetiringPrincipal }]);
  expect(await kms(test, 'ListRetirableGrants', { RetiringPrincipal: GRANTEE })).toMatchObject({ Grants: [] });

  const as = (role: string) => ({ callerArn: `arn:aws:sts::000000000000:assumed-role/${role}/session` });
  await expect(kms(test, 'RetireGrant', { KeyId, GrantId }, as('stranger'))).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
  await kms(test, 'RetireGrant', { KeyId, GrantId }, as('retirer'));
  expect(await retirable()).toEqual([]);
});
