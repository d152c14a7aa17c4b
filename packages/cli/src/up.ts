import { LocalEngine, type LocalEngineOptions } from '@holdfast/local';
import type { RecoveryKind } from '@holdfast/stacks';
import { deployVendorOnboarding } from './deploy.ts';
import { noteStandstill, printReady, runUntilStopped, stateOf } from './engine-process.ts';
import { warnWhenOpen } from './open-port.ts';
import { note, print, style } from './output.ts';

const RECOVERS: Readonly<Record<RecoveryKind, string>> = {
  schedule: 'csv-parser-retry every 5 minutes  →  alert after 5 retries',
  workflow: 'a pipe starts the workflow csv-parser-retry for each  →  alert after 5 retries',
};

const welcome = (endpoint: string, state: string, bucket: string, recovery: RecoveryKind): string => {
  const command = (text: string): string => style('cyan', text);
  return [
    style('bold', `Holdfast is up at ${endpoint} (state: ${state}; Ctrl-C stops it)`),
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
};

/** The engine and the pipelines on it, until they are stopped. */
export const serveVendorOnboarding = async (
  options: LocalEngineOptions,
  recovery: RecoveryKind,
  asJson = false,
): Promise<void> => {
  const startedAt = performance.now();
  const engine = await LocalEngine.start(options);
  warnWhenOpen(options.host, engine.endpoint);
  try {
    note(`engine at ${engine.endpoint}; deploying the pipeline`);
    const stack = await deployVendorOnboarding(engine, recovery);
    if (asJson) printReady(engine, options, { stack: { result: stack.result, outputs: stack.outputs } });
    else print(welcome(engine.endpoint, stateOf(options), stack.outputs['UploadBucket'] ?? '', recovery));
    note(
      `ready ${(performance.now() / 1000).toFixed(1)} s after process start (stack ${stack.result} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
    );
    noteStandstill(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  await runUntilStopped(engine, options);
};
