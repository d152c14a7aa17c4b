/**
 * Deploys every CloudFormation and SAM template below a directory, each on an engine of its own in virtual time, and prints what came of
 * it: `deployed`, `refused` by the name of what is not modelled, or `failed` for another reason; a stack that is stuck names the
 * resources that it waits for, and one that takes long does so on stderr meanwhile.
 *
 *     npm run --silent try-templates -- <directory> > results.tsv
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadYamlFor, parseTemplate } from '@holdfast/cloudformation';
import { isObject, type JsonObject } from '@holdfast/engine';
import { LocalEngine } from '@holdfast/local';
import { awaitedResources } from '../../packages/local/src/assembly/awaited-resources.ts';
import { engineTarget } from '../../packages/local/src/assembly/engine-target.ts';

const EVENT_SERVICES = /AWS::(Serverless|Lambda|SQS|SNS|Events|StepFunctions|Pipes|Scheduler|S3|DynamoDB|Kinesis)::/;

const isTemplate = (text: string): boolean =>
  /^"?Resources"?\s*:|^\s+"Resources"\s*:/m.test(text) && EVENT_SERVICES.test(text);

/** What people name in parameters; the first that fits the parameter's pattern is taken. */
const NAMED = [
  '',
  'value1',
  '000000000000',
  'somebody@example.com',
  'https://example.com',
  'vol-0123456789abcdef0',
  'fsvol-0123456789abcdef0',
  'i-0123456789abcdef0',
];

/** Something that fits a parameter which has no default. */
const valueFor = (name: string, { AllowedValues, AllowedPattern, Description, Type }: JsonObject): string => {
  if (Array.isArray(AllowedValues)) return String(AllowedValues[0]);
  const pattern = typeof AllowedPattern === 'string' ? new RegExp(`^(?:${AllowedPattern})$`) : undefined;
  const fitting = pattern === undefined ? undefined : NAMED.find((value) => pattern.test(value));
  if (fitting !== undefined) return fitting;
  if (Type === 'Number') return '5';
  if (/arn/i.test(name)) return 'arn:aws:sqs:us-east-1:000000000000:any';
  return /mail/i.test(`${name} ${String(Description)}`) ? 'somebody@example.com' : 'value1';
};

const parametersFor = (body: string): Record<string, string> => {
  const { Parameters } = parseTemplate(body);
  const declared = Object.entries(isObject(Parameters) ? (Parameters as Readonly<Record<string, JsonObject>>) : {});
  return Object.fromEntries(
    declared.flatMap(([name, parameter]) =>
      parameter['Default'] === undefined ? [[name, valueFor(name, parameter)]] : [],
    ),
  );
};

/** Between remarks on a template that takes the machine's time: code of it computes, or waits for somebody outside. */
const REMARK_MS = 30_000;

/** Says on stderr what the stack waits for, until it is stopped. */
const remarkOn = (file: string, engine: LocalEngine): (() => void) => {
  const target = engineTarget(engine.engine, () => engine.context());
  const timer = setInterval(async () => {
    const awaited = await awaitedResources(target, 'tried').catch((error: Error) => [error.message]);
    process.stderr.write(`${file}: still under way: ${awaited.join(', ')}\n`);
  }, REMARK_MS);
  return () => clearInterval(timer);
};

const outcomeOf = async (file: string, body: string): Promise<string> => {
  const engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  const stopRemarks = remarkOn(file, engine);
  try {
    await loadYamlFor(body);
    await engine.deployTemplate('tried', body, { directory: dirname(file), parameters: parametersFor(body) });
    return 'deployed\t';
  } catch (error) {
    const text = (error as Error).message.replace(/\s+/g, ' ').slice(0, 1_000);
    return `${text.includes('Holdfast does not support') ? 'refused' : 'failed'}\t${text}`;
  } finally {
    stopRemarks();
    await engine.close();
  }
};

const root = process.argv[2] ?? '.';
const counts = new Map<string, number>();
for (const file of globSync('**/*.{yaml,yml,json}', { cwd: root, exclude: (name) => name === 'node_modules' }).sort()) {
  const path = join(root, file);
  const body = readFileSync(path, 'utf8');
  if (!isTemplate(body)) continue;
  const outcome = await outcomeOf(path, body);
  const [kind = ''] = outcome.split('\t');
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
  process.stdout.write(`${file}\t${outcome}\n`);
}
process.stderr.write(`${JSON.stringify(Object.fromEntries(counts))}\n`);
process.exit(0);
