import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';

const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  },
};

const provider = (ZipFile: string, Runtime = 'nodejs22.x') => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Handler: 'index.handler', Runtime, Code: { ZipFile }, Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
});

const resource = (properties: object) => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] }, ...properties },
});

const stack = (code: object, properties: object) => ({
  Resources: { Role: ROLE, Provider: code, Thing: resource(properties) },
  Outputs: { Id: { Value: { Ref: 'Thing' } }, Said: { Value: { 'Fn::GetAtt': ['Thing', 'Said'] } } },
});

/** As most handlers answer: host and path of the URL, by HTTPS. */
const BY_HTTPS = `
const https = require('https');
exports.handler = async (event) => {
  const { hostname, pathname: path } = new URL(event.ResponseURL);
  const { RequestType, ResourceProperties: { Name, ...rest }, StackId, RequestId, LogicalResourceId } = event;
  console.log(RequestType, event.PhysicalResourceId, JSON.stringify(event.OldResourceProperties));
  const body = JSON.stringify({
    Status: Name === 'bad' ? 'FAILED' : 'SUCCESS', Reason: 'no such thing', PhysicalResourceId: 'thing-' + Name,
    StackId, RequestId, LogicalResourceId, Data: { Said: RequestType + ' ' + JSON.stringify(rest) },
  });
  await new Promise((resolve, reject) => https
    .request({ hostname, path, method: 'PUT', headers: { 'content-type': '', 'content-length': body.length } }, resolve)
    .on('error', reject).end(body));
};`;

const BY_MODULE = `
const response = require('cfn-response');
exports.handler = async (event, context) =>
  response.send(event, context, response.SUCCESS, { Said: event.ResourceType }, 'by-module');`;

const BY_PYTHON = `
import cfnresponse
def handler(event, context):
    cfnresponse.send(event, context, cfnresponse.SUCCESS, {"Said": event["RequestType"]}, "by-python")
`;

describe('custom resources', () => {
  let engine: LocalEngine;

  beforeAll(async () => {
    engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  });
  afterAll(() => engine.close());

  const nowOf = (): number => Date.parse(engine.clock().now);
  const deploy = (name: string, template: object) => engine.deployTemplate(name, JSON.stringify(template));

  it('are made, changed, replaced and deleted by their function', async () => {
    const created = await deploy('things', stack(provider(BY_HTTPS), { Name: 'a', Count: 3, Deep: { Is: true } }));
    expect(created.outputs['Id']).toBe('thing-a');
    expect(created.outputs['Said']).toMatch(/^Create \{"ServiceToken":"arn:\S+","Count":"3","Deep":\{"Is":"true"\}\}$/);

    const replaced = await deploy('things', stack(provider(BY_HTTPS), { Name: 'b' }));
    expect(replaced).toMatchObject({ result: 'updated', outputs: { Id: 'thing-b' } });

    await expect(deploy('things', stack(provider(BY_HTTPS), { Name: 'bad' }))).rejects.toThrow(
      /Received response status \[FAILED\] from custom resource\. Message returned: no such thing \(RequestId: /,
    );
    expect(
      await engine.deployTemplate('things', JSON.stringify(stack(provider(BY_HTTPS), { Name: 'b' }))),
    ).toMatchObject({
      result: 'unchanged',
    });
  });

  it('answer by the module that is beside inline code', async () => {
    expect((await deploy('module', stack(provider(BY_MODULE), {}))).outputs).toEqual({
      Id: 'by-module',
      Said: 'Custom::Thing',
    });
  });

  it.skipIf(spawnSync('python3', ['--version']).error !== undefined)(
    'answer by its counterpart for Python (needs python3)',
    async () => {
      const { outputs } = await deploy('python', stack(provider(BY_PYTHON, 'python3.13'), {}));
      expect(outputs).toEqual({ Id: 'by-python', Said: 'Create' });
    },
  );

  it('that never answer fail after the time that they are given', async () => {
    const silent = stack(provider('exports.handler = async () => {};'), { ServiceTimeout: 90 });
    const before = nowOf();
    await expect(deploy('silent', silent)).rejects.toThrow(
      /CloudFormation did not receive a response from your Custom Resource\. Please check your logs for requestId \[/,
    );
    expect(nowOf() - before).toBeGreaterThanOrEqual(90_000);
  });

  it('are refused without a function or topic that provides them', async () => {
    await expect(deploy('nobody', { Resources: { Thing: { Type: 'Custom::Thing' } } })).rejects.toThrow('ServiceToken');
    const strange = { Resources: { Thing: { Type: 'Custom::Thing', Properties: { ServiceToken: 'x' } } } };
    await expect(deploy('strange', strange)).rejects.toThrow('Invalid service token.');
  });
});
