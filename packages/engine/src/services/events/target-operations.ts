import type * as Sdk from '@aws-sdk/client-eventbridge';
import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn } from '@holdfast/aws-model';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  parsePath,
  refuseUnmodelled,
} from '../../core/index.ts';
import { limitExceeded, validation } from './errors.ts';
import { logTemplateFault, templateFault, unknownPlaceholders } from './input-transformer.ts';
import { byName, pageOf } from './paging.ts';
import { type StoredTarget, TARGETS_PER_RULE_MAX } from './rule.ts';
import type { RuleParts } from './rule-operations.ts';
import { TARGET_SERVICES } from './target-sender.ts';

const MODELLED = [
  'Id',
  'Arn',
  'RoleArn',
  'Input',
  'InputPath',
  'InputTransformer',
  'SqsParameters',
  'KinesisParameters',
  'HttpParameters',
  'DeadLetterConfig',
  'RetryPolicy',
];

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Why nothing can be sent to an API destination; `undefined` when it can. */
type RefusalOf = (destinationArn: string) => string | undefined;

const checkTransformer = (
  id: string,
  transformer: NonNullable<Target['InputTransformer']>,
  isForLogs: boolean,
): void => {
  refuseUnmodelled(transformer, ['InputPathsMap', 'InputTemplate'], 'PutTargets InputTransformer');
  const paths = transformer.InputPathsMap ?? {};
  const template = transformer.InputTemplate ?? '';
  new Constraints()
    .required('targets.member.inputTransformer.inputTemplate', transformer.InputTemplate)
    .length('targets.member.inputTransformer.inputTemplate', transformer.InputTemplate, 1, 8_192)
    .length('targets.member.inputTransformer.inputPathsMap', Object.keys(paths), 0, 100)
    .check();
  for (const [name, path] of Object.entries(paths)) {
    if (name.startsWith('AWS') || parsePath(path) === undefined) {
      throw validation(`InputPathsMap for target ${id} contains an invalid entry ${name}.`);
    }
  }
  const [unknown] = unknownPlaceholders(template, paths);
  if (unknown !== undefined) {
    throw validation(`InputTemplate for target ${id} contains invalid placeholder ${unknown}.`);
  }
  const fault = isForLogs ? logTemplateFault(template) : templateFault(template);
  if (fault !== undefined) throw validation(`InputTemplate for target ${id} is not valid. Reason: ${fault}`);
};

const checkArn = (target: Target, id: string, refusalOf: RefusalOf): void => {
  const arn = target.Arn as string;
  const parsed = parseArn(arn);
  if (parsed === undefined || parsed.service === '' || parsed.resource === '') {
    throw validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
  }
  if (!TARGET_SERVICES.includes(parsed.service)) throw notSupported(`EventBridge targets of ${parsed.service}`);
  if (parsed.service === 'events' && !/^(event-bus|api-destination)\//.test(parsed.resource)) {
    throw notSupported(`EventBridge targets of events ${parsed.resource.split('/')[0]}`);
  }
  if (parsed.service === 'events' && parsed.resource.startsWith('api-destination/')) {
    const refusal = refusalOf(arn);
    if (refusal !== undefined) throw notSupported(`the API destination ${arn}: ${refusal}`);
  }
  const needsRole = parsed.service === 'states' || parsed.service === 'kinesis';
  if (needsRole && target.RoleArn === undefined) {
    throw validation(`RoleArn is required for target ${arn}.`);
  }
  const isFifo = parsed.service === 'sqs' && parsed.resource.endsWith('.fifo');
  if (isFifo && !target.SqsParameters?.MessageGroupId) {
    throw validation(`Parameter(s) SqsParameters must be specified for target: ${id}.`);
  }
};

/** Checks a target and turns it into what is stored. */
const readTarget = (target: Target, index: number, refusalOf: RefusalOf): StoredTarget => {
  const path = `targets.${index + 1}.member`;
  refuseUnmodelled(target, MODELLED, 'PutTargets Targets');
  const { RetryPolicy: retry, DeadLetterConfig: deadLetter } = target;
  new Constraints()
    .required(`${path}.id`, target.Id)
    .length(`${path}.id`, target.Id, 1, 64)
    .pattern(`${path}.id`, target.Id, /^[.\-_A-Za-z0-9]*$/, '[\\.\\-_A-Za-z0-9]+')
    .required(`${path}.arn`, target.Arn)
    .length(`${path}.arn`, target.Arn, 1, 1_600)
    .length(`${path}.input`, target.Input, 0, 8_192)
    .length(`${path}.inputPath`, target.InputPath, 0, 256)
    .range(`${path}.retryPolicy.maximumRetryAttempts`, retry?.MaximumRetryAttempts, 0, 185)
    .range(`${path}.retryPolicy.maximumEventAgeInSeconds`, retry?.MaximumEventAgeInSeconds, 60, 86_400)
    .check();
  const id = target.Id as string;
  checkArn(target, id, refusalOf);
  const { HttpParameters: http, KinesisParameters: kinesis } = target;
  if (http !== undefined) {
    refuseUnmodelled(http, ['PathParameterValues', 'HeaderParameters', 'QueryStringParameters'], 'HttpParameters');
  }
  if (kinesis?.PartitionKeyPath !== undefined && parsePath(kinesis.PartitionKeyPath) === undefined) {
    throw validation(`PartitionKeyPath for target ${id} is invalid.`);
  }
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((input) => input !== undefined);
  if (inputs.length > 1) {
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${id}.`);
  }
  if (target.Input !== undefined && !isJson(target.Input)) {
    throw validation(`JSON syntax error in input for target ${id}.`);
  }
  if (target.InputPath !== undefined && parsePath(target.InputPath) === undefined) {
    throw validation(`InputPath for target ${id} is invalid.`);
  }
  if (target.InputTransformer !== undefined) {
    checkTransformer(id, target.InputTransformer, parseArn(target.Arn as string)?.service === 'logs');
  }
  if (deadLetter?.Arn !== undefined) {
    const queue = parseArn(deadLetter.Arn);
    if (queue?.service !== 'sqs' || queue.resource.endsWith('.fifo')) {
      throw validation(
        `Parameter ${deadLetter.Arn} is not valid. Reason: The dead-letter queue must be a standard SQS queue.`,
      );
    }
  }
  return {
    id,
    arn: target.Arn as string,
    roleArn: target.RoleArn,
    input: target.Input,
    inputPath: target.InputPath,
    transformer:
      target.InputTransformer === undefined
        ? undefined
        : {
            paths: target.InputTransformer.InputPathsMap ?? {},
            template: target.InputTransformer.InputTemplate as string,
          },
    messageGroupId: target.SqsParameters?.MessageGroupId,
    partitionKeyPath: kinesis?.PartitionKeyPath,
    http:
      http === undefined
        ? undefined
        : {
            pathValues: http.PathParameterValues,
            headers: http.HeaderParameters,
            query: http.QueryStringParameters,
          },
    deadLetterArn: deadLetter?.Arn,
    maximumRetryAttempts: retry?.MaximumRetryAttempts,
    maximumEventAgeSeconds: retry?.MaximumEventAgeInSeconds,
  };
};

const describeHttp = ({ pathValues, headers, query }: NonNullable<StoredTarget['http']>) => ({
  ...(pathValues === undefined ? {} : { PathParameterValues: [...pathValues] }),
  ...(headers === undefined ? {} : { HeaderParameters: { ...headers } }),
  ...(query === undefined ? {} : { QueryStringParameters: { ...query } }),
});

const describe = (target: StoredTarget): Target => {
  const { transformer, maximumRetryAttempts, maximumEventAgeSeconds } = target;
  return {
    Id: target.id,
    Arn: target.arn,
    ...(target.roleArn === undefined ? {} : { RoleArn: target.roleArn }),
    ...(target.input === undefined ? {} : { Input: target.input }),
    ...(target.inputPath === undefined ? {} : { InputPath: target.inputPath }),
    ...(transformer === undefined
      ? {}
      : { InputTransformer: { InputPathsMap: { ...transformer.paths }, InputTemplate: transformer.template } }),
    ...(target.messageGroupId === undefined ? {} : { SqsParameters: { MessageGroupId: target.messageGroupId } }),
    ...(target.partitionKeyPath === undefined
      ? {}
      : { KinesisParameters: { PartitionKeyPath: target.partitionKeyPath } }),
    ...(target.http === undefined ? {} : { HttpParameters: describeHttp(target.http) }),
    ...(target.deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: target.deadLetterArn } }),
    ...(maximumRetryAttempts === undefined && maximumEventAgeSeconds === undefined
      ? {}
      : {
          RetryPolicy: {
            ...(maximumRetryAttempts === undefined ? {} : { MaximumRetryAttempts: maximumRetryAttempts }),
            ...(maximumEventAgeSeconds === undefined ? {} : { MaximumEventAgeInSeconds: maximumEventAgeSeconds }),
          },
        }),
  };
};

/** Operations on the targets of rules. */
export const targetOperations = ({ registry }: RuleParts, refusalOf: RefusalOf): Operations<typeof Sdk> => ({
  PutTargets: operation(['Rule', 'EventBusName', 'Targets'], (input, context) => {
    new Constraints()
      .required('rule', input.Rule)
      .required('targets', input.Targets)
      .length(
        'targets',
        input.Targets?.map(({ Id }) => Id),
        1,
        100,
      )
      .check();
    const bus = registry.get(context.account, context.region, input.EventBusName);
    const { stored } = registry.getRule(bus, input.Rule);
    const given = (input.Targets as Target[]).map((target, index) => readTarget(target, index, refusalOf));
    const targets = new Map([...stored.targets, ...given].map((target) => [target.id, target]));
    if (targets.size > TARGETS_PER_RULE_MAX) throw limitExceeded();
    registry.putRule(bus, { ...stored, targets: [...targets.values()] });
    return { FailedEntryCount: 0, FailedEntries: [] };
  }),
  RemoveTargets: operation(
    // Force matters for rules managed by other AWS services only.
    ['Rule', 'EventBusName', 'Ids', 'Force'],
    (input, context) => {
      new Constraints()
        .required('rule', input.Rule)
        .required('ids', input.Ids)
        .length('ids', input.Ids, 1, 100)
        .check();
      const bus = registry.get(context.account, context.region, input.EventBusName);
      const { stored } = registry.getRule(bus, input.Rule);
      const ids = input.Ids as string[];
      const known = new Set(stored.targets.map(({ id }) => id));
      const failed = ids.filter((id) => !known.has(id));
      registry.putRule(bus, { ...stored, targets: stored.targets.filter(({ id }) => !ids.includes(id)) });
      return {
        FailedEntryCount: failed.length,
        FailedEntries: failed.map((TargetId) => ({
          TargetId,
          ErrorCode: 'ResourceNotFoundException',
          ErrorMessage: `Rule ${stored.name} does not have a target with the Id ${TargetId}.`,
        })),
      };
    },
  ),
  ListTargetsByRule: operation(['Rule', 'EventBusName', 'NextToken', 'Limit'], (input, context) => {
    const bus = registry.get(context.account, context.region, input.EventBusName);
    const { stored } = registry.getRule(bus, input.Rule);
    const targets = [...stored.targets].sort((a, b) => byName(a.id, b.id));
    const { page, ...next } = pageOf(targets, ({ id }) => id, input.NextToken, input.Limit);
    return { Targets: page.map(describe), ...next };
  }),
});
