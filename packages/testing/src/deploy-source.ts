import { existsSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type DeployAssemblyOptions, InvalidInputError } from '@holdfast/local';
import { isTerraformJson } from './terraform/plan-file.ts';

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
export const DEPLOY_OPTIONS: Readonly<Record<keyof DeploySourceOptions, true>> = {
  stackNames: true,
  parameters: true,
  sleep: true,
  configuration: true,
};

/** What the CDK app is synthesised into. @throws InvalidInputError for what is none */
export const assemblyOf = (app: CdkApp): string => {
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
export const isPlan = (path: string, text: string): boolean => extname(path) === '.json' && isTerraformJson(text);

/**
 * A configuration is no plan, and what is in a binary one only its provider can read.
 *
 * @throws InvalidInputError for Terraform's own files, and for what is not there
 */
export const checkSource = (path: string): void => {
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
