import type * as Sdk from '@aws-sdk/client-lambda';
import type { FunctionUrlConfig, UpdateFunctionUrlConfigCommandInput } from '@aws-sdk/client-lambda';
import {
  Constraints,
  type EngineSettings,
  notSupported,
  type Operations,
  operation,
  type RequestContext,
  ROUTES_PREFIX,
  refuseUnmodelled,
} from '../../../core/index.ts';
import { conflict, notFound } from '../errors.ts';
import { type FunctionRecord, type FunctionUrlRecord, LATEST } from '../functions/function-record.ts';
import { locate, qualifiedArn } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';
import type { UrlRegistry } from './url-registry.ts';

const NO_FUNCTION = 'Function does not exist';
const NO_CONFIG = 'The resource you requested does not exist.';
const CORS_MEMBERS = [
  'AllowCredentials',
  'AllowHeaders',
  'AllowMethods',
  'AllowOrigins',
  'ExposeHeaders',
  'MaxAge',
] as const;

/** Where the gateway serves function URLs: on the host that this caller used. On AWS the id is part of the host. */
export const functionUrlOf = (urlId: string, host: string | undefined, settings: EngineSettings): string =>
  `${host === undefined ? settings.endpoint : `http://${host}`}${ROUTES_PREFIX}lambda-url/${urlId}/`;

type SettingsInput = Pick<UpdateFunctionUrlConfigCommandInput, 'AuthType' | 'Cors' | 'InvokeMode'>;

const checkSettings = (input: SettingsInput): void => {
  if (input.InvokeMode === 'RESPONSE_STREAM') throw notSupported('function URLs with InvokeMode RESPONSE_STREAM');
  refuseUnmodelled(input.Cors ?? {}, CORS_MEMBERS, 'Cors');
};

/** Configurations of function URLs: one for a function, one for each alias. */
export const urlConfigOperations = (
  { environment, registry }: LambdaParts,
  urls: UrlRegistry,
): Operations<typeof Sdk> => {
  interface Place {
    readonly record: FunctionRecord;
    /** Alias or `$LATEST`. */
    readonly key: string;
  }

  const place = (
    input: { readonly FunctionName: string | undefined; readonly Qualifier?: string | undefined } & SettingsInput,
    context: RequestContext,
    refusal: string,
    isAuthTypeRequired = false,
  ): Place => {
    const constraints = new Constraints()
      .pattern('qualifier', input.Qualifier, /^(?!\d+$)[0-9a-zA-Z-_]+$/, String.raw`((?!^\d+$)^[0-9a-zA-Z-_]+$)`)
      .oneOf('authType', input.AuthType, ['NONE', 'AWS_IAM'])
      .oneOf('invokeMode', input.InvokeMode, ['RESPONSE_STREAM', 'BUFFERED'])
      .range('cors.maxAge', input.Cors?.MaxAge, 0, 86_400);
    if (isAuthTypeRequired) constraints.required('authType', input.AuthType);
    constraints.check();
    const locator = locate(input.FunctionName, input.Qualifier, context);
    const record = registry.get(locator.arn);
    if (record === undefined || registry.versionOf(record, locator.qualifier) === undefined) throw notFound(refusal);
    return { record, key: locator.qualifier ?? LATEST };
  };

  const existing = ({ record, key }: Place): FunctionUrlRecord => {
    const url = record.urls?.[key];
    if (url === undefined) throw notFound(NO_CONFIG);
    return url;
  };

  const describe = ({ record, key }: Place, url: FunctionUrlRecord, { host }: RequestContext) => ({
    FunctionUrl: functionUrlOf(url.urlId, host, environment.settings),
    FunctionArn: qualifiedArn(record.arn, key === LATEST ? undefined : key),
    AuthType: url.authType,
    ...(url.cors === undefined ? {} : { Cors: url.cors as FunctionUrlConfig['Cors'] }),
    CreationTime: new Date(url.createdAt).toISOString(),
    ...(url.invokeMode === undefined ? {} : { InvokeMode: url.invokeMode }),
  });

  const describeFully = (at: Place, url: FunctionUrlRecord, context: RequestContext) => ({
    ...describe(at, url, context),
    LastModifiedTime: new Date(url.lastModifiedAt).toISOString(),
    InvokeMode: 'BUFFERED' as const,
  });

  const corsOf = (cors: SettingsInput['Cors']): FunctionUrlRecord['cors'] =>
    cors === undefined || Object.keys(cors).length === 0 ? undefined : { ...cors };

  return {
    CreateFunctionUrlConfig: operation(
      ['FunctionName', 'Qualifier', 'AuthType', 'Cors', 'InvokeMode'],
      (input, context) => {
        const at = place(input, context, NO_FUNCTION, true);
        checkSettings(input);
        if (at.record.urls?.[at.key] !== undefined) {
          const arn = qualifiedArn(at.record.arn, at.key === LATEST ? undefined : at.key);
          throw conflict(
            `Failed to create function url config for [functionArn = ${arn}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
          );
        }
        const url: FunctionUrlRecord = {
          urlId: environment.ids.hex(32),
          authType: input.AuthType as 'NONE' | 'AWS_IAM',
          cors: corsOf(input.Cors),
          invokeMode: input.InvokeMode as 'BUFFERED' | undefined,
          createdAt: context.now,
          lastModifiedAt: context.now,
        };
        urls.put(at.record, at.key, url);
        return describe(at, url, context);
      },
    ),

    GetFunctionUrlConfig: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const at = place(input, context, NO_CONFIG);
      return describeFully(at, existing(at), context);
    }),

    UpdateFunctionUrlConfig: operation(
      ['FunctionName', 'Qualifier', 'AuthType', 'Cors', 'InvokeMode'],
      (input, context) => {
        const at = place(input, context, NO_FUNCTION);
        checkSettings(input);
        const old = existing(at);
        const url: FunctionUrlRecord = {
          ...old,
          authType: input.AuthType ?? old.authType,
          cors: input.Cors === undefined ? old.cors : corsOf(input.Cors),
          invokeMode: (input.InvokeMode as 'BUFFERED' | undefined) ?? old.invokeMode,
          lastModifiedAt: context.now,
        };
        urls.put(at.record, at.key, url);
        return { ...describe(at, url, context), LastModifiedTime: new Date(url.lastModifiedAt).toISOString() };
      },
    ),

    DeleteFunctionUrlConfig: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const at = place(input, context, NO_CONFIG);
      existing(at);
      urls.delete(at.record, at.key);
      return {};
    }),

    ListFunctionUrlConfigs: operation(['FunctionName', 'Marker', 'MaxItems'], (input, context) => {
      const { record } = place({ FunctionName: input.FunctionName }, context, NO_FUNCTION);
      const all = Object.entries(record.urls ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
      const { page, ...next } = pageOf(all, input.Marker, input.MaxItems);
      return {
        FunctionUrlConfigs: page.map(([key, url]) => describeFully({ record, key }, url, context)),
        ...next,
      };
    }),
  };
};
