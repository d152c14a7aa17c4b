import type { Parameter as GivenParameter } from '@aws-sdk/client-cloudformation';
import { type RequestContext, ServiceError, type Tag } from '@holdfast/engine';
import type { CloudFormationCore } from './core.ts';
import { validationError } from './errors.ts';
import { checkFunctions, conditionsOf } from './resolved-template.ts';
import type { StackTarget } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import { checkCapabilities, checkModelled, checkWanted } from './template/check-template.ts';
import { hasIncludes, withIncludes } from './template/includes.ts';
import { resolveParameters } from './template/parameters.ts';
import { readObject, templateBodyOf } from './template-source.ts';

/** The members of a request that say what a stack is to become. */
export interface TargetInput {
  readonly StackName?: string | undefined;
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
  readonly Parameters?: readonly GivenParameter[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
  readonly Tags?: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

/** Reads and checks template, parameters, capabilities and tags. Changes nothing. */
export const stackTargetOf = async (
  core: CloudFormationCore,
  input: TargetInput,
  stack: Stack | undefined,
  context: RequestContext,
): Promise<StackTarget> => {
  const call = core.environment.call;
  const previous = stack?.record.target;
  const given = await templateBodyOf(input, call, context);
  const said =
    given === undefined || !hasIncludes(given)
      ? given
      : await withIncludes(given, (location) => readObject(location, call, context));
  const templateBody = input.UsePreviousTemplate === true ? previous?.templateBody : said;
  if (templateBody === undefined || templateBody === '') {
    throw validationError('Either Template URL or Template Body must be specified.');
  }
  const template = core.templates.check(templateBody);
  checkCapabilities(template, core.types, input.Capabilities);
  const previousValues = Object.fromEntries(
    Object.entries(previous?.parameters ?? {}).map(([name, { value }]) => [name, value]),
  );
  const parameters = await resolveParameters(
    template.parameters,
    input.Parameters ?? [],
    previousValues,
    async (name) => {
      try {
        const found = (await call('ssm', 'GetParameter', { Name: name }, context)) as {
          Parameter?: { Value?: string };
        };
        return found.Parameter?.Value ?? '';
      } catch (error) {
        if (error instanceof ServiceError && error.code !== 'ParameterNotFound') throw error;
        throw validationError(`Unable to fetch parameters [${name}] from parameter store for this account.`);
      }
    },
  );
  const stackName = stack?.record.stackName ?? input.StackName ?? '';
  const owner = { account: context.account, region: context.region, stackName };
  const identity = stack?.record ?? { ...owner, stackId: '' };
  const conditions = conditionsOf(template, parameters, identity);
  const holds = (name: string): boolean => conditions[name] === true;
  checkWanted(template, holds);
  checkFunctions(template, parameters, identity, holds);
  const { account, region } = context;
  const place = { account, region, exists: core.environment.exists };
  checkModelled(template, core.types, holds, place);
  const tags =
    input.Tags === undefined
      ? (previous?.tags ?? [])
      : (input.Tags as readonly Tag[]).map(({ Key, Value }) => ({ Key, Value }));
  return { templateBody, parameters, tags, capabilities: input.Capabilities ?? [] };
};
