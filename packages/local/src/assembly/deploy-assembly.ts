import { readFileSync } from 'node:fs';
import { InvalidInputError } from '@holdfast/kernel';
import { readCloudAssembly } from './cloud-assembly.ts';
import { type DeployedStack, type DeployOptions, deployStack } from './deploy-stack.ts';
import { ASSET_BUCKET, type DeployTarget, fillPlaceholders, httpsUrl } from './deploy-target.ts';
import { packageTemplate } from './package-template.ts';
import { ensureBootstrapVersion, ensureBucket, publishAssets } from './publish-assets.ts';

/** How a synthesised CDK app is deployed. */
export interface DeployAssemblyOptions extends DeployOptions {
  /** Stacks to deploy. @defaultValue all */
  readonly stackNames?: readonly string[];
  /** Parameters by stack name. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** How a single template is deployed. */
export interface DeployTemplateOptions extends DeployOptions {
  /** Values of the template's parameters; those left out take their defaults. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * What local paths in the template are relative to: code, layers, definitions and nested templates are uploaded from
   * there, as `aws cloudformation package` does. @defaultValue none: such paths are refused
   */
  readonly directory?: string;
  /** Tags of the stack. */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * Deploys a synthesised CDK app as `cdk deploy` does: provides what bootstrapping leaves behind, uploads the file
 * assets, creates or updates the stacks in order. What has not changed is skipped after one question each.
 */
export const deployAssembly = async (
  target: DeployTarget,
  assemblyDirectory: string,
  options: DeployAssemblyOptions = {},
): Promise<readonly DeployedStack[]> => {
  const { stacks, assets } = readCloudAssembly(assemblyDirectory);
  const names = stacks.map(({ stackName }) => stackName);
  for (const [option, given] of [
    ['stackNames', options.stackNames ?? []],
    ['parameters', Object.keys(options.parameters ?? {})],
  ] as const) {
    const stray = given.find((name) => !names.includes(name));
    if (stray === undefined) continue;
    throw new InvalidInputError(option, stray, `is no stack of ${assemblyDirectory}; there are ${names.join(', ')}`);
  }
  const wanted = stacks.filter(({ stackName }) => options.stackNames?.includes(stackName) !== false);
  for (const { stackName, account, region } of wanted) {
    if ((account ?? target.account) !== target.account || (region ?? target.region) !== target.region) {
      throw new InvalidInputError(
        'stack',
        stackName,
        `is made for ${account}/${region}, not ${target.account}/${target.region}`,
      );
    }
  }
  for (const parameter of new Set(wanted.flatMap(({ bootstrapParameter }) => bootstrapParameter ?? []))) {
    await ensureBootstrapVersion(target, parameter);
  }
  await publishAssets(target, assets);
  const deployed: DeployedStack[] = [];
  for (const stack of wanted) {
    deployed.push(
      await deployStack(
        target,
        {
          stackName: stack.stackName,
          templateBody: readFileSync(stack.templateFile, 'utf8'),
          templateUrl:
            stack.templateUrl === undefined ? undefined : httpsUrl(fillPlaceholders(stack.templateUrl, target), target),
          parameters: options.parameters?.[stack.stackName],
          tags: stack.tags,
          hasTerminationProtection: stack.hasTerminationProtection,
        },
        options,
      ),
    );
  }
  return deployed;
};

/** Largest template that fits into a request. */
const TEMPLATE_BODY_BYTES_MAX = 51_200;

/** Deploys a plain CloudFormation template, JSON or YAML. A large one travels through a bucket, as with the AWS CLI. */
export const deployTemplate = async (
  target: DeployTarget,
  stackName: string,
  given: string,
  options: DeployTemplateOptions = {},
): Promise<DeployedStack> => {
  const { directory } = options;
  const templateBody = directory === undefined ? given : await packageTemplate(target, given, directory);
  let templateUrl: string | undefined;
  if (Buffer.byteLength(templateBody) > TEMPLATE_BODY_BYTES_MAX) {
    const bucket = fillPlaceholders(ASSET_BUCKET, target);
    await ensureBucket(target, bucket);
    const key = `templates/${stackName}.template`;
    await target.call('s3', 'PutObject', { Bucket: bucket, Key: key, Body: Buffer.from(templateBody) });
    templateUrl = httpsUrl(`s3://${bucket}/${key}`, target);
  }
  const { parameters, tags } = options;
  return deployStack(target, { stackName, templateBody, templateUrl, parameters, tags }, options);
};
