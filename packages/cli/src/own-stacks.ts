import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { DeployedStack, LocalEngine } from '@holdfast/local';
import { CommandError, EXIT } from './exit-code.ts';

/** Values of a stack's parameters. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * Deploys what `cdk synth` wrote; parameters go to every stack that has them.
 *
 * @throws CommandError when the directory holds no cloud assembly
 */
export const deployApp = async (
  engine: LocalEngine,
  directory: string,
  parameters: Parameters,
): Promise<readonly DeployedStack[]> => {
  if (!existsSync(join(directory, 'manifest.json'))) {
    throw new CommandError(
      `--app: "${directory}" holds no cloud assembly (manifest.json); run "cdk synth" first, and name its cdk.out`,
      EXIT.usage,
    );
  }
  return engine.deploy(resolve(directory), { parameters: parametersOfStacks(directory, parameters) });
};

interface Manifest {
  readonly artifacts?: Readonly<
    Record<string, { readonly type: string; readonly properties?: { stackName?: string; templateFile?: string } }>
  >;
}

const readJson = <Content>(path: string): Content => JSON.parse(readFileSync(path, 'utf8')) as Content;

/** As the CDK's command has it: `Parameter=Value` is for every stack that has it, `Stack:Parameter=Value` for one. */
const parametersOfStacks = (directory: string, parameters: Parameters): Readonly<Record<string, Parameters>> => {
  const { artifacts = {} } = readJson<Manifest>(join(directory, 'manifest.json'));
  const taken = new Set<string>();
  const ofStack = (stackName: string, templateFile: string): Parameters => {
    const { Parameters: known = {} } = readJson<{ Parameters?: object }>(join(directory, templateFile));
    return Object.fromEntries(
      Object.entries(parameters).flatMap(([name, value]) => {
        const [, stack = stackName, key = ''] = /^(?:([^:]+):)?(.+)$/s.exec(name) ?? [];
        if (stack !== stackName || !Object.hasOwn(known, key)) return [];
        taken.add(name);
        return [[key, value]];
      }),
    );
  };
  const all = Object.entries(artifacts).flatMap(([id, { type, properties = {} }]) => {
    const { stackName = id, templateFile } = properties;
    return type !== 'aws:cloudformation:stack' || templateFile === undefined
      ? []
      : [[stackName, ofStack(stackName, templateFile)] as const];
  });
  const unknown = Object.keys(parameters).find((name) => !taken.has(name));
  if (unknown !== undefined) {
    throw new CommandError(`--parameter: no stack of "${directory}" has a parameter "${unknown}"`, EXIT.usage);
  }
  return Object.fromEntries(all);
};

/** `order-service.yaml` becomes the stack `order-service`. */
const stackNameOf = (file: string): string =>
  basename(file, extname(file))
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^[^a-zA-Z]+|-$/g, '') || 'template';

/**
 * Deploys a CloudFormation or SAM template, JSON or YAML, with the code that it names by local paths.
 *
 * @throws CommandError when there is no such file
 */
export const deployTemplateFile = async (
  engine: LocalEngine,
  file: string,
  stackName: string | undefined,
  parameters: Parameters,
): Promise<DeployedStack> => {
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new CommandError(`--template: "${file}" is no file`, EXIT.usage);
  }
  return engine.deployTemplate(stackName ?? stackNameOf(file), readFileSync(file, 'utf8'), {
    parameters,
    directory: dirname(resolve(file)),
  });
};
