import type { DescribeStacksCommandOutput, Stack } from '@aws-sdk/client-cloudformation';
import {
  type Json,
  type MemberShapes,
  type PropertiesOf,
  type ResourceContext,
  ResourceFailure,
  type ResourceState,
  type ResourceType,
  ServiceError,
  TAGS,
} from '@holdfast/engine';

const NESTED_STACK = {
  Parameters: 'json',
  Tags: TAGS,
  TemplateURL: 'string',
  TimeoutInMinutes: 'number',
} as const satisfies MemberShapes;

export const NESTED_STACK_REQUIRED = ['TemplateURL'] as const;
type NestedStackProperties = PropertiesOf<typeof NESTED_STACK, typeof NESTED_STACK_REQUIRED>;

export const NESTED_STACK_TYPE = 'AWS::CloudFormation::Stack';

/** The parent was asked for them, for all that is in its children too. */
const CAPABILITIES = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'];

const textOf = (value: Json): string => (Array.isArray(value) ? value.join(',') : String(value));

const inputOf = ({ Parameters = {}, Tags, TemplateURL }: NestedStackProperties): object => ({
  TemplateURL,
  Capabilities: CAPABILITIES,
  Parameters: Object.entries(Parameters as Readonly<Record<string, Json>>).map(([ParameterKey, value]) => ({
    ParameterKey,
    ParameterValue: textOf(value),
  })),
  ...(Tags === undefined ? {} : { Tags }),
});

const describe = async (name: string, { call }: ResourceContext): Promise<Stack> => {
  const { Stacks = [] } = await call<DescribeStacksCommandOutput>('cloudformation', 'DescribeStacks', {
    StackName: name,
  });
  return Stacks[0] as Stack;
};

/** Waits until nothing is under way. */
const settled = async (name: string, context: ResourceContext): Promise<Stack> => {
  let stack = await describe(name, context);
  await context.until(async () => {
    stack = await describe(name, context);
    return stack.StackStatus?.endsWith('_IN_PROGRESS') === false;
  }, `the stack ${name}`);
  return stack;
};

const stateOf = ({ StackId = '', Outputs = [] }: Stack): ResourceState => ({
  physicalId: StackId,
  attributes: Object.fromEntries(
    Outputs.map(({ OutputKey, OutputValue = '' }) => [`Outputs.${OutputKey}`, OutputValue]),
  ),
});

const failure = ({ StackId, StackStatusReason = '' }: Stack, verb: string): ResourceFailure =>
  new ResourceFailure(`Embedded stack ${StackId} was not successfully ${verb}: ${StackStatusReason}`);

const isNothingToDo = (error: unknown): boolean =>
  error instanceof ServiceError && error.message === 'No updates are to be performed.';

const remove = async (physicalId: string, context: ResourceContext): Promise<void> => {
  await context.call('cloudformation', 'DeleteStack', { StackName: physicalId });
  const stack = await settled(physicalId, context);
  if (stack.StackStatus !== 'DELETE_COMPLETE') throw failure(stack, 'deleted');
};

/**
 * A stack as a resource of another. Its outputs are the attributes `Outputs.<name>`.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
 */
export const nestedStack: ResourceType<NestedStackProperties> = {
  type: NESTED_STACK_TYPE,
  properties: NESTED_STACK,
  required: NESTED_STACK_REQUIRED,
  attributes: [],
  attributePrefix: 'Outputs.',

  async create(properties, context) {
    const StackName = context.generateName({ maxLength: 128, hasUpperCaseEnd: true });
    const { TimeoutInMinutes } = properties;
    try {
      await context.call('cloudformation', 'CreateStack', {
        StackName,
        ...inputOf(properties),
        // What is there of it stays for the events to be read until the parent is rolled back.
        OnFailure: 'DO_NOTHING',
        ...(TimeoutInMinutes === undefined ? {} : { TimeoutInMinutes }),
      });
    } catch (error) {
      // It was begun before a restart.
      if (!(error instanceof ServiceError) || error.code !== 'AlreadyExistsException') throw error;
    }
    const stack = await settled(StackName, context);
    if (stack.StackStatus === 'CREATE_COMPLETE') return stateOf(stack);
    await remove(stack.StackId as string, context);
    throw failure(stack, 'created');
  },

  async update({ physicalId }, properties, context) {
    try {
      await context.call('cloudformation', 'UpdateStack', { StackName: physicalId, ...inputOf(properties) });
    } catch (error) {
      if (!isNothingToDo(error)) throw error;
    }
    const stack = await settled(physicalId, context);
    if (stack.StackStatus !== 'UPDATE_COMPLETE' && stack.StackStatus !== 'CREATE_COMPLETE') {
      throw failure(stack, 'updated');
    }
    return stateOf(stack);
  },

  delete: ({ physicalId }, context) => remove(physicalId, context),
};
