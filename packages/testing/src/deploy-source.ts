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
  if (isDirectory ? !isTerraformFolder(path) : !/\.(tf|tfplan)$/.test(path)) return;
  throw new InvalidInputError(
    'source',
    path,
    'is a configuration or a binary plan of Terraform: deploy what `terraform plan -out=tfplan && terraform show -json tfplan > plan.json` writes, or have `terraform apply` do it; docs/guides/terraform.md',
  );
};
