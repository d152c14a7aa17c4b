import type * as Sdk from '@aws-sdk/client-cloudformation';
import type { ValidateTemplateCommandOutput } from '@aws-sdk/client-cloudformation';
import { isObject, type JsonObject, type Operations, operation, type RequestContext } from '@holdfast/engine';
import { findChangeSet } from './change-set-operations.ts';
import type { CloudFormationCore } from './core.ts';
import { validationError } from './errors.ts';
import { capabilitiesOf } from './template/check-template.ts';
import type { LoadedTemplate } from './template/load-template.ts';
import type { Template } from './template/template.ts';
import { templateBodyOf } from './template-source.ts';

const text = (definition: JsonObject, member: string): string | undefined =>
  definition[member] === undefined ? undefined : String(definition[member]);

const flag = (definition: JsonObject, member: string): boolean => text(definition, member) === 'true';

/** Actions on templates. */
export const templateOperations = (core: CloudFormationCore): Operations<typeof Sdk> => {
  const read = async (
    input: { readonly TemplateBody?: string | undefined; readonly TemplateURL?: string | undefined },
    context: RequestContext,
  ): Promise<LoadedTemplate> => {
    const body = await templateBodyOf(input, core.environment.call, context);
    if (body === undefined) throw validationError('Either Template URL or Template Body must be specified.');
    return core.templates.check(body);
  };
  const capabilities = (template: Template) => {
    const needed = capabilitiesOf(template, core.types);
    const iam = [...template.resources.values()].filter(({ type }) => core.types.get(type)?.isIam === true);
    return needed.length === 0
      ? {}
      : {
          Capabilities: [...needed] as NonNullable<ValidateTemplateCommandOutput['Capabilities']>,
          CapabilitiesReason: `The following resource(s) require capabilities: [${[...new Set(iam.map(({ type }) => type))].join(', ')}]`,
        };
  };
  return {
    ValidateTemplate: operation(['TemplateBody', 'TemplateURL'], async (input, context) => {
      const template = await read(input, context);
      return {
        Parameters: Object.entries(template.parameters).map(([ParameterKey, definition]) => ({
          ParameterKey,
          DefaultValue: text(definition, 'Default'),
          NoEcho: flag(definition, 'NoEcho'),
          Description: text(definition, 'Description'),
        })),
        Description: template.description,
        DeclaredTransforms: [...template.transforms],
        ...capabilities(template),
      };
    }),

    GetTemplate: operation(['StackName', 'ChangeSetName', 'TemplateStage'], (input, context) => {
      const { StackName: stackName, ChangeSetName: changeSetName } = input;
      if (stackName === undefined && changeSetName?.startsWith('arn:') !== true) {
        throw validationError(
          changeSetName === undefined
            ? 'StackName is required if ChangeSetName is not specified.'
            : 'StackName is a required parameter.',
        );
      }
      const target =
        changeSetName === undefined
          ? core.require(stackName, context, (name) => `Stack with id ${name} does not exist`).record.target
          : findChangeSet(core, changeSetName, stackName, context).target;
      const { templateBody } = target;
      const isWanted = input.TemplateStage !== 'Original' && templateBody !== '';
      const template = isWanted ? core.templates.load(templateBody) : undefined;
      const isProcessed = template !== undefined && template.transforms.length > 0;
      return {
        TemplateBody: isProcessed ? JSON.stringify(template.processed) : templateBody,
        StagesAvailable: ['Original', 'Processed'],
      };
    }),

    GetTemplateSummary: operation(['TemplateBody', 'TemplateURL', 'StackName'], async (input, context) => {
      const stack =
        input.StackName === undefined
          ? undefined
          : core.require(input.StackName, context, (name) => `Stack with id ${name} does not exist`);
      if (stack?.record.status === 'REVIEW_IN_PROGRESS') {
        throw validationError('GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.');
      }
      const template =
        stack === undefined ? await read(input, context) : core.templates.check(stack.record.target.templateBody);
      return {
        Parameters: Object.entries(template.parameters).map(([ParameterKey, definition]) => ({
          ParameterKey,
          DefaultValue: text(definition, 'Default'),
          ParameterType: text(definition, 'Type'),
          NoEcho: flag(definition, 'NoEcho'),
          Description: text(definition, 'Description'),
          ParameterConstraints: Array.isArray(definition['AllowedValues'])
            ? { AllowedValues: definition['AllowedValues'].map(String) }
            : {},
        })),
        Description: template.description,
        ResourceTypes: [...new Set([...template.resources.values()].map(({ type }) => type))],
        Version: '2010-09-09',
        ...(isObject(template.metadata) ? { Metadata: JSON.stringify(template.metadata) } : {}),
        DeclaredTransforms: [...template.transforms],
        ...capabilities(template),
      };
    }),
  };
};
