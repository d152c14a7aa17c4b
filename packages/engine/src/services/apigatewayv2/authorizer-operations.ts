import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import { type Operations, operation, type ServiceEnvironment } from '../../core/index.ts';
import { checkAuthorizer } from './authorizer-checks.ts';
import type { Authorizers } from './authorizers.ts';
import { conflict, notFound } from './errors.ts';
import { given, listed, own, without } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import type { StoredApi } from './stored.ts';

const MEMBERS = [
  'ApiId',
  'AuthorizerCredentialsArn',
  'AuthorizerPayloadFormatVersion',
  'AuthorizerResultTtlInSeconds',
  'AuthorizerType',
  'AuthorizerUri',
  'EnableSimpleResponses',
  'IdentitySource',
  'JwtConfiguration',
  'Name',
] as const;

const TTL_DEFAULT_SECONDS = 300;

/** Authorizers of APIs. */
export const authorizerOperations = (
  environment: ServiceEnvironment,
  registry: ApiRegistry,
  authorizers: Authorizers,
): Operations<typeof Sdk> => {
  const authorizerOf = (api: StoredApi, id: string | undefined): Authorizer => {
    const authorizer = own(api.authorizers, id);
    if (authorizer === undefined) throw notFound('Authorizer', id ?? '');
    return authorizer;
  };
  const save = (api: StoredApi, authorizer: Authorizer): Authorizer => {
    const id = authorizer.AuthorizerId as string;
    registry.saveAndDeploy({ ...api, authorizers: { ...api.authorizers, [id]: authorizer } });
    return authorizer;
  };

  return {
    CreateAuthorizer: operation([...MEMBERS], ({ ApiId, ...input }, context) => {
      const api = registry.get(context, ApiId);
      checkAuthorizer(input, environment);
      const isCached = input.AuthorizerType === 'REQUEST' && (input.IdentitySource ?? []).length > 0;
      return save(api, {
        ...(isCached ? { AuthorizerResultTtlInSeconds: TTL_DEFAULT_SECONDS } : {}),
        ...given(input),
        Name: input.Name,
        AuthorizerId: registry.newId(6),
      });
    }),
    GetAuthorizer: operation(['ApiId', 'AuthorizerId'], (input, context) =>
      authorizerOf(registry.get(context, input.ApiId), input.AuthorizerId),
    ),
    GetAuthorizers: operation(['ApiId', 'MaxResults', 'NextToken'], (input, context) =>
      listed(
        Object.values(registry.get(context, input.ApiId).authorizers ?? {}),
        ({ AuthorizerId }) => AuthorizerId as string,
        input,
        (authorizer) => authorizer,
      ),
    ),
    UpdateAuthorizer: operation([...MEMBERS, 'AuthorizerId'], ({ ApiId, AuthorizerId, ...input }, context) => {
      const api = registry.get(context, ApiId);
      const before = authorizerOf(api, AuthorizerId);
      const changed: Authorizer = { ...before, ...given(input), Name: input.Name ?? before.Name };
      const { AuthorizerType, IdentitySource } = changed;
      checkAuthorizer({ ...changed, AuthorizerType, IdentitySource }, environment);
      authorizers.forget(ApiId as string);
      return save(api, changed);
    }),
    DeleteAuthorizer: operation(['ApiId', 'AuthorizerId'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const { AuthorizerId } = authorizerOf(api, input.AuthorizerId);
      const user = Object.values(api.routes).find((route) => route.AuthorizerId === AuthorizerId);
      if (user !== undefined) {
        throw conflict(`Cannot delete authorizer '${AuthorizerId}', is referenced by route '${user.RouteId}'.`);
      }
      registry.saveAndDeploy({ ...api, authorizers: without(api.authorizers ?? {}, AuthorizerId as string) });
      return {};
    }),
    ResetAuthorizersCache: operation(['ApiId', 'StageName'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      if (own(api.stages, input.StageName) === undefined) throw notFound('stage', input.StageName ?? '');
      authorizers.forget(api.apiId, input.StageName);
      return {};
    }),
  };
};
