import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import type { Route, UpdateRouteCommandInput } from '@aws-sdk/client-apigatewayv2';
import { notSupported, type Operations, operation } from '../../core/index.ts';
import { badRequest, conflict, notFound } from './errors.ts';
import { given, listed, own, without } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import { DEFAULT_ROUTE, parseRouteKey } from './route-key.ts';
import type { StoredApi } from './stored.ts';

const MEMBERS = [
  'ApiId',
  'RouteKey',
  'Target',
  'AuthorizationType',
  'AuthorizerId',
  'AuthorizationScopes',
  'ApiKeyRequired',
  'OperationName',
] as const;

/** Type of the authorizer that a type of authorization wants. */
const AUTHORIZER_TYPES: Readonly<Record<string, string>> = { JWT: 'JWT', CUSTOM: 'REQUEST' };

/** `integrations/abc123` */
export const integrationIdOf = (target: string | undefined): string | undefined =>
  /^integrations\/([a-z0-9]+)$/.exec(target ?? '')?.[1];

type Checked = Omit<UpdateRouteCommandInput, 'ApiId' | 'RouteId'>;

/** What a route says about callers must fit together. */
const checkAuthorization = (
  api: StoredApi,
  { AuthorizationType: type = 'NONE', AuthorizerId, AuthorizationScopes = [] }: Checked,
): void => {
  if (type === 'AWS_IAM') throw notSupported(`routes with AuthorizationType ${type}`);
  const wanted = own(AUTHORIZER_TYPES, type);
  if (wanted === undefined && type !== 'NONE') throw badRequest(`Invalid AuthorizationType specified: ${type}`);
  if (AuthorizationScopes.length > 0 && type !== 'JWT') {
    throw badRequest('AuthorizationScopes are only supported with AuthorizationType JWT');
  }
  if (wanted === undefined) return;
  const authorizer = own(api.authorizers, AuthorizerId);
  if (authorizer === undefined) throw badRequest(`Invalid authorizer ID specified: ${AuthorizerId ?? null}`);
  if (authorizer.AuthorizerType !== wanted) {
    throw badRequest(`Authorizer type must be ${wanted} for AuthorizationType ${type}`);
  }
};

const check = (api: StoredApi, { RouteKey, Target, ApiKeyRequired }: Checked, ownId?: string): void => {
  if (RouteKey !== undefined) {
    if (RouteKey !== DEFAULT_ROUTE && parseRouteKey(RouteKey) === undefined) {
      throw badRequest(
        'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
      );
    }
    if (Object.values(api.routes).some((route) => route.RouteKey === RouteKey && route.RouteId !== ownId)) {
      throw conflict(`Route with key ${RouteKey} already exists for this API`);
    }
  }
  if (ApiKeyRequired === true) throw badRequest('ApiKeyRequired is not currently supported for HTTP APIs');
  if (Target !== undefined && own(api.integrations, integrationIdOf(Target)) === undefined) {
    throw badRequest(`Invalid Integration identifier specified ${integrationIdOf(Target) ?? Target}`);
  }
};

/** Routes of APIs. */
export const routeOperations = (registry: ApiRegistry): Operations<typeof Sdk> => {
  const routeOf = (api: StoredApi, routeId: string | undefined): Route => {
    const route = own(api.routes, routeId);
    if (route === undefined) throw notFound('Route', routeId ?? '');
    return route;
  };

  return {
    CreateRoute: operation([...MEMBERS], ({ ApiId, ...input }, context) => {
      const api = registry.get(context, ApiId);
      if (input.RouteKey === undefined) throw badRequest('RouteKey is required');
      check(api, input);
      checkAuthorization(api, input);
      const route: Route = {
        AuthorizationType: 'NONE',
        ApiKeyRequired: false,
        ...given(input),
        RouteKey: input.RouteKey,
        RouteId: registry.newId(7),
      };
      registry.saveAndDeploy({ ...api, routes: { ...api.routes, [route.RouteId as string]: route } });
      return route;
    }),
    GetRoute: operation(['ApiId', 'RouteId'], (input, context) =>
      routeOf(registry.get(context, input.ApiId), input.RouteId),
    ),
    GetRoutes: operation(['ApiId', 'MaxResults', 'NextToken'], (input, context) =>
      listed(
        Object.values(registry.get(context, input.ApiId).routes),
        ({ RouteId }) => RouteId as string,
        input,
        (route) => route,
      ),
    ),
    UpdateRoute: operation([...MEMBERS, 'RouteId'], ({ ApiId, RouteId, ...input }, context) => {
      const api = registry.get(context, ApiId);
      const before = routeOf(api, RouteId);
      check(api, input, RouteId);
      const { AuthorizerId, AuthorizationScopes, ...open } = before;
      const isOpen = (input.AuthorizationType ?? before.AuthorizationType) === 'NONE';
      const kept = isOpen ? open : before;
      const route: Route = { ...kept, ...given(input), RouteKey: input.RouteKey ?? before.RouteKey };
      checkAuthorization(api, route);
      registry.saveAndDeploy({ ...api, routes: { ...api.routes, [RouteId as string]: route } });
      return route;
    }),
    DeleteRoute: operation(['ApiId', 'RouteId'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      routeOf(api, input.RouteId);
      registry.saveAndDeploy({ ...api, routes: without(api.routes, input.RouteId as string) });
      return {};
    }),
  };
};
