import { CreateAccessKeyCommand, CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from './local-engine.ts';

describe('the engine knows who calls', () => {
  let engine: LocalEngine;
  beforeAll(async () => {
    engine = await LocalEngine.start({ port: 0 });
  });
  afterAll(() => engine.close());

  const as = (accessKeyId: string, secretAccessKey = 'x', sessionToken?: string) => ({
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  });

  it('by the access key of a user, in the account where the user is', async () => {
    const iam = new IAMClient(as('222222222222'));
    const { User } = await iam.send(new CreateUserCommand({ UserName: 'ann', Path: '/jobs/' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    const ann = as(AccessKey?.AccessKeyId as string, AccessKey?.SecretAccessKey);

    expect(await new STSClient(ann).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '222222222222',
      UserId: User?.UserId,
      Arn: 'arn:aws:iam::222222222222:user/jobs/ann',
    });
    expect(await new IAMClient(ann).send(new GetUserCommand({}))).toMatchObject({ User: { UserName: 'ann' } });
    const sqs = new SQSClient(ann);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['SenderId'] }),
    );
    expect(Messages?.[0]?.Attributes?.['SenderId']).toBe(User?.UserId);
  });

  it('by the credentials of a session', async () => {
    const assume = new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::333333333333:role/worker', RoleSessionName: 'once' });
    const { Credentials, AssumedRoleUser } = await new STSClient(as('test')).send(assume);
    const { AccessKeyId = '', SecretAccessKey, SessionToken } = Credentials ?? {};
    const session = new STSClient(as(AccessKeyId, SecretAccessKey, SessionToken));

    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '333333333333',
      UserId: AssumedRoleUser?.AssumedRoleId,
      Arn: 'arn:aws:sts::333333333333:assumed-role/worker/once',
    });
  });

  it('and takes all other credentials for those of the account', async () => {
    for (const key of ['test', 'AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE']) {
      expect(await new STSClient(as(key)).send(new GetCallerIdentityCommand({}))).toMatchObject({
        Arn: 'arn:aws:iam::000000000000:root',
      });
    }
  });
});
