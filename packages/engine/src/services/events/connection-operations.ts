import type * as Sdk from '@aws-sdk/client-eventbridge';
import type { CreateConnectionAuthRequestParameters } from '@aws-sdk/client-eventbridge';
import {
  Constraints,
  type Operations,
  operation,
  type RequestContext,
  refuseUnmodelled,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import type {
  AuthorizationType,
  ConnectionAuth,
  ConnectionHttpParameters,
  ConnectionParameter,
  StoredConnection,
} from './connection.ts';
import type { Connections } from './connections.ts';
import { validation } from './errors.ts';
import { pageOf } from './paging.ts';

const TYPES = ['BASIC', 'OAUTH_CLIENT_CREDENTIALS', 'API_KEY'];
const NAME = /^[.\-_A-Za-z0-9]*$/;
const SHOWN_NAME = '[\\.\\-_A-Za-z0-9]+';

const MEMBER_OF: Readonly<
  Record<AuthorizationType, 'BasicAuthParameters' | 'ApiKeyAuthParameters' | 'OAuthParameters'>
> = {
  BASIC: 'BasicAuthParameters',
  API_KEY: 'ApiKeyAuthParameters',
  OAUTH_CLIENT_CREDENTIALS: 'OAuthParameters',
};

const connectionMissing = (name: string, verb: string): ServiceError =>
  new ServiceError(
    'ResourceNotFoundException',
    `Failed to ${verb} the connection(s). Connection '${name}' does not exist.`,
    400,
  );

const checkAuth = (type: AuthorizationType, auth: CreateConnectionAuthRequestParameters): ConnectionAuth => {
  refuseUnmodelled(
    auth,
    ['BasicAuthParameters', 'ApiKeyAuthParameters', 'OAuthParameters', 'InvocationHttpParameters'],
    'AuthParameters',
  );
  const member = MEMBER_OF[type];
  if (auth[member] === undefined) {
    throw validation(`Parameter(s) AuthParameters.${member} must be specified for authorization type ${type}.`);
  }
  const path = `authParameters.${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  const oauth = auth.OAuthParameters;
  const constraints = new Constraints();
  if (type === 'BASIC') {
    constraints
      .required(`${path}.username`, auth.BasicAuthParameters?.Username)
      .required(`${path}.password`, auth.BasicAuthParameters?.Password);
  } else if (type === 'API_KEY') {
    constraints
      .required(`${path}.apiKeyName`, auth.ApiKeyAuthParameters?.ApiKeyName)
      .required(`${path}.apiKeyValue`, auth.ApiKeyAuthParameters?.ApiKeyValue);
  } else {
    constraints
      .required(`${path}.clientParameters`, oauth?.ClientParameters)
      .required(`${path}.authorizationEndpoint`, oauth?.AuthorizationEndpoint)
      .required(`${path}.httpMethod`, oauth?.HttpMethod)
      .oneOf(`${path}.httpMethod`, oauth?.HttpMethod?.toUpperCase(), ['GET', 'POST', 'PUT']);
  }
  constraints.check();
  return {
    ...auth,
    ...(oauth === undefined ? {} : { OAuthParameters: { ...oauth, HttpMethod: oauth.HttpMethod?.toUpperCase() } }),
  } as ConnectionAuth;
};

/** What Secrets Manager keeps, in the words of EventBridge. */
const secretOf = ({ BasicAuthParameters, ApiKeyAuthParameters, OAuthParameters, ...auth }: ConnectionAuth): string =>
  JSON.stringify({
    ...(BasicAuthParameters === undefined
      ? {}
      : { username: BasicAuthParameters.Username, password: BasicAuthParameters.Password }),
    ...(ApiKeyAuthParameters === undefined
      ? {}
      : { api_key_name: ApiKeyAuthParameters.ApiKeyName, api_key_value: ApiKeyAuthParameters.ApiKeyValue }),
    ...(OAuthParameters === undefined
      ? {}
      : {
          client_id: OAuthParameters.ClientParameters.ClientID,
          client_secret: OAuthParameters.ClientParameters.ClientSecret,
          authorization_endpoint: OAuthParameters.AuthorizationEndpoint,
          http_method: OAuthParameters.HttpMethod,
          ...(OAuthParameters.OAuthHttpParameters === undefined
            ? {}
            : { oauth_http_parameters: secretParameters(OAuthParameters.OAuthHttpParameters) }),
        }),
    ...(auth.InvocationHttpParameters === undefined
      ? {}
      : { invocation_http_parameters: secretParameters(auth.InvocationHttpParameters) }),
  });

const secretParameters = ({ HeaderParameters, QueryStringParameters, BodyParameters }: ConnectionHttpParameters) => {
  const keyed = (parameters: readonly ConnectionParameter[]) =>
    parameters.map(({ Key, Value, IsValueSecret = false }) => ({
      key: Key,
      value: Value,
      is_value_secret: IsValueSecret,
    }));
  return {
    ...(HeaderParameters === undefined ? {} : { header_parameters: keyed(HeaderParameters) }),
    ...(QueryStringParameters === undefined ? {} : { query_string_parameters: keyed(QueryStringParameters) }),
    ...(BodyParameters === undefined ? {} : { body_parameters: keyed(BodyParameters) }),
  };
};

/** Values that are said to be secret are not shown. */
const shownParameters = (given: ConnectionHttpParameters): ConnectionHttpParameters =>
  Object.fromEntries(
    Object.entries(given).map(([member, parameters]: [string, readonly ConnectionParameter[]]) => [
      member,
      parameters.map(({ Key, Value, IsValueSecret = false }) => ({
        Key,
        ...(IsValueSecret ? {} : { Value }),
        IsValueSecret,
      })),
    ]),
  );

const shownAuth = ({ BasicAuthParameters, ApiKeyAuthParameters, OAuthParameters, ...auth }: ConnectionAuth) => ({
  ...(BasicAuthParameters === undefined ? {} : { BasicAuthParameters: { Username: BasicAuthParameters.Username } }),
  ...(ApiKeyAuthParameters === undefined
    ? {}
    : { ApiKeyAuthParameters: { ApiKeyName: ApiKeyAuthParameters.ApiKeyName } }),
  ...(OAuthParameters === undefined
    ? {}
    : {
        OAuthParameters: {
          ClientParameters: { ClientID: OAuthParameters.ClientParameters.ClientID },
          AuthorizationEndpoint: OAuthParameters.AuthorizationEndpoint,
          HttpMethod: OAuthParameters.HttpMethod,
          ...(OAuthParameters.OAuthHttpParameters === undefined
            ? {}
            : { OAuthHttpParameters: shownParameters(OAuthParameters.OAuthHttpParameters) }),
        },
      }),
  ...(auth.InvocationHttpParameters === undefined
    ? {}
    : { InvocationHttpParameters: shownParameters(auth.InvocationHttpParameters) }),
});

const timesOf = ({ createdAt, modifiedAt }: StoredConnection) => ({
  CreationTime: new Date(createdAt),
  LastModifiedTime: new Date(modifiedAt),
});

const listed = (connection: StoredConnection) => ({
  ConnectionArn: connection.arn,
  Name: connection.name,
  ConnectionState: connection.state,
  ...(connection.reason === undefined ? {} : { StateReason: connection.reason }),
  AuthorizationType: connection.authorizationType,
  ...timesOf(connection),
  LastAuthorizedTime: new Date(connection.authorizedAt),
});

/** Operations on connections, whose secrets Secrets Manager keeps. */
export const connectionOperations = (
  environment: ServiceEnvironment,
  connections: Connections,
): Operations<typeof Sdk> => {
  const get = (name: string | undefined, context: RequestContext, verb: string): StoredConnection => {
    new Constraints().required('name', name).check();
    const connection = connections.named(context.account, context.region, name as string);
    if (connection === undefined) throw connectionMissing(name as string, verb);
    return connection;
  };
  const stateFor = (type: AuthorizationType) =>
    type === 'OAUTH_CLIENT_CREDENTIALS' ? ('AUTHORIZING' as const) : ('AUTHORIZED' as const);
  const secrets = (action: string, input: object, context: RequestContext) =>
    environment.call('secretsmanager', action, input, context) as { readonly ARN: string };

  return {
    CreateConnection: operation(['Name', 'Description', 'AuthorizationType', 'AuthParameters'], (input, context) => {
      new Constraints()
        .required('name', input.Name)
        .pattern('name', input.Name, NAME, SHOWN_NAME)
        .length('name', input.Name, 1, 64)
        .length('description', input.Description, 0, 512)
        .required('authorizationType', input.AuthorizationType)
        .oneOf('authorizationType', input.AuthorizationType, TYPES)
        .required('authParameters', input.AuthParameters)
        .check();
      const { account, region, now } = context;
      const [name, type] = [input.Name as string, input.AuthorizationType as AuthorizationType];
      const auth = checkAuth(type, input.AuthParameters ?? {});
      if (connections.named(account, region, name) !== undefined) {
        throw new ServiceError('ResourceAlreadyExistsException', `Connection ${name} already exists.`, 400);
      }
      const secret = secrets(
        'CreateSecret',
        { Name: `events!connection/${name}/${environment.ids.uuid()}`, SecretString: secretOf(auth) },
        context,
      );
      const connection: StoredConnection = {
        arn: connections.newArn(account, region, name),
        name,
        account,
        region,
        description: input.Description,
        authorizationType: type,
        auth,
        secretArn: secret.ARN,
        state: stateFor(type),
        createdAt: now,
        modifiedAt: now,
        authorizedAt: now,
      };
      connections.put(connection);
      return { ConnectionArn: connection.arn, ConnectionState: connection.state, ...timesOf(connection) };
    }),
    UpdateConnection: operation(['Name', 'Description', 'AuthorizationType', 'AuthParameters'], (input, context) => {
      new Constraints()
        .length('description', input.Description, 0, 512)
        .oneOf('authorizationType', input.AuthorizationType, TYPES)
        .check();
      const known = get(input.Name, context, 'update');
      const type = input.AuthorizationType ?? known.authorizationType;
      const given = (input.AuthParameters ?? {}) as ConnectionAuth;
      const auth = checkAuth(type, {
        ...(type === known.authorizationType ? (known.auth as CreateConnectionAuthRequestParameters) : {}),
        ...(given as CreateConnectionAuthRequestParameters),
      });
      secrets('PutSecretValue', { SecretId: known.secretArn, SecretString: secretOf(auth) }, context);
      const connection: StoredConnection = {
        ...known,
        description: input.Description ?? known.description,
        authorizationType: type,
        auth,
        state: stateFor(type),
        reason: undefined,
        modifiedAt: context.now,
        authorizedAt: context.now,
      };
      connections.put(connection);
      const { ConnectionArn, ConnectionState, CreationTime, LastModifiedTime, LastAuthorizedTime } = listed(connection);
      return { ConnectionArn, ConnectionState, CreationTime, LastModifiedTime, LastAuthorizedTime };
    }),
    DescribeConnection: operation(['Name'], (input, context) => {
      const connection = get(input.Name, context, 'describe');
      return {
        ...listed(connection),
        ...(connection.description === undefined ? {} : { Description: connection.description }),
        SecretArn: connection.secretArn,
        AuthParameters: shownAuth(connection.auth) as never,
      };
    }),
    ListConnections: operation(['NamePrefix', 'ConnectionState', 'NextToken', 'Limit'], (input, context) => {
      const found = connections
        .all(context.account, context.region)
        .filter(
          ({ name, state }) =>
            name.startsWith(input.NamePrefix ?? '') &&
            (input.ConnectionState === undefined || state === input.ConnectionState),
        )
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const { page, ...next } = pageOf(found, ({ name }) => name, input.NextToken, input.Limit);
      return { Connections: page.map(listed), ...next };
    }),
    DeauthorizeConnection: operation(['Name'], (input, context) => {
      const known = get(input.Name, context, 'deauthorize');
      const connection: StoredConnection = { ...known, state: 'DEAUTHORIZED', modifiedAt: context.now };
      connections.tokens.forget(connection.arn);
      connections.put(connection);
      const { ConnectionArn, ConnectionState, CreationTime, LastModifiedTime, LastAuthorizedTime } = listed(connection);
      return { ConnectionArn, ConnectionState, CreationTime, LastModifiedTime, LastAuthorizedTime };
    }),
    DeleteConnection: operation(['Name'], (input, context) => {
      const connection = get(input.Name, context, 'delete');
      try {
        secrets('DeleteSecret', { SecretId: connection.secretArn, ForceDeleteWithoutRecovery: true }, context);
      } catch (error) {
        // Somebody else has deleted it.
        if (!(error instanceof ServiceError)) throw error;
      }
      connections.delete(connection);
      const { ConnectionArn, CreationTime, LastModifiedTime, LastAuthorizedTime } = listed(connection);
      return {
        ConnectionArn,
        ConnectionState: 'DELETING' as const,
        CreationTime,
        LastModifiedTime,
        LastAuthorizedTime,
      };
    }),
  };
};
