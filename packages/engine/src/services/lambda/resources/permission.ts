import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Action: 'string',
  EventSourceToken: 'string',
  FunctionName: 'string',
  FunctionUrlAuthType: 'string',
  InvokedViaFunctionUrl: 'boolean',
  Principal: 'string',
  PrincipalOrgID: 'string',
  SourceAccount: 'string',
  SourceArn: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['Action', 'FunctionName', 'Principal'] as const;
type PermissionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** Statements of a function's policy cannot be changed: every change makes a new one. */
export const lambdaPermission: ResourceType<PermissionProperties> = {
  type: 'AWS::Lambda::Permission',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['Id'],
  async create(properties, context) {
    const StatementId = context.generateName({ maxLength: 100 });
    await context.call('lambda', 'AddPermission', {
      StatementId,
      ...pick(
        properties,
        'Action',
        'EventSourceToken',
        'FunctionName',
        'FunctionUrlAuthType',
        'InvokedViaFunctionUrl',
        'Principal',
        'PrincipalOrgID',
        'SourceAccount',
        'SourceArn',
      ),
    });
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },
  async delete({ physicalId, properties }, context) {
    const { FunctionName } = properties;
    await unlessMissing(context.call('lambda', 'RemovePermission', { FunctionName, StatementId: physicalId }));
  },
};
