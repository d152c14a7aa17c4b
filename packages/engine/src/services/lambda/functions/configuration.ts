import type {
  CreateFunctionCommandInput,
  FunctionConfiguration,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { parseArn } from '@holdfast/aws-model';
import { Constraints, notSupported } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';
import { lambdaTimestamp, qualifiedArn } from '../names.ts';
import { checkEnvironment } from './environment-variables.ts';
import { type FunctionRecord, LATEST, type UsedLayer, type VersionRecord } from './function-record.ts';
import { applyLogging, describeLogging } from './logging-config.ts';
import { checkRuntime } from './runtime-names.ts';
import { runtimeVersionArn } from './runtime-version.ts';

/** What a function is when its creator leaves it open. Units as in the API. */
export const FUNCTION_DEFAULTS = {
  timeoutSeconds: 3,
  memoryMb: 128,
  ephemeralStorageMb: 512,
  architectures: ['x86_64'],
  tracingMode: 'PassThrough',
} as const;

const ROLE = /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;
const SHOWN_ROLE = String.raw`arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`;
const DLQ_ARN = /^(arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*))?$/;
const SHOWN_DLQ_ARN = String.raw`(arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*))|()`;

type ConfigurationInput = Omit<UpdateFunctionConfigurationCommandInput, 'FunctionName' | 'RevisionId'> &
  Pick<CreateFunctionCommandInput, 'Architectures'>;

/** Members of create and update that describe how a function runs, without its code. */
export const CONFIGURATION_MEMBERS = [
  'Role',
  'Handler',
  'Description',
  'Timeout',
  'MemorySize',
  'VpcConfig',
  'Environment',
  'Runtime',
  'DeadLetterConfig',
  'KMSKeyArn',
  'TracingConfig',
  'EphemeralStorage',
  'SnapStart',
  'LoggingConfig',
  'Layers',
] as const;

const refuseWhatCannotRunHere = (input: ConfigurationInput): void => {
  const vpc = input.VpcConfig;
  if (vpc !== undefined && ((vpc.SubnetIds?.length ?? 0) > 0 || (vpc.SecurityGroupIds?.length ?? 0) > 0)) {
    throw notSupported('functions with VpcConfig');
  }
  if (input.SnapStart?.ApplyOn !== undefined && input.SnapStart.ApplyOn !== 'None') {
    throw notSupported('functions with SnapStart');
  }
};

/** What the API's model alone forbids; AWS looks at it before anything else. */
export const checkRanges = (input: ConfigurationInput): void => {
  new Constraints()
    .pattern('role', input.Role, ROLE, SHOWN_ROLE)
    .pattern('handler', input.Handler, /^[^\s]+$/, String.raw`[^\s]+`)
    .length('handler', input.Handler, 0, 128)
    .length('description', input.Description, 0, 256)
    .range('timeout', input.Timeout, 1, 900)
    .range('memorySize', input.MemorySize, 128, 10_240)
    .range('ephemeralStorage.size', input.EphemeralStorage?.Size, 512, 10_240)
    .oneOf('tracingConfig.mode', input.TracingConfig?.Mode, ['Active', 'PassThrough'])
    .length('architectures', input.Architectures, 1, 1)
    .everyOneOf('architectures', input.Architectures, ['x86_64', 'arm64'])
    .pattern('deadLetterConfig.targetArn', input.DeadLetterConfig?.TargetArn, DLQ_ARN, SHOWN_DLQ_ARN)
    .check();
};

const deadLetterTarget = (given: string | undefined): string | undefined => {
  if (given === undefined || given === '') return undefined;
  const service = parseArn(given)?.service;
  if (service !== 'sqs' && service !== 'sns') {
    throw invalidParameter(`The provided dead letter config DeadLetterConfig(targetArn=${given}) is invalid.`);
  }
  return given;
};

type Settled = Omit<VersionRecord, 'version' | 'code' | 'lastModifiedAt' | 'revisionId' | 'revision'>;

/**
 * Lays the given members over `base`; what the caller leaves out stays. Checks everything first. `layers` are those
 * that `input.Layers` names.
 *
 * @throws ServiceError in AWS's words, or refused by name what cannot run here
 */
export const applyConfiguration = (
  base: Settled,
  input: ConfigurationInput,
  layers: readonly UsedLayer[] | undefined = base.layers,
): Settled => {
  checkRanges(input);
  refuseWhatCannotRunHere(input);
  checkRuntime(input.Runtime);
  checkEnvironment(input.Environment?.Variables);
  const hasWrapper = (input.Environment?.Variables ?? base.environment)?.['AWS_LAMBDA_EXEC_WRAPPER'] !== undefined;
  if (hasWrapper && (input.Runtime ?? base.runtime).startsWith('nodejs')) {
    throw notSupported('AWS_LAMBDA_EXEC_WRAPPER for Node.js functions, which run in threads');
  }
  const architectures = input.Architectures;
  const variables = input.Environment?.Variables;
  return {
    runtime: input.Runtime ?? base.runtime,
    role: input.Role ?? base.role,
    handler: input.Handler ?? base.handler,
    description: input.Description ?? base.description,
    timeoutSeconds: input.Timeout ?? base.timeoutSeconds,
    memoryMb: input.MemorySize ?? base.memoryMb,
    environment:
      input.Environment === undefined ? base.environment : variables === undefined ? undefined : { ...variables },
    deadLetterTargetArn:
      // An empty setting changes nothing, an empty target takes it away.
      input.DeadLetterConfig?.TargetArn === undefined
        ? base.deadLetterTargetArn
        : deadLetterTarget(input.DeadLetterConfig.TargetArn),
    kmsKeyArn: input.KMSKeyArn === undefined ? base.kmsKeyArn : input.KMSKeyArn === '' ? undefined : input.KMSKeyArn,
    tracingMode: input.TracingConfig?.Mode ?? base.tracingMode,
    architectures: architectures ?? base.architectures,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? base.ephemeralStorageMb,
    logGroup: input.LoggingConfig?.LogGroup ?? base.logGroup,
    jsonLogging: applyLogging(base.jsonLogging, input.LoggingConfig),
    layers,
  };
};

/** What a new function starts from. */
export const initialConfiguration = (functionName: string): Settled => ({
  runtime: '',
  role: '',
  handler: '',
  description: '',
  timeoutSeconds: FUNCTION_DEFAULTS.timeoutSeconds,
  memoryMb: FUNCTION_DEFAULTS.memoryMb,
  environment: undefined,
  deadLetterTargetArn: undefined,
  kmsKeyArn: undefined,
  tracingMode: FUNCTION_DEFAULTS.tracingMode,
  architectures: FUNCTION_DEFAULTS.architectures,
  ephemeralStorageMb: FUNCTION_DEFAULTS.ephemeralStorageMb,
  logGroup: `/aws/lambda/${functionName}`,
});

/** Which moment of a function's life an answer shows; changes are in force before the answer is given. */
export type Moment = 'created' | 'updated' | 'settled' | 'listed';

const CREATING = 'The function is being created.';

const stateAt = (moment: Moment): FunctionConfiguration => {
  switch (moment) {
    case 'created':
      return { State: 'Pending', StateReason: CREATING, StateReasonCode: 'Creating' };
    case 'updated':
      return {
        State: 'Active',
        LastUpdateStatus: 'InProgress',
        LastUpdateStatusReason: CREATING,
        // AWS answers this code although its own model does not list it.
        LastUpdateStatusReasonCode: 'Creating' as 'InternalError',
      };
    case 'settled':
      return { State: 'Active', LastUpdateStatus: 'Successful' };
    case 'listed':
      return {};
  }
};

/**
 * A version as the API shows it. Create answers `Pending` and update answers `InProgress` as on AWS; differs: every
 * later call already sees `Active` and `Successful`.
 */
export const describeVersion = (
  record: FunctionRecord,
  version: VersionRecord,
  qualifier: string | undefined,
  moment: Moment = 'settled',
): FunctionConfiguration => ({
  FunctionName: record.name,
  FunctionArn: qualifiedArn(record.arn, qualifier ?? (version.version === LATEST ? undefined : version.version)),
  Runtime: version.runtime as NonNullable<FunctionConfiguration['Runtime']>,
  Role: version.role,
  Handler: version.handler,
  CodeSize: version.code.sizeBytes,
  CodeSha256: version.code.sha256Base64,
  Description: version.description,
  Timeout: version.timeoutSeconds,
  MemorySize: version.memoryMb,
  LastModified: lambdaTimestamp(version.lastModifiedAt),
  Version: version.version,
  ...(version.environment === undefined ? {} : { Environment: { Variables: { ...version.environment } } }),
  ...(version.deadLetterTargetArn === undefined
    ? {}
    : { DeadLetterConfig: { TargetArn: version.deadLetterTargetArn } }),
  ...(version.kmsKeyArn === undefined ? {} : { KMSKeyArn: version.kmsKeyArn }),
  TracingConfig: { Mode: version.tracingMode as 'Active' | 'PassThrough' },
  RevisionId: version.revisionId,
  ...stateAt(moment),
  PackageType: 'Zip',
  Architectures: [...version.architectures] as NonNullable<FunctionConfiguration['Architectures']>,
  EphemeralStorage: { Size: version.ephemeralStorageMb },
  SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
  ...(version.layers === undefined || version.layers.length === 0
    ? {}
    : { Layers: version.layers.map(({ arn, sizeBytes }) => ({ Arn: arn, CodeSize: sizeBytes })) }),
  LoggingConfig: describeLogging(version.jsonLogging, version.logGroup),
  ...(moment === 'listed'
    ? {}
    : { RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(record.region, version.runtime) } }),
});
