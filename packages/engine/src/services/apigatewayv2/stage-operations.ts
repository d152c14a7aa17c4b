import type * as Sdk from '@aws-sdk/client-apigatewayv2';
import type { AccessLogSettings, RouteSettings, UpdateStageCommandInput } from '@aws-sdk/client-apigatewayv2';
import { parseArn } from '@holdfast/aws-model';
import { logGroupOf, notSupported, type Operations, operation, refuseUnmodelled } from '../../core/index.ts';
import { badRequest, conflict, noSuchRouteKey, notFound } from './errors.ts';
import { changedMap, given, listed, own, without } from './lists.ts';
import type { ApiRegistry } from './registry.ts';
import type { StoredApi, StoredStage } from './stored.ts';

const MEMBERS = [
  'ApiId',
  'StageName',
  'AutoDeploy',
  'DeploymentId',
  'Description',
  'StageVariables',
  'DefaultRouteSettings',
  'RouteSettings',
  'AccessLogSettings',
] as const;

const NAME = /^(?:\$default|[A-Za-z0-9_-]{1,128})$/;
const VARIABLE_NAME = /^[A-Za-z0-9_]+$/;
const VARIABLE_VALUE = /^[A-Za-z0-9\-._~:/?#&=,]*$/;

const checkLimits = (settings: RouteSettings | undefined, where: string): void => {
  if (settings === undefined) return;
  const { LoggingLevel, DataTraceEnabled, ...limits } = settings;
  if ((LoggingLevel ?? 'OFF') !== 'OFF' || DataTraceEnabled === true) {
    throw badRequest('Execution logs are not supported on protocolType HTTP');
  }
  refuseUnmodelled(limits, ['DetailedMetricsEnabled', 'ThrottlingBurstLimit', 'ThrottlingRateLimit'], where);
  const { ThrottlingBurstLimit: burst = 0, ThrottlingRateLimit: rate = 0 } = limits;
  if (!Number.isInteger(burst) || burst < 0) throw badRequest(`Invalid ThrottlingBurstLimit specified: ${burst}`);
  if (!Number.isFinite(rate) || rate < 0) throw badRequest(`Invalid ThrottlingRateLimit specified: ${rate}`);
};

const checkLogs = (settings: AccessLogSettings | undefined): void => {
  if (settings?.DestinationArn === undefined) return;
  if (parseArn(settings.DestinationArn)?.service === 'firehose')
    throw notSupported('access logs to Amazon Data Firehose');
  if (logGroupOf(settings.DestinationArn) === undefined) {
    throw badRequest(
      "Invalid ARN specified in the request. ARNs must start with 'arn:' and contain at least six elements separated by colons (:)",
    );
  }
};

type Checked = Omit<UpdateStageCommandInput, 'ApiId' | 'StageName'>;

/** Stages of APIs: what is served where, under which limits. */
export const stageOperations = (registry: ApiRegistry): Operations<typeof Sdk> => {
  const check = (api: StoredApi, input: Checked): void => {
    if (input.AutoDeploy === true && input.DeploymentId !== undefined) {
      throw badRequest('Deployment ID cannot be set on stage when AutoDeploy is enabled');
    }
    if (input.DeploymentId !== undefined && registry.deployment(api.apiId, input.DeploymentId) === undefined) {
      throw badRequest('Deployment does not exist');
    }
    for (const [name, value] of Object.entries(input.StageVariables ?? {})) {
      if (!VARIABLE_NAME.test(name) || !VARIABLE_VALUE.test(value)) {
        throw badRequest(`Stage variable ${name} has characters that are not allowed`);
      }
    }
    checkLimits(input.DefaultRouteSettings, 'DefaultRouteSettings');
    for (const [key, settings] of Object.entries(input.RouteSettings ?? {})) {
      if (!Object.values(api.routes).some(({ RouteKey }) => RouteKey === key)) {
        throw noSuchRouteKey(key);
      }
      checkLimits(settings, `RouteSettings of ${key}`);
    }
    checkLogs(input.AccessLogSettings);
  };
  const stageOf = (api: StoredApi, name: string | undefined): StoredStage => {
    const stage = own(api.stages, name);
    if (stage === undefined) throw notFound('stage', name ?? '');
    return stage;
  };
  const describe = (api: StoredApi, { createdAt, updatedAt, ...stage }: StoredStage) => ({
    DefaultRouteSettings: { DetailedMetricsEnabled: false },
    RouteSettings: {},
    StageVariables: {},
    AutoDeploy: false,
    ...stage,
    CreatedDate: new Date(createdAt),
    LastUpdatedDate: new Date(updatedAt),
    Tags: { ...own(api.stageTags, stage.StageName) },
  });
  /** Keeps a stage and lets it catch up with the API when it follows it. */
  const save = (api: StoredApi, stage: StoredStage): StoredStage => {
    const changed: StoredApi = { ...api, stages: { ...api.stages, [stage.StageName]: stage } };
    const catchesUp = stage.AutoDeploy === true && own(api.stages, stage.StageName)?.AutoDeploy !== true;
    if (catchesUp) registry.saveAndDeploy(changed);
    else registry.save(changed);
    registry.sweep(api.apiId);
    return stageOf(registry.find(api.apiId) as StoredApi, stage.StageName);
  };

  return {
    CreateStage: operation([...MEMBERS, 'Tags'], ({ ApiId, Tags, ...input }, context) => {
      const api = registry.get(context, ApiId);
      const name = input.StageName ?? '';
      if (!NAME.test(name)) throw badRequest('Stage name only allows a-z, A-Z, 0-9, - and _, or $default');
      if (own(api.stages, name) !== undefined) throw conflict('Stage already exists');
      check(api, input);
      const tagged = Tags === undefined ? api : { ...api, stageTags: { ...api.stageTags, [name]: Tags } };
      const at = { createdAt: context.now, updatedAt: context.now };
      return describe(tagged, save(tagged, { ...given(input), StageName: name, ...at }));
    }),
    GetStage: operation(['ApiId', 'StageName'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      return describe(api, stageOf(api, input.StageName));
    }),
    GetStages: operation(['ApiId', 'MaxResults', 'NextToken'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      return listed(
        Object.values(api.stages),
        ({ StageName }) => StageName,
        input,
        (stage) => describe(api, stage),
      );
    }),
    UpdateStage: operation([...MEMBERS], ({ ApiId, StageName, ...input }, context) => {
      const api = registry.get(context, ApiId);
      const before = stageOf(api, StageName);
      if (input.DeploymentId !== undefined && (input.AutoDeploy ?? before.AutoDeploy) === true) {
        throw badRequest('Deployment ID cannot be set on stage when AutoDeploy is enabled');
      }
      check(api, input);
      const { StageVariables: variablesBefore, ...rest } = before;
      const variables = changedMap(variablesBefore, input.StageVariables);
      const { StageVariables: _, RouteSettings: routeSettings, ...changes } = input;
      const stage: StoredStage = {
        ...rest,
        ...given(changes),
        ...(variables === undefined ? {} : { StageVariables: variables }),
        ...(routeSettings === undefined ? {} : { RouteSettings: { ...before.RouteSettings, ...routeSettings } }),
        updatedAt: context.now,
      };
      return describe(api, save(api, stage));
    }),
    DeleteStage: operation(['ApiId', 'StageName'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const { StageName } = stageOf(api, input.StageName);
      registry.save({
        ...api,
        stages: without(api.stages, StageName),
        stageTags: without(api.stageTags, StageName),
      });
      registry.sweep(api.apiId);
      return {};
    }),
    DeleteRouteSettings: operation(['ApiId', 'StageName', 'RouteKey'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const stage = stageOf(api, input.StageName);
      const key = input.RouteKey ?? '';
      if (own(stage.RouteSettings, key) === undefined) throw noSuchRouteKey(key);
      save(api, { ...stage, RouteSettings: without(stage.RouteSettings ?? {}, key), updatedAt: context.now });
      return {};
    }),
    DeleteAccessLogSettings: operation(['ApiId', 'StageName'], (input, context) => {
      const api = registry.get(context, input.ApiId);
      const { AccessLogSettings: _, ...stage } = stageOf(api, input.StageName);
      save(api, { ...stage, updatedAt: context.now });
      return {};
    }),
  };
};
