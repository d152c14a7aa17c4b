import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@holdfast/local';

/** An app of the AWS CDK, as far as it is needed: `new App()` of `aws-cdk-lib` is one. */
export interface CdkApp {
  synth(): { readonly directory: string };
}

const isPlan = (path: string): boolean => {
  if (!path.endsWith('.json')) return false;
  const text = readFileSync(path, 'utf8');
  return text.includes('"terraform_version"') && text.includes('"planned_values"');
};

const isTerraform = (path: string): boolean => {
  if (statSync(path).isDirectory()) {
    return !existsSync(join(path, 'manifest.json')) && readdirSync(path).some((name) => name.endsWith('.tf'));
  }
  return /\.(tf|tfplan)$/.test(path) || isPlan(path);
};

/**
 * What a plan of Terraform leaves to its provider (defaults, order, names of what is yet to be made) only the provider
 * knows: it does the applying, and the engine answers it.
 *
 * @throws InvalidInputError for Terraform's configurations and plans, and for what is not there
 */
export const checkSource = (path: string): void => {
  if (!existsSync(path))
    throw new InvalidInputError('source', path, `is neither a file nor a directory in ${process.cwd()}`);
  if (!isTerraform(path)) return;
  throw new InvalidInputError(
    'source',
    path,
    "is Terraform's, which applies it itself: run `terraform apply` against `aws.endpoint` and then bind and advance as ever; docs/guides/terraform.md has the provider's settings",
  );
};
