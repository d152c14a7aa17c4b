import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import type { Integration } from '@aws-sdk/client-apigatewayv2';
import { type Operations, operation } from '../../core/index.ts';
import { conflict, notFound } from './errors.ts';
import { checkIntegration, TIMEOUT_MAX_MS } from './integration-checks.ts';
import { changedMap, given, listed, own, without } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import type { StoredApi } from './stored.ts';

const MEMBERS = [
  'ApiId',
  'IntegrationType',
  'IntegrationSubtype',
  'IntegrationUri',
  'IntegrationMethod',
  'PayloadFormatVersion',
  'RequestParameters',
  'ResponseParameters',
  'CredentialsArn',
  'ConnectionType',
  'TimeoutInMillis',
  'Description',
] as const;

/** Integrations of APIs. */
export const integrationOperations = (registry: ApiRegistry): Operations<typeof Sdk> => {
  const integrationOf = (api: StoredApi, id: string | undefined): Integration => {
    const integration = own(api.integrations, id);
    if (integration === undefined) throw notFound('Integration', id ?? '');
    return integration;
  };
  const save = (api: StoredApi, integration: Integration): Integration => {
    const id = integration.IntegrationId as string;
    registry.saveAndDeploy({ ...api, integrations: { ...api.integrations, [id]: integration } });
    return integration;
  };

  return {
    CreateIntegration: operation([...MEMBERS], ({ ApiId, ...input }, context) => {
      const api = registry.get(context, ApiId);
      checkIntegration(input, registry.environment);
      const isFunction = input.IntegrationType === 'AWS_PROXY' && input.IntegrationSubtype === undefined;
      return save(api, {
        ConnectionType: 'INTERNET',
        TimeoutInMillis: TIMEOUT_MAX_MS,
        PayloadFormatVersion: '1.0',
        ...(isFunction ? { IntegrationMethod: 'POST' } : {}),
        ...given(input),
        IntegrationId: registry.newId(7),
      });
    }),
    GetIntegration: operation(['ApiId', 'IntegrationId'], (input, context) =>
      integrationOf(registry.get(context, input.ApiId), input.IntegrationId),
    ),
    GetIntegrations: operation(['ApiId', 'MaxResults', 'NextToken'], (input, context) =>
      listed(
        Object.values(registry.get(context, input.ApiId).integrations),
        ({ IntegrationId }) => IntegrationId as string,
        input,
        (integration) => integration,
      ),
    ),
    UpdateIntegration: operation([...MEMBERS, 'IntegrationId'], ({ ApiId, IntegrationId, ...input }, context) => {
      const api = registry.get(context, ApiId);
      const before = integrationOf(api, IntegrationId);
      const { RequestParameters: parametersBefore, ...rest } = before;
      const parameters = changedMap(parametersBefore, input.RequestParameters);
      const changed: Integration = {
        ...rest,
        ...given(input),
        ...(parameters === undefined ? {} : { RequestParameters: parameters }),
      };
      if (parameters === undefined) delete changed.RequestParameters;
      checkIntegration({ ...changed, IntegrationType: changed.IntegrationType }, registry.environment);
      return save(api, changed);
    }),
    DeleteIntegration: operation(['ApiId', 'IntegrationId'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const { IntegrationId } = integrationOf(api, input.IntegrationId);
      const user = Object.values(api.routes).find(({ Target }) => Target === `integrations/${IntegrationId}`);
      if (user !== undefined) {
        throw conflict(
          `Cannot delete Integration '${IntegrationId}' because it is referenced by Route '${user.RouteId}'.`,
        );
      }
      registry.saveAndDeploy({ ...api, integrations: without(api.integrations, IntegrationId as string) });
      return {};
    }),
  };
};
