import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';

const HANDLER = 'export const handler = async (event) => ({ seen: event });\n';
const SAM = 'Transform: AWS::Serverless-2016-10-31\n';

/** The shortest program that speaks the Runtime API: one answer to everything. */
const BOOTSTRAP = `#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while :; do
  id=$(curl -sD - "$api/next" -o /dev/null | tr -d '\\r' | sed -n 's/^[Ll]ambda-[Rr]untime-[Aa]ws-[Rr]equest-[Ii]d: //p')
  curl -s "$api/$id/response" -d '"from a shell"' > /dev/null
done
`;

describe('a template that names local files', () => {
  let engine: LocalEngine;
  let directory: string;

  beforeAll(async () => {
    engine = await LocalEngine.start({ port: 0 });
  });
  afterAll(() => engine.close());
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const write = (name: string, content: string): string => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const deploy = (stackName: string, template: string) => engine.deployTemplate(stackName, template, { directory });
  const client = () => ({
    endpoint: engine.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  const invoke = async (FunctionName: string): Promise<unknown> => {
    const { Payload } = await new LambdaClient(client()).send(new InvokeCommand({ FunctionName, Payload: '1' }));
    return JSON.parse(Payload?.transformToString() ?? '');
  };

  it.each([
    [
      'of the function',
      `${SAM}Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      FunctionName: own\n      CodeUri: src/\n      Handler: app.handler\n      Runtime: nodejs22.x\n`,
      'own',
    ],
    [
      'of all functions',
      `${SAM}Globals:\n  Function: { CodeUri: ./src, Runtime: nodejs22.x }\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: { FunctionName: shared, Handler: app.handler }\n`,
      'shared',
    ],
    [
      'of nobody: the directory of the template',
      `${SAM}Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: { FunctionName: beside, Handler: src/app.handler, Runtime: nodejs22.x }\n`,
      'beside',
    ],
    [
      'of plain CloudFormation',
      `Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties: { AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: 'sts:AssumeRole' }] } }\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties: { FunctionName: plain, Code: src, Handler: app.handler, Runtime: nodejs22.x, Role: !GetAtt Role.Arn }\n`,
      'plain',
    ],
  ])('runs the code %s', async (_, template, name) => {
    write('src/app.mjs', HANDLER);
    write('.git/HEAD', 'no code');
    await deploy(name, template);
    expect(await invoke(name)).toEqual({ seen: 1 });
  });

  it('keeps programs executable, follows links, and changes nothing when the files are the same', async () => {
    chmodSync(write('code/bootstrap', BOOTSTRAP), 0o755);
    symlinkSync(join(directory, 'nowhere'), join(directory, 'code', 'dangling'));
    symlinkSync(join(directory, 'code'), join(directory, 'linked'));
    const template = `${SAM}Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: { FunctionName: shell, CodeUri: linked, Handler: any, Runtime: provided.al2023 }\n`;
    expect(await deploy('shell', template)).toMatchObject({ result: 'created' });
    expect(await invoke('shell')).toBe('from a shell');
    expect(await deploy('shell', template)).toMatchObject({ result: 'unchanged' });
    write('code/more.txt', 'more');
    expect(await deploy('shell', template)).toMatchObject({ result: 'updated' });
  });

  it('takes definitions from files', async () => {
    const definition = { StartAt: 'Say', States: { Say: { Type: 'Pass', Result: 'from a file', End: true } } };
    write('machine.asl.json', JSON.stringify(definition));
    const { outputs } = await deploy(
      'machine',
      `${SAM}Resources:\n  Machine:\n    Type: AWS::Serverless::StateMachine\n    Properties: { Type: EXPRESS, DefinitionUri: machine.asl.json }\nOutputs:\n  Arn: { Value: !Ref Machine }\n`,
    );
    const start = new StartSyncExecutionCommand({ stateMachineArn: outputs['Arn'] });
    const { output } = await new SFNClient({ ...client(), disableHostPrefix: true }).send(start);
    expect(output).toBe('"from a file"');
  });

  it('takes nested templates, with files of their own', async () => {
    write('nested/src/app.mjs', HANDLER);
    write(
      'nested/template.yaml',
      `${SAM}Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: { FunctionName: nested, CodeUri: src, Handler: app.handler, Runtime: nodejs22.x }\n`,
    );
    await deploy(
      'parent',
      'Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: nested/template.yaml }\n',
    );
    expect(await invoke('nested')).toEqual({ seen: 1 });
  });

  it.each([
    ['a path that leads nowhere', 'CodeUri: away', /^Fn\.CodeUri: "away" names no file or directory: .*\/away$/],
    [
      'TypeScript that nobody compiled',
      'CodeUri: typed',
      /^Fn\.Handler: "app\.handler" is TypeScript that is not compiled; run "sam build"/,
    ],
  ])('refuses %s, naming resource and property', async (_, property, sentence) => {
    write('typed/app.ts', HANDLER);
    const template = `${SAM}Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: { ${property}, Handler: app.handler, Runtime: nodejs22.x }\n`;
    await expect(deploy('refused', template)).rejects.toThrow(sentence);
  });
});
