import type * as Sdk from '@aws-sdk/client-lambda';
import type {
  DestinationConfig,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigCommandInput,
  PutFunctionEventInvokeConfigCommandInput,
} from '@aws-sdk/client-lambda';
import { parseArn } from '@holdfast/aws-model';
import { Constraints, type Operations, operation, type RequestContext, refuseUnmodelled } from '../../../core/index.ts';
import { invalidParameter, notFound } from '../errors.ts';
import { type EventInvokeRecord, type FunctionRecord, LATEST } from '../functions/function-record.ts';
import { locate, parseLocator, qualifiedArn } from '../names.ts';
import { pageOf } from '../paging.ts';
import type { LambdaParts } from '../parts.ts';

const DESTINATION =
  /^$|^kafka:\/\/.+$|^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)$/;
const SHOWN_DESTINATION = String.raw`$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)`;

type ConfigInput = PutFunctionEventInvokeConfigCommandInput;

const MEMBERS = [
  'FunctionName',
  'Qualifier',
  'MaximumRetryAttempts',
  'MaximumEventAgeInSeconds',
  'DestinationConfig',
] as const;

const describe = (record: FunctionRecord, qualifier: string, config: EventInvokeRecord): FunctionEventInvokeConfig => ({
  LastModified: new Date(config.lastModifiedAt),
  FunctionArn: qualifiedArn(record.arn, qualifier),
  ...(config.maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: config.maximumRetryAttempts }),
  ...(config.maximumEventAgeSeconds === undefined ? {} : { MaximumEventAgeInSeconds: config.maximumEventAgeSeconds }),
  DestinationConfig: {
    OnSuccess: config.onSuccessArn === undefined ? {} : { Destination: config.onSuccessArn },
    OnFailure: config.onFailureArn === undefined ? {} : { Destination: config.onFailureArn },
  },
});

/** As AWS prints it: the text of a Java object, and only of what was given. */
const shownDestinations = (config: DestinationConfig): string => {
  const { OnSuccess, OnFailure } = config;
  const success = OnSuccess === undefined ? 'null' : `OnSuccess(destination=${OnSuccess.Destination ?? 'null'})`;
  const failure = OnFailure === undefined ? 'null' : `OnFailure(destination=${OnFailure.Destination ?? 'null'})`;
  return `DestinationConfig(onSuccess=${success}, onFailure=${failure})`;
};

/** Settings of asynchronous invocation, one per qualifier. */
export const eventInvokeConfigOperations = ({ environment, registry }: LambdaParts): Operations<typeof Sdk> => {
  /** PUT and POST answer for a missing function in their own words. */
  const target = (
    input: { FunctionName: string | undefined; Qualifier?: string | undefined },
    context: RequestContext,
  ): { record: FunctionRecord; qualifier: string } => {
    const locator = locate(input.FunctionName, input.Qualifier, context);
    const record = registry.get(locator.arn);
    if (record === undefined || registry.versionOf(record, locator.qualifier) === undefined) {
      throw notFound("The function doesn't exist.");
    }
    return { record, qualifier: locator.qualifier ?? LATEST };
  };

  const checkDestination = (record: FunctionRecord, destinationArn: string, config: DestinationConfig): void => {
    const service = parseArn(destinationArn)?.service;
    const isFailure = config.OnFailure?.Destination === destinationArn;
    const allowed = ['sqs', 'sns', 'lambda', 'events', ...(isFailure ? ['s3'] : [])];
    if (service === undefined || !allowed.includes(service)) {
      throw invalidParameter(`The provided destination config ${shownDestinations(config)} is invalid.`);
    }
    if (service === 'lambda' && parseLocator(destinationArn, record.account, record.region)?.arn === record.arn) {
      throw invalidParameter("You can't specify the function as a destination for itself.");
    }
    if (!environment.deliver.exists(destinationArn)) {
      throw invalidParameter(`The destination ARN ${destinationArn} is invalid.`);
    }
  };

  const checkInput = (input: ConfigInput, record: FunctionRecord): void => {
    const config = input.DestinationConfig;
    if (config === undefined) return;
    refuseUnmodelled(config, ['OnSuccess', 'OnFailure'], 'DestinationConfig');
    for (const destinationArn of [config.OnSuccess?.Destination, config.OnFailure?.Destination]) {
      if (destinationArn !== undefined && destinationArn !== '') checkDestination(record, destinationArn, config);
    }
  };

  const checkShape = (input: ConfigInput): void => {
    new Constraints()
      .range('maximumRetryAttempts', input.MaximumRetryAttempts, 0, 2)
      .range('maximumEventAgeInSeconds', input.MaximumEventAgeInSeconds, 60, 21_600)
      .pattern(
        'destinationConfig.onSuccess.destination',
        input.DestinationConfig?.OnSuccess?.Destination,
        DESTINATION,
        SHOWN_DESTINATION,
      )
      .pattern(
        'destinationConfig.onFailure.destination',
        input.DestinationConfig?.OnFailure?.Destination,
        DESTINATION,
        SHOWN_DESTINATION,
      )
      .check();
    if (
      input.MaximumRetryAttempts === undefined &&
      input.MaximumEventAgeInSeconds === undefined &&
      input.DestinationConfig === undefined
    ) {
      throw invalidParameter('You must specify at least one of error handling or destination setting.');
    }
  };

  /** Lays the input over what is there (POST) or over nothing (PUT). An empty destination means none. */
  const write = (input: ConfigInput, context: RequestContext, keepsOthers: boolean): FunctionEventInvokeConfig => {
    checkShape(input);
    const { record, qualifier } = target(input, context);
    checkInput(input, record);
    const old = keepsOthers ? record.eventInvokeConfigs[qualifier] : undefined;
    if (keepsOthers && old === undefined) throw missing(record, qualifier);
    const { OnSuccess, OnFailure } = input.DestinationConfig ?? {};
    const config: EventInvokeRecord = {
      lastModifiedAt: context.now,
      maximumRetryAttempts: input.MaximumRetryAttempts ?? old?.maximumRetryAttempts,
      maximumEventAgeSeconds: input.MaximumEventAgeInSeconds ?? old?.maximumEventAgeSeconds,
      onSuccessArn: (OnSuccess === undefined ? old?.onSuccessArn : OnSuccess.Destination) || undefined,
      onFailureArn: (OnFailure === undefined ? old?.onFailureArn : OnFailure.Destination) || undefined,
    };
    record.eventInvokeConfigs[qualifier] = config;
    registry.save(record);
    return describe(record, qualifier, config);
  };

  const missing = (record: FunctionRecord, qualifier: string) =>
    notFound(`The function ${qualifiedArn(record.arn, qualifier)} doesn't have an EventInvokeConfig`);

  const existing = (
    input: GetFunctionEventInvokeConfigCommandInput,
    context: RequestContext,
  ): { record: FunctionRecord; qualifier: string; config: EventInvokeRecord } => {
    const locator = locate(input.FunctionName, input.Qualifier, context);
    const record = registry.get(locator.arn);
    const qualifier = locator.qualifier ?? LATEST;
    const config = record?.eventInvokeConfigs[qualifier];
    if (record === undefined || config === undefined) {
      throw notFound(`The function ${qualifiedArn(locator.arn, qualifier)} doesn't have an EventInvokeConfig`);
    }
    return { record, qualifier, config };
  };

  return {
    PutFunctionEventInvokeConfig: operation(MEMBERS, (input, context) => write(input, context, false)),

    UpdateFunctionEventInvokeConfig: operation(MEMBERS, (input, context) => write(input, context, true)),

    GetFunctionEventInvokeConfig: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const { record, qualifier, config } = existing(input, context);
      return describe(record, qualifier, config);
    }),

    DeleteFunctionEventInvokeConfig: operation(['FunctionName', 'Qualifier'], (input, context) => {
      const { record, qualifier } = existing(input, context);
      delete record.eventInvokeConfigs[qualifier];
      registry.save(record);
      return {};
    }),

    ListFunctionEventInvokeConfigs: operation(['FunctionName', 'Marker', 'MaxItems'], (input, context) => {
      new Constraints().range('maxItems', input.MaxItems, 1, 50).check();
      const { record } = target(input, context);
      const configs = Object.entries(record.eventInvokeConfigs).sort(([a], [b]) => (a < b ? -1 : 1));
      const { page, ...next } = pageOf(configs, input.Marker, input.MaxItems);
      return {
        FunctionEventInvokeConfigs: page.map(([qualifier, config]) => describe(record, qualifier, config)),
        ...next,
      };
    }),
  };
};
