import type { Json, JsonObject } from '@holdfast/engine';
import { attribute, membersOf, type Resources, ref } from './names.ts';
import { refusal, refuseOthers } from './refusal.ts';

/** What an event says of the callers of its route. */
export interface RouteAuth {
  readonly routeId: string;
  /** The API that the route belongs to. */
  readonly apiId: Json;
  readonly auth: JsonObject;
}

const AUTH = ['Authorizers', 'DefaultAuthorizer', 'EnableIamAuthorizer'];
const BY_TOKEN = ['AuthorizationScopes', 'IdentitySource', 'JwtConfiguration'];
const BY_FUNCTION = [
  'AuthorizerPayloadFormatVersion',
  'EnableFunctionDefaultPermissions',
  'EnableSimpleResponses',
  'FunctionArn',
  'FunctionInvokeRole',
  'Identity',
];

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);

const authorizerId = (apiId: string, name: string): string => `${apiId}${name.replace(/[^A-Za-z0-9]/g, '')}Authorizer`;

const byToken = (apiId: string, name: string, given: JsonObject): JsonObject => {
  refuseOthers(given, BY_TOKEN, `the authorizer ${name} of AWS::Serverless::HttpApi`, apiId);
  // SAM takes the members in OpenAPI's spelling, and in that of the resource.
  const { issuer, audience, Issuer = issuer, Audience = audience } = membersOf(given['JwtConfiguration']);
  return {
    AuthorizerType: 'JWT',
    IdentitySource: [given['IdentitySource'] ?? '$request.header.Authorization'],
    JwtConfiguration: {
      ...(Issuer === undefined ? {} : { Issuer }),
      ...(Audience === undefined ? {} : { Audience }),
    },
  };
};

const byFunction = (apiId: string, name: string, given: JsonObject): JsonObject => {
  refuseOthers(given, BY_FUNCTION, `the authorizer ${name} of AWS::Serverless::HttpApi`, apiId);
  const { Context, Headers, QueryStrings, ReauthorizeEvery, StageVariables } = membersOf(given['Identity']);
  const sources = [
    ...listOf(Headers).map((each) => `$request.header.${String(each)}`),
    ...listOf(QueryStrings).map((each) => `$request.querystring.${String(each)}`),
    ...listOf(StageVariables).map((each) => `$stageVariables.${String(each)}`),
    ...listOf(Context).map((each) => `$context.${String(each)}`),
  ];
  const { FunctionArn = '', FunctionInvokeRole, EnableSimpleResponses } = given;
  const uri =
    // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of the template.
    'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations';
  return {
    AuthorizerType: 'REQUEST',
    AuthorizerPayloadFormatVersion: String(given['AuthorizerPayloadFormatVersion'] ?? ''),
    AuthorizerUri: { 'Fn::Sub': [uri, { __FunctionArn__: FunctionArn }] },
    ...(sources.length === 0 ? {} : { IdentitySource: sources }),
    ...(ReauthorizeEvery === undefined ? {} : { AuthorizerResultTtlInSeconds: ReauthorizeEvery }),
    ...(FunctionInvokeRole === undefined ? {} : { AuthorizerCredentialsArn: FunctionInvokeRole }),
    ...(EnableSimpleResponses === undefined ? {} : { EnableSimpleResponses }),
  };
};

const permissionFor = (apiId: string, id: string, FunctionName: Json): JsonObject => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    FunctionName,
    Principal: 'apigateway.amazonaws.com',
    SourceArn: {
      'Fn::Sub': [
        // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders of the template.
        'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/${__Id__}',
        { __ApiId__: ref(apiId), __Id__: attribute(id, 'AuthorizerId') },
      ],
    },
  },
});

/** The authorizers that `Auth` of an API describes. */
export const authorizersOf = (apiId: string, auth: Json | undefined): Resources => {
  const given = membersOf(auth);
  refuseOthers(given, AUTH, 'AWS::Serverless::HttpApi with Auth', apiId);
  if (given['EnableIamAuthorizer'] === true) throw refusal(`Auth with EnableIamAuthorizer (resource ${apiId})`);
  const resources: Resources = {};
  for (const [name, one] of Object.entries(membersOf(given['Authorizers']))) {
    const id = authorizerId(apiId, name);
    const settings = membersOf(one);
    const isToken = settings['JwtConfiguration'] !== undefined;
    const described = isToken ? byToken(apiId, name, settings) : byFunction(apiId, name, settings);
    resources[id] = {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: { ApiId: ref(apiId), Name: name, ...described },
    };
    if (settings['EnableFunctionDefaultPermissions'] !== true) continue;
    resources[`${id}Permission`] = permissionFor(apiId, id, settings['FunctionArn'] ?? '');
  }
  return resources;
};

/** Puts the authorizer in front of a route: the event's own, else the API's. */
export const authorizeRoute = (resources: Resources, { routeId, apiId, auth }: RouteAuth, apis: Resources): void => {
  refuseOthers(auth, ['Authorizer', 'AuthorizationScopes'], 'HttpApi events with Auth', routeId);
  const id = membersOf(apiId)['Ref'];
  const { Authorizers, DefaultAuthorizer } = membersOf(typeof id === 'string' ? apis[id] : undefined);
  const name = auth['Authorizer'] ?? DefaultAuthorizer;
  if (typeof id !== 'string' || name === undefined || name === 'NONE') return;
  const chosen = membersOf(Authorizers)[String(name)];
  if (chosen === undefined) throw refusal(`the authorizer ${String(name)} (resource ${routeId})`);
  const { JwtConfiguration, AuthorizationScopes } = membersOf(chosen);
  const scopes = auth['AuthorizationScopes'] ?? AuthorizationScopes;
  const route = resources[routeId] as JsonObject;
  resources[routeId] = {
    ...route,
    Properties: {
      ...membersOf(route['Properties']),
      AuthorizationType: JwtConfiguration === undefined ? 'CUSTOM' : 'JWT',
      AuthorizerId: ref(authorizerId(id, String(name))),
      ...(scopes === undefined ? {} : { AuthorizationScopes: scopes }),
    },
  };
};
