import { DAY_MS, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const TOKEN = (digit: number) => `${digit}`.repeat(32);

interface Value {
  readonly ARN: string;
  readonly SecretString?: string;
  readonly SecretBinary?: Uint8Array;
  readonly VersionId: string;
  readonly VersionStages: string[];
}

let test: TestEngine;
const secrets = <Output = Value>(action: string, input: object = {}, context: object = {}) =>
  test.call<Output>('secretsmanager', action, input, context);
const create = (input: object = {}) => secrets('CreateSecret', { Name: 'login', SecretString: 'one', ...input });
const current = async (input: object = {}) =>
  (await secrets('GetSecretValue', { SecretId: 'login', ...input })).SecretString;

beforeEach(() => {
  test = new TestEngine();
});

describe('a secret', () => {
  it('is found by its name, its ARN, and its ARN without what AWS adds', async () => {
    const { ARN, VersionId } = await create();
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:login-[A-Za-z0-9]{6}$/);
    for (const SecretId of ['login', ARN, ARN.slice(0, -7)]) {
      expect(await secrets('GetSecretValue', { SecretId })).toMatchObject({
        ARN,
        VersionId,
        SecretString: 'one',
        VersionStages: ['AWSCURRENT'],
      });
    }
    await expect(create()).rejects.toMatchObject({
      code: 'ResourceExistsException',
      message: 'The operation failed because the secret login already exists.',
    });
    await expect(secrets('GetSecretValue', { SecretId: 'other' })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  it('remembers the value before the current one', async () => {
    const { VersionId: first } = await create();
    const { VersionId: second } = await secrets('PutSecretValue', { SecretId: 'login', SecretString: 'two' });
    expect(await current()).toBe('two');
    expect(await current({ VersionStage: 'AWSPREVIOUS' })).toBe('one');
    await secrets('UpdateSecret', { SecretId: 'login', SecretString: 'three' });
    expect(await current({ VersionId: first })).toBe('one');
    expect(await current({ VersionStage: 'AWSPREVIOUS' })).toBe('two');
    const { VersionIdsToStages } = await secrets<{ VersionIdsToStages: object }>('DescribeSecret', {
      SecretId: 'login',
    });
    expect(VersionIdsToStages).toMatchObject({ [second]: ['AWSPREVIOUS'] });
    expect(Object.keys(VersionIdsToStages)).toHaveLength(2);
    await expect(current({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject({
      message: "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    });
  });

  it('takes the same token once', async () => {
    await create();
    const put = (SecretString: string) =>
      secrets('PutSecretValue', { SecretId: 'login', SecretString, ClientRequestToken: TOKEN(1) });
    await put('two');
    await put('two');
    await expect(put('three')).rejects.toMatchObject({ code: 'ResourceExistsException' });
  });

  it('is made once by one token, and not again with another value', async () => {
    const make = (SecretString: string, more: object = {}) =>
      secrets('CreateSecret', { Name: 'once', SecretString, ClientRequestToken: TOKEN(2), ...more });
    const made = await make('one');

    expect(await make('one')).toEqual(made);
    await expect(make('two')).rejects.toThrow(`You can't use ClientRequestToken ${TOKEN(2)} because that value`);
    await expect(make('one', { ClientRequestToken: TOKEN(3) })).rejects.toThrow('already exists');
    await expect(make('')).rejects.toThrow("Value at 'secretString' failed to satisfy constraint");
  });

  it('moves labels from version to version', async () => {
    const { VersionId: first } = await create();
    const put = { SecretId: 'login', SecretString: 'two', VersionStages: ['AWSPENDING'] };
    const { VersionId: second } = await secrets('PutSecretValue', put);
    expect(await current()).toBe('one');
    const move = { SecretId: 'login', VersionStage: 'AWSCURRENT', MoveToVersionId: second };
    await expect(secrets('UpdateSecretVersionStage', move)).rejects.toThrow(/RemoveFromVersionId can't be empty/);
    await secrets('UpdateSecretVersionStage', { ...move, RemoveFromVersionId: first });
    expect(await current()).toBe('two');
    expect(await current({ VersionStage: 'AWSPREVIOUS' })).toBe('one');
  });

  it('waits for its deletion, can be restored, and is gone in the end', async () => {
    const { ARN } = await create();
    await secrets('DeleteSecret', { SecretId: 'login', RecoveryWindowInDays: 7 });
    await expect(current()).rejects.toMatchObject({
      code: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    });
    await expect(create()).rejects.toThrow(/already scheduled for deletion/);
    await secrets('RestoreSecret', { SecretId: 'login' });
    expect(await current()).toBe('one');
    await secrets('DeleteSecret', { SecretId: 'login', RecoveryWindowInDays: 7 });
    await test.advance(7 * DAY_MS);
    await expect(secrets('DescribeSecret', { SecretId: ARN })).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
    await create();
    await secrets('DeleteSecret', { SecretId: 'login', ForceDeleteWithoutRecovery: true });
    await create();
  });

  it('holds bytes as well', async () => {
    const SecretBinary = new Uint8Array([0, 255, 7]);
    await secrets('CreateSecret', { Name: 'bytes', SecretBinary });
    const value = await secrets('GetSecretValue', { SecretId: 'bytes' });
    expect(value.SecretBinary).toEqual(SecretBinary);
    expect(value.SecretString).toBeUndefined();
  });

  it('is read together with others', async () => {
    await create();
    await secrets('CreateSecret', { Name: 'other', SecretString: 'x', Tags: [{ Key: 'team', Value: 'a' }] });
    expect(await secrets('BatchGetSecretValue', { SecretIdList: ['login', 'nobody'] })).toMatchObject({
      SecretValues: [{ Name: 'login', SecretString: 'one' }],
      Errors: [{ SecretId: 'nobody', ErrorCode: 'ResourceNotFoundException' }],
    });
    const Filters = [{ Key: 'tag-value', Values: ['a'] }];
    expect(await secrets('BatchGetSecretValue', { Filters })).toMatchObject({ SecretValues: [{ Name: 'other' }] });
    expect(await secrets('ListSecrets', { Filters: [{ Key: 'name', Values: ['!log'] }] })).toMatchObject({
      SecretList: [{ Name: 'other' }],
    });
  });

  it('is not replicated', async () => {
    await expect(create({ AddReplicaRegions: [{ Region: 'eu-west-1' }] })).rejects.toThrow(/AddReplicaRegions/);
    await expect(secrets('ReplicateSecretToRegions', {})).rejects.toThrow(/ReplicateSecretToRegions/);
  });

  it('may deny by its own policy', async () => {
    const { ARN } = await create();
    const session = { callerArn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session` };
    const Principal = { AWS: `arn:aws:iam::${ACCOUNT}:role/app` };
    const statement = { Effect: 'Deny', Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*' };
    const ResourcePolicy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await secrets('PutResourcePolicy', { SecretId: 'login', ResourcePolicy });
    await expect(secrets('GetSecretValue', { SecretId: ARN }, session)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('explicit deny in a resource-based policy'),
    });
    expect(await current()).toBe('one');
  });

  it('needs its key', async () => {
    const { KeyMetadata } = await test.call<{ KeyMetadata: { KeyId: string } }>('kms', 'CreateKey');
    await create({ KmsKeyId: KeyMetadata.KeyId });
    await test.call('kms', 'DisableKey', { KeyId: KeyMetadata.KeyId });
    await expect(current()).rejects.toMatchObject({ code: 'DecryptionFailure' });
    await expect(secrets('PutSecretValue', { SecretId: 'login', SecretString: 'x' })).rejects.toMatchObject({
      code: 'EncryptionFailure',
    });
    await expect(create({ Name: 'b', KmsKeyId: 'alias/nobody' })).rejects.toMatchObject({ code: 'EncryptionFailure' });
  });

  it('survives the process', async () => {
    const store = new MapStore();
    test = new TestEngine({ store });
    await create();
    await secrets('PutSecretValue', { SecretId: 'login', SecretString: 'two' });
    await secrets('CreateSecret', { Name: 'gone', SecretString: 'x' });
    await secrets('DeleteSecret', { SecretId: 'gone', RecoveryWindowInDays: 7 });
    test = new TestEngine({ store, start: test.clock.now() });
    expect([await current(), await current({ VersionStage: 'AWSPREVIOUS' })]).toEqual(['two', 'one']);
    await test.advance(7 * DAY_MS);
    expect(await secrets('ListSecrets', { IncludePlannedDeletion: true })).toMatchObject({
      SecretList: [{ Name: 'login' }],
    });
  });
});

describe('a random password', () => {
  const password = async (input: object) =>
    (await secrets<{ RandomPassword: string }>('GetRandomPassword', input)).RandomPassword;

  it('has every kind of character that is wanted', async () => {
    expect(await password({})).toHaveLength(32);
    const found = await password({ PasswordLength: 4 });
    for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(found).toMatch(kind);
    expect(await password({ ExcludePunctuation: true, ExcludeUppercase: true, ExcludeCharacters: 'abc' })).toMatch(
      /^[d-z0-9]{32}$/,
    );
    await expect(password({ PasswordLength: 3 })).rejects.toMatchObject({ code: 'InvalidParameterException' });
  });
});

describe('rotation', () => {
  const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:rotate`;
  const steps: string[] = [];

  /** What AWS's own template of a rotation function does. */
  const rotate = ({ payload }: { payload: string }) => {
    const { Step, SecretId, ClientRequestToken } = JSON.parse(payload) as Record<string, string>;
    steps.push(Step as string);
    const call = (action: string, input: object) =>
      test.engine.call('secretsmanager', action, { SecretId, ...input }, test.engine.context());
    if (Step === 'createSecret') {
      const value = { ClientRequestToken, SecretString: `made ${steps.length}`, VersionStages: ['AWSPENDING'] };
      try {
        call('GetSecretValue', { VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' });
      } catch {
        call('PutSecretValue', value);
      }
    }
    if (Step === 'finishSecret') {
      const { VersionId } = call('GetSecretValue', {}) as Value;
      call('UpdateSecretVersionStage', {
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: ClientRequestToken,
        RemoveFromVersionId: VersionId,
      });
    }
    return { result: null };
  };

  const setUp = async () => {
    await create();
    await createFunction(test, 'rotate', { Role: `arn:aws:iam::${ACCOUNT}:role/app` });
  };
  const allow = () =>
    test.call('lambda', 'AddPermission', {
      FunctionName: 'rotate',
      StatementId: 's',
      Action: 'lambda:InvokeFunction',
      Principal: 'secretsmanager.amazonaws.com',
    });
  const input = { SecretId: 'login', RotationLambdaARN: FUNCTION, RotationRules: { AutomaticallyAfterDays: 30 } };

  beforeEach(() => {
    steps.length = 0;
    test.functions.set('rotate', rotate);
  });

  it('calls the function for its four steps, now and every so many days', async () => {
    await setUp();
    await expect(secrets('RotateSecret', input)).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await allow();
    const { VersionId } = await secrets('RotateSecret', input);
    await test.advance(MINUTE_MS);
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret']);
    expect(await secrets('GetSecretValue', { SecretId: 'login' })).toMatchObject({ VersionId, SecretString: 'made 1' });
    expect(await current({ VersionStage: 'AWSPREVIOUS' })).toBe('one');
    expect(await secrets('DescribeSecret', { SecretId: 'login' })).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: FUNCTION,
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
    await test.advance(31 * DAY_MS);
    expect(await current()).toBe('made 5');
    await secrets('CancelRotateSecret', { SecretId: 'login' });
    await test.advance(62 * DAY_MS);
    expect(steps).toHaveLength(8);
  });

  it('tries again when a step fails, and leaves the current value alone', async () => {
    await setUp();
    await allow();
    let isBroken = true;
    test.functions.set('rotate', (invocation) => {
      const isTest = invocation.payload.includes('testSecret');
      if (isTest && isBroken) return { error: { errorType: 'Error', errorMessage: 'no' } };
      return rotate(invocation);
    });
    await secrets('RotateSecret', input);
    await test.advance(MINUTE_MS);
    expect(await current()).toBe('one');
    await expect(secrets('RotateSecret', input)).rejects.toThrow(/previous rotation isn't complete/);
    isBroken = false;
    await test.advance(HOUR_MS);
    expect(await current()).toBe('made 1');
  });

  it('goes on after a restart', async () => {
    const store = new MapStore();
    test = new TestEngine({ store });
    test.functions.set('rotate', () => ({ error: { errorType: 'Error', errorMessage: 'no' } }));
    await setUp();
    await allow();
    await secrets('RotateSecret', input);
    await test.advance(MINUTE_MS);
    test = new TestEngine({ store, start: test.clock.now() });
    test.functions.set('rotate', rotate);
    await test.advance(MINUTE_MS);
    expect(await current()).toBe('made 1');
  });

  it('follows a cron expression', async () => {
    await setUp();
    await allow();
    const RotationRules = { ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '2h' };
    await secrets('RotateSecret', { ...input, RotationRules, RotateImmediately: false });
    expect(steps).toEqual([]);
    await test.advance(DAY_MS);
    expect(steps).toHaveLength(4);
    await expect(
      secrets('RotateSecret', { ...input, RotationRules: { ScheduleExpression: 'rate(1 hours)' } }),
    ).rejects.toMatchObject({ code: 'InvalidParameterException' });
  });
});
