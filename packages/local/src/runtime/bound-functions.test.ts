import { CreateFunctionCommand, GetAccountSettingsCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalEngine } from '../index.ts';
import { archiveOf } from '../testing/archive.ts';
import { clientOptions } from '../testing/client-options.ts';
import { isMeant } from './binding-names.ts';

let engine: LocalEngine;
let lambda: LambdaClient;
beforeEach(async () => {
  engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  lambda = new LambdaClient(clientOptions(engine));
});
afterEach(async () => {
  lambda.destroy();
  await engine.close();
});

const createFunction = (FunctionName: string, client = lambda): Promise<unknown> =>
  client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Code: { ZipFile: archiveOf({ 'other.js': '' }) },
      Timeout: 3,
    }),
  );

const invoke = async (FunctionName: string, event: object): Promise<unknown[]> => {
  const Payload = JSON.stringify(event);
  const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
  return [answer.FunctionError, JSON.parse(answer.Payload?.transformToString() ?? 'null')];
};

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
};

describe('a function that is bound to a handler of this process', () => {
  it('runs it, with its event and a context', async () => {
    await createFunction('worker');
    const seen: unknown[] = [];
    engine.bind('worker', async (event, context) => {
      seen.push(event, context.functionName, context.getRemainingTimeInMillis());
      return { doubled: event.n * 2 };
    });

    expect(await invoke('worker', { n: 21 })).toEqual([undefined, { doubled: 42 }]);
    expect(seen).toEqual([{ n: 21 }, 'worker', 3_000]);
  });

  it('is cut off by a reset, and who waits for it is told', async () => {
    await createFunction('worker');
    engine.bind('worker', (_, context) => context.sleep(2_000));
    const answer = invoke('worker', {});
    await expect.poll(() => engine.waiting()).toHaveLength(1);
    await engine.reset();
    expect(await answer).toEqual([
      'Unhandled',
      { errorType: 'Runtime.ExitError', errorMessage: expect.stringMatching(/ Error: The engine has ended$/) },
    ]);
    await createFunction('worker');
    engine.bind('worker', () => 'another');
    expect(await invoke('worker', {})).toEqual([undefined, 'another']);
  });

  it('fails as real code does, with type, message and trace', async () => {
    await createFunction('worker');
    engine.bind('worker', () => {
      throw new TypeError('no such order');
    });

    const [kind, error] = await invoke('worker', {});
    expect(kind).toBe('Unhandled');
    expect(error).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such order', trace: expect.any(Array) });
  });

  it('has its retries and its dead-letter queue when a stack made it, by logical id or by path', async () => {
    const attempts: string[] = [];
    engine.bind('Orders/Worker', (event) => {
      attempts.push(event.Records[0].body);
      throw new Error('no stock');
    });
    const { outputs } = await engine.deployTemplate(
      'Orders',
      JSON.stringify({
        Resources: {
          Dead: { Type: 'AWS::SQS::Queue' },
          Jobs: {
            Type: 'AWS::SQS::Queue',
            Properties: {
              VisibilityTimeout: 30,
              RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
            },
          },
          // It has the function's name, and comes first.
          Role: {
            Type: 'AWS::IAM::Role',
            Properties: { RoleName: 'worker', AssumeRolePolicyDocument: TRUST },
          },
          Worker1A2B3C4D: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              FunctionName: 'worker',
              Runtime: 'nodejs24.x',
              Handler: 'index.handler',
              Role: 'arn:aws:iam::000000000000:role/runner',
              Code: { ZipFile: 'exports.handler = async () => "real";' },
            },
          },
          Mapping: {
            Type: 'AWS::Lambda::EventSourceMapping',
            Properties: {
              FunctionName: { Ref: 'Worker1A2B3C4D' },
              EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] },
            },
          },
        },
        Outputs: { Jobs: { Value: { Ref: 'Jobs' } }, Dead: { Value: { Ref: 'Dead' } } },
      }),
    );
    const sqs = new SQSClient(clientOptions(engine));
    await sqs.send(new SendMessageCommand({ QueueUrl: outputs['Jobs'], MessageBody: 'order 4711' }));

    await engine.advance(10 * 60_000);

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: outputs['Dead'] }));
    sqs.destroy();
    expect(attempts).toEqual(['order 4711', 'order 4711', 'order 4711']);
    expect(Messages?.map(({ Body }) => Body)).toEqual(['order 4711']);
  });

  it('that never returns ends with its time limit, and holds up nothing else', async () => {
    await createFunction('worker');
    engine.bind('worker', () => new Promise(() => {}));
    const answer = invoke('worker', {});

    await engine.advance(5_000);

    expect(await answer).toEqual([
      'Unhandled',
      { errorType: 'Sandbox.Timedout', errorMessage: expect.stringContaining('Task timed out after 3.00 seconds') },
    ]);
  });

  it('runs its real code again when the binding is taken back', async () => {
    await createFunction('worker');
    const unbind = engine.bind('worker', () => 'bound');
    expect(await invoke('worker', {})).toEqual([undefined, 'bound']);
    unbind();

    // The archive lacks the module: only real code can miss it.
    expect((await invoke('worker', {}))[0]).toBe('Unhandled');
  });

  it('is looked up without changing what a seed gives', async () => {
    const idsAfter = async (bound?: string): Promise<string> => {
      await using seeded = await LocalEngine.start({ port: 0, clock: 'virtual', seed: 1, startAt: new Date(0) });
      const client = new LambdaClient(clientOptions(seeded));
      // Whether a function is meant by this name is asked of its stack.
      if (bound !== undefined) seeded.bind(bound, () => 'bound');
      await createFunction('worker', client);
      const { $metadata } = await client.send(new InvokeCommand({ FunctionName: 'worker', InvocationType: 'Event' }));
      await seeded.advance(1_000);
      const { $metadata: last } = await client.send(new GetAccountSettingsCommand({}));
      client.destroy();
      return `${$metadata.requestId} ${last.requestId}`;
    };
    expect(await idsAfter('Stack/Other/Worker')).toBe(await idsAfter());
  });
});

describe('the name of a binding', () => {
  const named = { functionName: 'Shop-Worker1A2B3C4D-xyz', arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' };
  const place = { stackName: 'Shop', logicalId: 'ApiWorker1A2B3C4D' };

  it.each([
    ['Shop-Worker1A2B3C4D-xyz', true],
    ['arn:aws:lambda:us-east-1:000000000000:function:f', true],
    ['ApiWorker1A2B3C4D', true],
    ['Api/Worker', true],
    ['Shop/Api/Worker', true],
    ['Shop/Api/Worker/Resource', true],
    ['Worker', false],
    ['Other/Api/Worker', false],
  ])('%s: %s', (name, expected) => {
    expect(isMeant(name, named, place)).toBe(expected);
  });
});
