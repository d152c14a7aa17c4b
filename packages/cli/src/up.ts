import { type DeployedStack, LocalEngine, type LocalEngineOptions } from '@holdfast/local';
import type { RecoveryKind, StackName } from '@holdfast/stacks';
import { mountConsole } from './console/mount.ts';
import { deployStack } from './deploy.ts';
import { noteStandstill, printReady, runUntilStopped, stateOf } from './engine-process.ts';
import { warnWhenOpen } from './open-port.ts';
import { note, print, style } from './output.ts';
import { deployApp, deployTemplateFile, type Parameters } from './own-stacks.ts';
import { STACK_CHOICES, STACK_NAME } from './stack-name.ts';

const RECOVERS: Readonly<Record<RecoveryKind, string>> = {
  schedule: 'csv-parser-retry every 5 minutes  →  alert after 5 retries',
  workflow: 'a pipe starts the workflow csv-parser-retry for each  →  alert after 5 retries',
};

const command = (text: string): string => style('cyan', text);

const aboutVendorOnboarding = (endpoint: string, bucket: string, recovery: RecoveryKind): string =>
  [
    `  bucket     s3://${bucket}/uploads/<vendor>/<file>.csv  →  csv-parser, 50 at a time`,
    `  failures   csv-parser-dlq  →  ${RECOVERS[recovery]}`,
    '  results    tables products and uploads, error reports in errors/, notices by (captured) mail',
    'Try, in another terminal:',
    `  ${command('npx holdfast black-friday --virtual')}    1,000 real files against 50 slots, every one accounted for`,
    `  ${command('npx holdfast dlq ls')}                    dead-letter queues and who fills them`,
    `  ${command('npx holdfast logs -f csv-parser')}        what the parser writes;  ${command('npx holdfast mail')}  what vendors are told`,
    `  ${command('npx holdfast clock virtual --advance PT5M')}   let five minutes pass at once; ${command('npx holdfast clock live')} lets time run again`,
    `  ${command(`aws --endpoint-url ${endpoint} s3 ls s3://${bucket}`)}   any AWS client works`,
  ].join('\n');

/** What else is worth a try with a stack, beside looking at its outputs. */
const HINTS: Readonly<Partial<Record<string, readonly string[]>>> = {
  DlqReplay: [
    'functions invoke sqs-data-producer \'{"messages": 89, "bad": 4}\'',
    'clock virtual --advance PT30M',
    'dlq show dlq_for_reliable_q',
  ],
  SqsRetry: ['queues ls', 'dlq show dlq'],
  InvocationRetries: [
    'functions invoke retries-async --event \'{"outcome": "fail"}\'',
    'clock virtual --advance PT1H',
    'dlq ls',
  ],
  IngestionLab: ['logs -f ingestion-worker-dev', 'dlq show ingestion-events-dlq-dev'],
};

const aboutStack = ({ stackName, outputs }: DeployedStack): string => {
  const width = Math.max(0, ...Object.keys(outputs).map((name) => name.length));
  return [
    style('bold', stackName),
    ...Object.entries(outputs).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(HINTS[stackName] ?? []).map((words) => `  try ${command(`npx holdfast ${words}`)}`),
  ].join('\n');
};

/** What to deploy: prepared stacks, or somebody's own. */
export interface UpOptions {
  /** @default 'VendorOnboarding', when nothing else is named */
  readonly stack?: StackName | 'all' | undefined;
  readonly recovery?: RecoveryKind | undefined;
  /** A directory that `cdk synth` wrote. */
  readonly app?: string | undefined;
  /** The file of a template. */
  readonly template?: string | undefined;
  readonly stackName?: string | undefined;
  readonly parameter?: Parameters | undefined;
  readonly json?: true | undefined;
}

const deployAll = async (engine: LocalEngine, options: UpOptions): Promise<readonly DeployedStack[]> => {
  const { app, template, stackName, parameter = {}, recovery } = options;
  const own = [
    ...(app === undefined ? [] : await deployApp(engine, app, parameter)),
    ...(template === undefined ? [] : [await deployTemplateFile(engine, template, stackName, parameter)]),
  ];
  const stack = options.stack ?? (app === undefined && template === undefined ? STACK_NAME : undefined);
  const prepared: DeployedStack[] = [];
  for (const name of stack === 'all' ? STACK_CHOICES : stack === undefined ? [] : [stack]) {
    prepared.push(await deployStack(engine, name, recovery));
  }
  return [...prepared, ...own];
};

const welcome = (
  engine: LocalEngine,
  state: string,
  stacks: readonly DeployedStack[],
  recovery: RecoveryKind,
): string =>
  [
    style('bold', `Holdfast is up at ${engine.endpoint} (state: ${state}; Ctrl-C stops it)`),
    ...stacks.map((stack) =>
      stack.stackName === STACK_NAME
        ? aboutVendorOnboarding(engine.endpoint, stack.outputs['UploadBucket'] ?? '', recovery)
        : aboutStack(stack),
    ),
  ].join('\n');

/** The engine and stacks on it, until they are stopped. */
export const serveStacks = async (options: LocalEngineOptions, up: UpOptions): Promise<void> => {
  const startedAt = performance.now();
  const engine = await LocalEngine.start({ ...options, note });
  mountConsole(engine, options);
  warnWhenOpen(options.host, engine.endpoint);
  try {
    note(`engine at ${engine.endpoint}; deploying`);
    const stacks = await deployAll(engine, up);
    const [first] = stacks;
    if (up.json === true) {
      printReady(engine, options, {
        ...(first === undefined ? {} : { stack: { result: first.result, outputs: first.outputs } }),
        stacks: stacks.map(({ stackName, result, outputs }) => ({ stackName, result, outputs })),
      });
    } else print(welcome(engine, stateOf(options), stacks, up.recovery ?? 'schedule'));
    const results = stacks.map(({ stackName, result }) => `${stackName} ${result}`).join(', ');
    note(
      `ready ${(performance.now() / 1000).toFixed(1)} s after process start (${results} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
    );
    noteStandstill(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  await runUntilStopped(engine, options);
};
