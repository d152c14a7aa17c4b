import { isObject, type Json, type JsonObject } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { contentHash, membersOf, type Resources, ref } from './names.ts';
import { refusal, refuseOthers } from './refusal.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'];
const ANY_METHOD = 'x-amazon-apigateway-any-method';
const INTEGRATION = 'x-amazon-apigateway-integration';
const INTEGRATIONS = 'x-amazon-apigateway-integrations';
const DEFAULT_PATH = '/$default';

/** What describes an API to people, or is of REST APIs alone: HTTP APIs do not look at it. */
const UNREAD = ['openapi', 'info', 'servers', 'tags', 'externalDocs', 'x-amazon-apigateway-importexport-version'];
const UNREAD_OF_OPERATION = ['deprecated', 'description', 'parameters', 'requestBody', 'responses', 'summary', 'tags'];

/** Members of an integration, by what they are called in CloudFormation. */
const MEMBERS: Readonly<Record<string, string>> = {
  connectionType: 'ConnectionType',
  credentials: 'CredentialsArn',
  description: 'Description',
  httpMethod: 'IntegrationMethod',
  integrationSubtype: 'IntegrationSubtype',
  payloadFormatVersion: 'PayloadFormatVersion',
  requestParameters: 'RequestParameters',
  timeoutInMillis: 'TimeoutInMillis',
  uri: 'IntegrationUri',
};

const integrationOf = (given: Json, body: JsonObject, what: string, logicalId: string): JsonObject => {
  const { $ref } = membersOf(given);
  if (typeof $ref === 'string') {
    const name = $ref.slice($ref.lastIndexOf('/') + 1);
    const shared = membersOf(membersOf(body['components'])[INTEGRATIONS])[name];
    if (shared === undefined) throw refusal(`${what} by ${$ref} (resource ${logicalId})`);
    return integrationOf(shared, body, what, logicalId);
  }
  const { type, ...rest } = membersOf(given);
  refuseOthers(rest, Object.keys(MEMBERS), what, logicalId);
  return {
    IntegrationType: String(type).toUpperCase(),
    ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [MEMBERS[name] as string, value])),
  };
};

const routeKeyOf = (method: string, path: string): string => {
  const isAny = method === ANY_METHOD;
  return isAny && path === DEFAULT_PATH ? '$default' : `${isAny ? 'ANY' : method.toUpperCase()} ${path}`;
};

/** Names begin in lower case there. */
const capitalised = (given: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
  );

/** What an API's OpenAPI document says. */
export interface OpenApi {
  readonly title: Json | undefined;
  readonly cors: JsonObject | undefined;
  /** Its routes with their integrations. */
  readonly resources: Resources;
}

/**
 * The document in which an HTTP API's routes stand: SAM gives it to API Gateway, which imports it; here it becomes the same routes.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
 */
export const readOpenApi = (logicalId: string, document: Json, digest: Digest): OpenApi => {
  const what = 'AWS::Serverless::HttpApi with DefinitionBody';
  if (!isObject(document)) throw refusal(`${what} that is no object (resource ${logicalId})`);
  const { paths, 'x-amazon-apigateway-cors': cors, components, ...others } = document;
  refuseOthers(others, UNREAD, what, logicalId);
  refuseOthers(membersOf(components), ['schemas', INTEGRATIONS], `${what} with components`, logicalId);
  const resources: Resources = {};
  for (const [path, operations] of Object.entries(membersOf(paths))) {
    refuseOthers(membersOf(operations), [...METHODS, ANY_METHOD, 'parameters'], `${what} with ${path}`, logicalId);
    for (const [method, operation] of Object.entries(membersOf(operations))) {
      if (method === 'parameters') continue;
      const key = routeKeyOf(method, path);
      const { [INTEGRATION]: integration, operationId, ...rest } = membersOf(operation);
      refuseOthers(rest, UNREAD_OF_OPERATION, `${what} with ${key}`, logicalId);
      const id = `${logicalId}${contentHash(key, digest)}`;
      const properties = {
        ApiId: ref(logicalId),
        RouteKey: key,
        ...(operationId === undefined ? {} : { OperationName: operationId }),
      };
      if (integration === undefined) {
        resources[`${id}Route`] = { Type: 'AWS::ApiGatewayV2::Route', Properties: properties };
        continue;
      }
      resources[`${id}Integration`] = {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId: ref(logicalId),
          ...integrationOf(integration, document, `${what} with ${key}`, logicalId),
        },
      };
      resources[`${id}Route`] = {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: { ...properties, Target: { 'Fn::Join': ['/', ['integrations', ref(`${id}Integration`)]] } },
      };
    }
  }
  return {
    title: membersOf(document['info'])['title'],
    cors: cors === undefined ? undefined : capitalised(membersOf(cors)),
    resources,
  };
};
