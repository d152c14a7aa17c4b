import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { BUNDLE_FILE, bundleEntry } from './bundle-entry.ts';
import { ECHO_HANDLER, fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';

it('a new function may write to its own log group and do nothing else', () => {
  const stack = fixtureStack();
  fixtureFunction(stack);

  const template = templateOf(stack);

  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasResourceProperties('AWS::IAM::Role', {
    ManagedPolicyArns: Match.absent(),
    Policies: [
      {
        PolicyName: 'permissions',
        PolicyDocument: {
          Statement: [
            {
              Sid: 'Log',
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('WorkerLogs'), 'Arn'] },
            },
          ],
        },
      },
    ],
  });
});

it('what is allowed later is in the role before the function is created', () => {
  const stack = fixtureStack();
  const worker = fixtureFunction(stack);
  worker.allow('Read', ['sqs:ReceiveMessage'], ['arn:aws:sqs:us-east-1:000000000000:jobs']);

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'Read' })]) } }],
  });
  template.hasResource('AWS::Lambda::Function', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('WorkerRole')]),
  });
});

it('props reach the function, and the log group keeps its lines for a month', () => {
  const stack = fixtureStack();
  fixtureFunction(stack, {
    reservedConcurrency: 7,
    timeout: Duration.seconds(90),
    memoryMb: 512,
    environment: { TABLE: 'products' },
  });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'worker',
    Handler: 'index.handler',
    ReservedConcurrentExecutions: 7,
    Timeout: 90,
    MemorySize: 512,
    Environment: { Variables: { TABLE: 'products' } },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/lambda/worker', RetentionInDays: 30 });
});

it('the same sources give the same bundle, one file', () => {
  const [first, second] = [bundleEntry(ECHO_HANDLER), bundleEntry(ECHO_HANDLER)];

  expect(readdirSync(first)).toEqual([BUNDLE_FILE]);
  expect(readFileSync(join(first, BUNDLE_FILE), 'utf8')).toBe(readFileSync(join(second, BUNDLE_FILE), 'utf8'));
  for (const directory of [first, second]) rmSync(directory, { recursive: true });
});

const FILES: Readonly<Record<string, string>> = {
  // Nothing escapes the raw text of a tagged template.
  'raw.mjs':
    'export const raw = String.raw`\n// caf\u00e9\n * na\u00efve\n/* \u00fc */`; export const plain = `\n// \u00e9`;',
  // A tick that is no template, and a template that ends as a module does in the bundle.
  'tick.mjs': 'export const tick = /`/.source + `\n  }\n});\n\n// `;',
};

it.each([
  ['raw.mjs', 'raw', '\n// caf\u00e9\n * na\u00efve\n/* \u00fc */'],
  ['raw.mjs', 'plain', '\n// \u00e9'],
  ['tick.mjs', 'tick', '`\n  }\n});\n\n// '],
])('%s: what looks like a comment or the end of a module in a template stays text (%s)', async (file, name, text) => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-templates-'));
  const entry = join(directory, 'entry.mjs');
  for (const [path, code] of Object.entries(FILES)) writeFileSync(join(directory, path), code);
  writeFileSync(
    entry,
    `export * from './${file}'; export const again = async () => (await import('./${file}')).${name};`,
  );
  const bundle = bundleEntry(entry);

  const exported = (await import(pathToFileURL(join(bundle, BUNDLE_FILE)).href)) as Record<string, unknown>;

  expect(exported[name]).toBe(text);
  expect(await (exported['again'] as () => Promise<unknown>)()).toBe(text);
  for (const path of [directory, bundle]) rmSync(path, { recursive: true });
});
