import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import type { Route } from '@aws-sdk/client-apigatewayv2';
import {
  type EngineSettings,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  ROUTES_PREFIX,
} from '../../core/index.ts';
import { checkCors } from './cors-checks.ts';
import { badRequest } from './errors.ts';
import { checkIntegration, TIMEOUT_MAX_MS } from './integration-checks.ts';
import { given, listed } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import { DEFAULT_ROUTE, parseRouteKey } from './route-key.ts';
import type { StoredApi, StoredStage } from './stored.ts';

const ROUTE_SELECTION = '$request.method $request.path';
const ROUTE_SELECTIONS = /^\$\{?request\.method\}? \$\{?request\.path\}?$/;
const API_KEY_SELECTION = '$request.header.x-api-key';
const NAME_MAX = 128;

/** Where the gateway serves an API: on the host that this caller used. On AWS the id is part of the host. */
const endpointOf = (apiId: string, host: string | undefined, settings: EngineSettings): string =>
  `${host === undefined ? settings.endpoint : `http://${host}`}${ROUTES_PREFIX}execute-api/${apiId}`;

interface Named {
  readonly Name?: string | undefined;
  readonly Description?: string | undefined;
  readonly IpAddressType?: string | undefined;
  readonly RouteSelectionExpression?: string | undefined;
  readonly ApiKeySelectionExpression?: string | undefined;
  readonly Version?: string | undefined;
}

const checkSettings = (input: Named): void => {
  const { Name, Description, IpAddressType, RouteSelectionExpression, ApiKeySelectionExpression, Version } = input;
  if (Name !== undefined && (Name.length < 1 || Name.length > NAME_MAX)) {
    throw badRequest(`Invalid API name specified: from 1 to ${NAME_MAX} characters`);
  }
  if ((Description ?? '').length > 1_024) throw badRequest('Description must have at most 1024 characters');
  if ((Version ?? '').length > 64) throw badRequest('Version must have at most 64 characters');
  if (IpAddressType !== undefined && !['ipv4', 'dualstack'].includes(IpAddressType)) {
    throw badRequest(`Invalid IP address type specified: ${IpAddressType}`);
  }
  if (RouteSelectionExpression !== undefined && !ROUTE_SELECTIONS.test(RouteSelectionExpression)) {
    throw badRequest(`RouteSelectionExpression must be ${ROUTE_SELECTION} for HTTP APIs`);
  }
  if (ApiKeySelectionExpression !== undefined && ApiKeySelectionExpression !== API_KEY_SELECTION) {
    throw notSupported(`the ApiKeySelectionExpression ${ApiKeySelectionExpression}`);
  }
};

/** Route, integration and stage that come with a `Target`. */
const quickCreate = (
  registry: ApiRegistry,
  target: string,
  routeKey: string,
  credentialsArn: string | undefined,
): Pick<StoredApi, 'routes' | 'integrations' | 'stages'> => {
  if (routeKey !== DEFAULT_ROUTE && parseRouteKey(routeKey) === undefined) {
    throw badRequest(`The provided route key is not formatted properly for HTTP protocol: ${routeKey}`);
  }
  const kind = /^https?:/.test(target)
    ? { IntegrationType: 'HTTP_PROXY' as const, IntegrationMethod: 'ANY', PayloadFormatVersion: '1.0' }
    : { IntegrationType: 'AWS_PROXY' as const, IntegrationMethod: 'POST', PayloadFormatVersion: '2.0' };
  const integration = given({
    ApiGatewayManaged: true,
    IntegrationId: registry.newId(7),
    ...kind,
    IntegrationUri: target,
    ConnectionType: 'INTERNET' as const,
    TimeoutInMillis: TIMEOUT_MAX_MS,
    CredentialsArn: credentialsArn,
  });
  checkIntegration(integration, registry.environment);
  const integrationId = integration.IntegrationId as string;
  const route: Route = {
    ApiGatewayManaged: true,
    RouteId: registry.newId(7),
    RouteKey: routeKey,
    Target: `integrations/${integrationId}`,
    AuthorizationType: 'NONE',
    ApiKeyRequired: false,
  };
  const stage: StoredStage = {
    ApiGatewayManaged: true,
    StageName: '$default',
    AutoDeploy: true,
    createdAt: registry.now,
    updatedAt: registry.now,
  };
  return {
    routes: { [route.RouteId as string]: route },
    integrations: { [integrationId]: integration },
    stages: { $default: stage },
  };
};

/** APIs themselves. */
export const apiOperations = (registry: ApiRegistry, settings: EngineSettings): Operations<typeof Sdk> => {
  const describe = (api: StoredApi, { host }: RequestContext) => ({
    ...api.settings,
    ApiEndpoint: endpointOf(api.apiId, host, settings),
    ApiId: api.apiId,
    ApiKeySelectionExpression: API_KEY_SELECTION,
    CreatedDate: new Date(api.createdAt),
    DisableExecuteApiEndpoint: api.settings.DisableExecuteApiEndpoint ?? false,
    IpAddressType: api.settings.IpAddressType ?? ('ipv4' as const),
    ProtocolType: 'HTTP' as const,
    RouteSelectionExpression: ROUTE_SELECTION,
    Tags: { ...api.tags },
  });

  return {
    CreateApi: operation(
      [
        'Name',
        'ProtocolType',
        'Description',
        'CorsConfiguration',
        'DisableExecuteApiEndpoint',
        'IpAddressType',
        'RouteSelectionExpression',
        'ApiKeySelectionExpression',
        'Version',
        'Target',
        'RouteKey',
        'CredentialsArn',
        'Tags',
      ],
      (input, context) => {
        if (input.ProtocolType === 'WEBSOCKET') throw notSupported('WebSocket APIs (ProtocolType WEBSOCKET)');
        if (input.ProtocolType !== 'HTTP') throw badRequest(`Invalid protocol specified: ${input.ProtocolType}`);
        if (input.Name === undefined) throw badRequest('Invalid API name specified');
        checkSettings(input);
        checkCors(input.CorsConfiguration);
        if (input.Target === undefined && (input.RouteKey ?? input.CredentialsArn) !== undefined) {
          throw badRequest('Target must be specified with RouteKey and CredentialsArn');
        }
        const { Name, Description, CorsConfiguration, DisableExecuteApiEndpoint, IpAddressType, Version } = input;
        const parts =
          input.Target === undefined
            ? { routes: {}, integrations: {}, stages: {} }
            : quickCreate(registry, input.Target, input.RouteKey ?? DEFAULT_ROUTE, input.CredentialsArn);
        const api: StoredApi = {
          account: context.account,
          region: context.region,
          apiId: registry.newId(10),
          settings: {
            ...given({ Description, CorsConfiguration, DisableExecuteApiEndpoint, IpAddressType, Version }),
            Name,
          },
          tags: input.Tags ?? {},
          createdAt: context.now,
          stageTags: {},
          ...parts,
        };
        registry.saveAndDeploy(api);
        return describe(api, context);
      },
    ),
    GetApi: operation(['ApiId'], (input, context) => describe(registry.get(context, input.ApiId), context)),
    GetApis: operation(['MaxResults', 'NextToken'], (input, context) =>
      listed(
        registry.of(context),
        ({ apiId }) => apiId,
        input,
        (api) => describe(api, context),
      ),
    ),
    UpdateApi: operation(
      [
        'ApiId',
        'Name',
        'Description',
        'CorsConfiguration',
        'DisableExecuteApiEndpoint',
        'IpAddressType',
        'RouteSelectionExpression',
        'ApiKeySelectionExpression',
        'Version',
      ],
      (input, context) => {
        const api = registry.get(context, input.ApiId);
        checkSettings(input);
        checkCors(input.CorsConfiguration);
        const { Name, Description, CorsConfiguration, DisableExecuteApiEndpoint, IpAddressType, Version } = input;
        const changes = given({ Description, CorsConfiguration, DisableExecuteApiEndpoint, IpAddressType, Version });
        const changed: StoredApi = {
          ...api,
          settings: { ...api.settings, ...changes, Name: Name ?? api.settings.Name },
        };
        registry.saveAndDeploy(changed);
        return describe(changed, context);
      },
    ),
    DeleteCorsConfiguration: operation(['ApiId'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const { CorsConfiguration: _, ...settingsLeft } = api.settings;
      registry.saveAndDeploy({ ...api, settings: settingsLeft });
      return {};
    }),
    DeleteApi: operation(['ApiId'], (input, context) => {
      registry.delete(registry.get(context, input.ApiId));
      return {};
    }),
  };
};
