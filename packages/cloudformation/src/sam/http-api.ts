import type { Json, JsonObject } from '@holdfast/engine';
import type { Digest } from '@holdfast/kernel';
import { authorizersOf } from './http-api-auth.ts';
import { membersOf, type Resources, ref } from './names.ts';
import { readOpenApi } from './open-api.ts';
import { refusal, refuseOthers } from './refusal.ts';

/** The API of events that name none. */
export const IMPLICIT_HTTP_API = 'ServerlessHttpApi';

const MODELLED = [
  'AccessLogSettings',
  'Auth',
  'CorsConfiguration',
  'DefaultRouteSettings',
  'DefinitionBody',
  'Description',
  'DisableExecuteApiEndpoint',
  'FailOnWarnings',
  'Name',
  'RouteSettings',
  'StageName',
  'StageVariables',
  'Tags',
];

const STAGE_MEMBERS = ['AccessLogSettings', 'DefaultRouteSettings', 'RouteSettings', 'StageVariables'];

const corsOf = (given: Json | undefined): JsonObject => {
  if (given === undefined || given === false) return {};
  return { CorsConfiguration: given === true ? { AllowOrigins: ['*'] } : given };
};

/** `AWS::Serverless::HttpApi`: an API with one stage, whose routes come from the events of functions. */
export const expandHttpApi = (
  logicalId: string,
  resource: JsonObject,
  properties: JsonObject,
  digest: Digest,
): Resources => {
  refuseOthers(properties, MODELLED, 'AWS::Serverless::HttpApi', logicalId);
  const { Name, Description, DisableExecuteApiEndpoint, StageName, CorsConfiguration } = properties;
  const Tags = { 'httpapi:createdBy': 'SAM', ...membersOf(properties['Tags']) };
  const { Condition } = resource;
  const { DefinitionBody } = properties;
  const described = DefinitionBody === undefined ? undefined : readOpenApi(logicalId, DefinitionBody, digest);
  if (Condition !== undefined && described !== undefined) {
    throw refusal(`AWS::Serverless::HttpApi with DefinitionBody and a Condition (resource ${logicalId})`);
  }
  const stageId =
    StageName === undefined || StageName === '$default'
      ? `${logicalId}ApiGatewayDefaultStage`
      : `${logicalId}${typeof StageName === 'string' ? StageName : ''}Stage`;
  return {
    ...described?.resources,
    ...authorizersOf(logicalId, properties['Auth']),
    [logicalId]: {
      ...resource,
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: {
        Name: Name ?? described?.title ?? ref('AWS::StackName'),
        ProtocolType: 'HTTP',
        ...(Description === undefined ? {} : { Description }),
        ...(DisableExecuteApiEndpoint === undefined ? {} : { DisableExecuteApiEndpoint }),
        ...(described?.cors === undefined ? {} : { CorsConfiguration: described.cors }),
        ...corsOf(CorsConfiguration),
        Tags,
      },
    },
    [stageId]: {
      Type: 'AWS::ApiGatewayV2::Stage',
      ...(Condition === undefined ? {} : { Condition }),
      Properties: {
        ApiId: ref(logicalId),
        StageName: StageName ?? '$default',
        AutoDeploy: true,
        Tags,
        ...Object.fromEntries(Object.entries(properties).filter(([name]) => STAGE_MEMBERS.includes(name))),
      },
    },
  };
};

/** Whether an event means the API that nobody describes. */
export const usesImplicitHttpApi = (resources: Resources): boolean =>
  Object.values(resources).some(
    ({ Type, Properties }) =>
      Type === 'AWS::ApiGatewayV2::Route' && membersOf(membersOf(Properties)['ApiId'])['Ref'] === IMPLICIT_HTTP_API,
  );
