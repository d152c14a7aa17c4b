import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateFunctionCommand, InvokeCommand, LambdaClient, waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import {
  BatchGetTracesCommand,
  GetServiceGraphCommand,
  GetTraceSummariesCommand,
  XRayClient,
} from '@aws-sdk/client-xray';
import { expect, it, vi } from 'vitest';
import { LocalEngine } from './index.ts';
import { archiveOf } from './testing/archive.ts';
import { clientOptions } from './testing/client-options.ts';

/** Sends a subsegment as SDKs do: to the daemon's address, below the parent that the header names. */
const CODE = `import { createSocket } from 'node:dgram';
export const handler = async () => {
  const { Root, Parent } = Object.fromEntries(process.env._X_AMZN_TRACE_ID.split(';').map((part) => part.split('=')));
  const [host, port] = process.env.AWS_XRAY_DAEMON_ADDRESS.split(':');
  const now = Date.now() / 1000;
  const segment = { id: 'abcdefabcdefabcd', trace_id: Root, parent_id: Parent, type: 'subsegment', name: 'work',
    start_time: now, end_time: now + 0.01, annotations: { order: 7 } };
  const socket = createSocket('udp4');
  const text = '{"format":"json","version":1}\\n' + JSON.stringify(segment);
  await new Promise((done) => socket.send(text, Number(port), host, () => socket.close(done)));
  return Root;
};`;

it('a function traces itself by the address of the daemon, and a collector gets it', async () => {
  const collected: string[] = [];
  const collector = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => collected.push(chunk.toString()));
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `http://127.0.0.1:${(collector.address() as AddressInfo).port}`);
  const local = await LocalEngine.start({ port: 0 });
  const lambda = new LambdaClient(clientOptions(local));
  const xray = new XRayClient(clientOptions(local));
  try {
    const FunctionName = 'traced';
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/runner',
        Code: { ZipFile: archiveOf({ 'index.mjs': CODE }) },
        TracingConfig: { Mode: 'Active' },
      }),
    );
    await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 10 }, { FunctionName });
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName }));
    const traceId = JSON.parse(new TextDecoder().decode(Payload)) as string;
    const StartTime = new Date(Date.now() - 60_000);
    await vi.waitFor(async () => {
      const input = { StartTime, EndTime: new Date(Date.now() + 1_000), FilterExpression: 'annotation.order = 7' };
      const { TraceSummaries } = await xray.send(new GetTraceSummariesCommand(input));
      expect(TraceSummaries).toMatchObject([{ Id: traceId, HasFault: false, EntryPoint: { Name: 'traced' } }]);
    });
    const { Traces = [] } = await xray.send(new BatchGetTracesCommand({ TraceIds: [traceId] }));
    const documents = (Traces[0]?.Segments ?? []).map(({ Document = '' }) => JSON.parse(Document));
    expect(documents.map(({ origin }) => origin)).toEqual(['AWS::Lambda', 'AWS::Lambda::Function']);
    expect(documents[1].subsegments.map(({ name }: { name: string }) => name)).toEqual([
      'Initialization',
      'Invocation',
      'work',
    ]);
    const graph = await xray.send(new GetServiceGraphCommand({ StartTime, EndTime: new Date(Date.now() + 1_000) }));
    expect(graph.Services?.map(({ Type }) => Type).sort()).toEqual(['AWS::Lambda', 'AWS::Lambda::Function', 'client']);
    await vi.waitFor(() => expect(collected.join('')).toContain('"name":"work"'), { timeout: 5_000 });
    const rules = await fetch(`${local.endpoint}/GetSamplingRules`, { method: 'POST', body: '{}' });
    expect(await rules.json()).toMatchObject({ SamplingRuleRecords: [{ SamplingRule: { RuleName: 'Default' } }] });
  } finally {
    vi.unstubAllEnvs();
    lambda.destroy();
    xray.destroy();
    await local.close();
    collector.close();
  }
});
