import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type DeployAssemblyOptions, type DeployedStack, InvalidInputError, type LocalEngine } from '@holdfast/local';
import { isTerraformJson } from './terraform/plan-file.ts';
import { checkNames } from './test-engine-options.ts';

/** An app of the AWS CDK, as far as it is needed: `new App()` of `aws-cdk-lib` is one. */
export interface CdkApp {
  synth(): { readonly directory: string };
}

/** How `deploy` goes about it. */
export interface DeploySourceOptions extends DeployAssemblyOptions {
  /** Where the files of a plan's configuration are. @defaultValue beside the plan */
  readonly configuration?: string;
}

/** Their names, for suites that no compiler reads. */
const DEPLOY_OPTIONS: Readonly<Record<keyof DeploySourceOptions, true>> = {
  stackNames: true,
  parameters: true,
  sleep: true,
  configuration: true,
};

/** What the CDK app is synthesised into. @throws InvalidInputError for what is none */
const assemblyOf = (app: CdkApp): string => {
  if (typeof (app as Partial<CdkApp> | undefined)?.synth === 'function') return app.synth().directory;
  throw new InvalidInputError(
    'source',
    String(app),
    'must be an App of the CDK, or the path of an assembly, a template or a plan',
  );
};

const isTerraformFolder = (path: string): boolean =>
  !existsSync(join(path, 'manifest.json')) && readdirSync(path).some((name) => name.endsWith('.tf'));

/** Whether the file is what `terraform show -json` writes. */
const isPlan = (path: string, text: string): boolean => extname(path) === '.json' && isTerraformJson(text);

/**
 * A configuration is no plan, and what is in a binary one only its provider can read.
 *
 * @throws InvalidInputError for Terraform's own files, and for what is not there
 */
const checkSource = (path: string): void => {
  if (!existsSync(path))
    throw new InvalidInputError('source', path, `is neither a file nor a directory in ${process.cwd()}`);
  const isDirectory = statSync(path).isDirectory();
  const isOther = isDirectory && !existsSync(join(path, 'manifest.json')) && !isTerraformFolder(path);
  if (isOther) {
    throw new InvalidInputError(
      'source',
      path,
      'has no manifest.json: name the directory that `cdk synth` wrote, cdk.out, or a file',
    );
  }
  if (isDirectory ? !isTerraformFolder(path) : !/\.(tf|tfplan)$/.test(path)) return;
  throw new InvalidInputError(
    'source',
    path,
    'is a configuration or a binary plan of Terraform: deploy what `terraform plan -out=tfplan && terraform show -json tfplan > plan.json` writes, or have `terraform apply` do it; docs/guides/terraform.md',
  );
};

/** Plans are seldom deployed: what reads them is loaded then. */
const deployPlan = async (
  local: LocalEngine,
  stackName: string,
  path: string,
  { configuration = dirname(path), parameters }: DeploySourceOptions,
  region: string,
): Promise<DeployedStack> => {
  if (parameters !== undefined) {
    throw new InvalidInputError('parameters', parameters, 'are of templates: a plan has the values of its variables');
  }
  const { templateOfPlan } = await import('./terraform/plan-template.ts');
  const { body, outputs } = templateOfPlan(path, configuration, region);
  const stack = await local.deployTemplate(stackName, body, { directory: resolve(configuration) });
  const named = Object.entries(stack.outputs).map(([id, value]) => [outputs.get(id) ?? id, value]);
  return { ...stack, outputs: Object.fromEntries(named) };
};

/**
 * Deploys a CDK `App`, an assembly, a template, or a plan of Terraform; the last two as stack of the file's name.
 *
 * @throws InvalidInputError when it is none of these, and for what of a plan is not played
 */
export const deploySource = async (
  local: LocalEngine,
  source: string | CdkApp,
  options: DeploySourceOptions,
  region = 'us-east-1',
): Promise<readonly DeployedStack[]> => {
  checkNames('options', options, DEPLOY_OPTIONS);
  if (typeof source !== 'string') return local.deploy(assemblyOf(source), options);
  checkSource(source);
  if (statSync(source).isDirectory()) return local.deploy(source, options);
  const stackName = basename(source, extname(source)).replace(/[^A-Za-z0-9-]/g, '-');
  const text = readFileSync(source, 'utf8');
  if (text.trim() === '') throw new InvalidInputError('source', source, 'is empty');
  if (isPlan(source, text)) return [await deployPlan(local, stackName, source, options, region)];
  const stray = Object.keys(options.parameters ?? {}).find((name) => name !== stackName);
  if (stray !== undefined) {
    throw new InvalidInputError('parameters', stray, `is not the stack that ${source} becomes, which is ${stackName}`);
  }
  const parameters = options.parameters?.[stackName];
  const directory = dirname(resolve(source));
  return [
    await local.deployTemplate(stackName, text, { directory, ...(parameters === undefined ? {} : { parameters }) }),
  ];
};
