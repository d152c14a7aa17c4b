import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import { type Operations, operation } from '../../core/index.ts';
import { badRequest, notFound } from './errors.ts';
import { listed, own } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import type { StoredApi, StoredDeployment } from './stored.ts';

const describe = (deployment: StoredDeployment) => ({
  AutoDeployed: deployment.isAutomatic,
  CreatedDate: new Date(deployment.createdAt),
  DeploymentId: deployment.deploymentId,
  DeploymentStatus: 'DEPLOYED' as const,
  ...(deployment.description === undefined ? {} : { Description: deployment.description }),
});

/** Deployments: pictures of an API that stages serve. */
export const deploymentOperations = (registry: ApiRegistry): Operations<typeof Sdk> => {
  const deploymentOf = (api: StoredApi, id: string | undefined): StoredDeployment => {
    const deployment = registry.deployment(api.apiId, id);
    if (deployment === undefined) throw notFound('Deployment', id ?? '');
    return deployment;
  };

  return {
    CreateDeployment: operation(['ApiId', 'Description', 'StageName'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const stage = own(api.stages, input.StageName);
      if (input.StageName !== undefined && stage === undefined) throw notFound('stage', input.StageName);
      if (stage?.AutoDeploy === true) {
        throw badRequest('Deployment ID cannot be set on stage when AutoDeploy is enabled');
      }
      if (Object.keys(api.routes).length === 0) {
        throw badRequest('At least one route is required before deploying the Api.');
      }
      const deployment = registry.deploy(api, { isAutomatic: false, description: input.Description });
      if (stage !== undefined) {
        const { deploymentId: DeploymentId } = deployment;
        const served = { ...stage, DeploymentId, updatedAt: context.now };
        registry.save({ ...api, stages: { ...api.stages, [stage.StageName]: served } });
        registry.sweep(api.apiId);
      }
      return describe(deployment);
    }),
    GetDeployment: operation(['ApiId', 'DeploymentId'], (input, context) =>
      describe(deploymentOf(registry.get(context, input.ApiId), input.DeploymentId)),
    ),
    GetDeployments: operation(['ApiId', 'MaxResults', 'NextToken'], (input, context) =>
      listed(
        registry.deploymentsOf(registry.get(context, input.ApiId).apiId),
        ({ deploymentId }) => deploymentId,
        input,
        describe,
      ),
    ),
    UpdateDeployment: operation(['ApiId', 'DeploymentId', 'Description'], (input, context) => {
      const before = deploymentOf(registry.get(context, input.ApiId), input.DeploymentId);
      const changed = { ...before, description: input.Description ?? before.description };
      registry.saveDeployment(changed);
      return describe(changed);
    }),
    DeleteDeployment: operation(['ApiId', 'DeploymentId'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const { deploymentId } = deploymentOf(api, input.DeploymentId);
      if (Object.values(api.stages).some(({ DeploymentId }) => DeploymentId === deploymentId)) {
        throw badRequest('Active stages pointing to this deployment must be moved or deleted');
      }
      registry.deleteDeployment(api.apiId, deploymentId);
      return {};
    }),
  };
};
