import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const DESTINATION = { Destination: 'string' } as const satisfies MemberShapes;

const SHAPE = {
  DestinationConfig: { OnFailure: DESTINATION, OnSuccess: DESTINATION },
  FunctionName: 'string',
  MaximumEventAgeInSeconds: 'number',
  MaximumRetryAttempts: 'number',
  Qualifier: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['FunctionName', 'Qualifier'] as const;
type EventInvokeConfigProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** Put replaces the whole configuration, so creating and updating are the same. */
const put = async (properties: EventInvokeConfigProperties, context: ResourceContext): Promise<void> => {
  await context.call(
    'lambda',
    'PutFunctionEventInvokeConfig',
    pick(
      properties,
      'DestinationConfig',
      'FunctionName',
      'MaximumEventAgeInSeconds',
      'MaximumRetryAttempts',
      'Qualifier',
    ),
  );
};

export const lambdaEventInvokeConfig: ResourceType<EventInvokeConfigProperties> = {
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['FunctionName', 'Qualifier'],
  attributes: [],
  async create(properties, context) {
    await put(properties, context);
    return { physicalId: context.generateName(), attributes: {} };
  },
  async update({ physicalId }, properties, context) {
    await put(properties, context);
    return { physicalId, attributes: {} };
  },
  async delete({ properties: { FunctionName, Qualifier } }, context) {
    await unlessMissing(context.call('lambda', 'DeleteFunctionEventInvokeConfig', { FunctionName, Qualifier }));
  },
};
