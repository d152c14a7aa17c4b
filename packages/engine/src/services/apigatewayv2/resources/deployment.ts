import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = { ApiId: 'string', Description: 'string', StageName: 'string' } as const satisfies MemberShapes;

const REQUIRED = ['ApiId'] as const;
type DeploymentProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = (DeploymentId: string) => ({ physicalId: DeploymentId, attributes: { DeploymentId } });

export const deployment: ResourceType<DeploymentProperties> = {
  type: 'AWS::ApiGatewayV2::Deployment',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['ApiId', 'StageName'],
  attributes: ['DeploymentId'],
  async create(properties, context) {
    const { DeploymentId } = await context.call<{ DeploymentId: string }>(
      'apigatewayv2',
      'CreateDeployment',
      properties,
    );
    return stateOf(DeploymentId);
  },
  async update({ physicalId: DeploymentId }, { ApiId, Description = '' }, context) {
    await context.call('apigatewayv2', 'UpdateDeployment', { ApiId, DeploymentId, Description });
    return stateOf(DeploymentId);
  },
  async delete({ physicalId: DeploymentId, properties: { ApiId } }, context) {
    await unlessMissing(context.call('apigatewayv2', 'DeleteDeployment', { ApiId, DeploymentId }));
  },
};
