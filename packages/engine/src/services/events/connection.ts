import type { EpochMs } from '@holdfast/kernel';

export type AuthorizationType = 'BASIC' | 'API_KEY' | 'OAUTH_CLIENT_CREDENTIALS';

/** A parameter that is added to requests; AWS keeps the value when it says that it is secret. */
export interface ConnectionParameter {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
  readonly IsValueSecret?: boolean | undefined;
}

export interface ConnectionHttpParameters {
  readonly HeaderParameters?: readonly ConnectionParameter[] | undefined;
  readonly QueryStringParameters?: readonly ConnectionParameter[] | undefined;
  readonly BodyParameters?: readonly ConnectionParameter[] | undefined;
}

/** How requests are authorized, secrets included. */
export interface ConnectionAuth {
  readonly BasicAuthParameters?: { readonly Username: string; readonly Password: string } | undefined;
  readonly ApiKeyAuthParameters?: { readonly ApiKeyName: string; readonly ApiKeyValue: string } | undefined;
  readonly OAuthParameters?:
    | {
        readonly ClientParameters: { readonly ClientID: string; readonly ClientSecret: string };
        readonly AuthorizationEndpoint: string;
        readonly HttpMethod: 'GET' | 'POST' | 'PUT';
        readonly OAuthHttpParameters?: ConnectionHttpParameters | undefined;
      }
    | undefined;
  readonly InvocationHttpParameters?: ConnectionHttpParameters | undefined;
}

/** A connection as stored. */
export interface StoredConnection {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly description?: string | undefined;
  readonly authorizationType: AuthorizationType;
  readonly auth: ConnectionAuth;
  readonly secretArn: string;
  readonly state: 'AUTHORIZED' | 'AUTHORIZING' | 'DEAUTHORIZED';
  readonly reason?: string | undefined;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly authorizedAt: EpochMs;
}
