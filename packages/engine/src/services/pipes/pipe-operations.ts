import type * as Sdk from '@aws-sdk/client-pipes';
import type { CreatePipeCommandInput } from '@aws-sdk/client-pipes';
import {
  byUnits,
  Constraints,
  limitedTags,
  type Operations,
  operation,
  pageByKey,
  type RequestContext,
  type ServiceEnvironment,
  withNextToken,
} from '../../core/index.ts';
import { conflict, validation } from './errors.ts';
import { describedLog, readLogSettings } from './log-settings.ts';
import { isPassing, type PipeRegistry } from './pipe-registry.ts';
import { checkSettings, describedSource, storedSource } from './pipe-settings.ts';
import { desiredStateOf, pipeArnOf, type StoredPipe } from './stored-pipe.ts';

const NAME = /^[.\-_A-Za-z0-9]*$/;
const NAME_SHOWN = '[\\.\\-_A-Za-z0-9]+';
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[a-zA-Z0-9+=,.@\-_/]+$/;
const ROLE_ARN_SHOWN = 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z0-9+=,.@\\-_/]+';
const PAGE_MAX = 100;

const summarise = (pipe: StoredPipe) => ({
  Arn: pipeArnOf(pipe),
  Name: pipe.name,
  DesiredState: desiredStateOf(pipe),
  CurrentState: pipe.state,
  CreationTime: new Date(pipe.createdAt),
  LastModifiedTime: new Date(pipe.modifiedAt),
});

const describe = (pipe: StoredPipe) => ({
  ...summarise(pipe),
  ...(pipe.description === undefined ? {} : { Description: pipe.description }),
  ...(pipe.stateReason === undefined ? {} : { StateReason: pipe.stateReason }),
  Source: pipe.source,
  SourceParameters: describedSource(pipe),
  ...(pipe.enrichment === undefined ? {} : { Enrichment: pipe.enrichment }),
  ...(pipe.enrichmentParameters === undefined ? {} : { EnrichmentParameters: pipe.enrichmentParameters }),
  Target: pipe.target,
  TargetParameters: pipe.targetParameters,
  RoleArn: pipe.roleArn,
  ...(pipe.log === undefined ? {} : { LogConfiguration: describedLog(pipe.log) }),
  Tags: { ...pipe.tags },
});

const checkName = (name: string | undefined): string => {
  new Constraints().required('name', name).length('name', name, 1, 64).pattern('name', name, NAME, NAME_SHOWN).check();
  return name as string;
};

const checkCommon = (input: Pick<CreatePipeCommandInput, 'RoleArn' | 'Description' | 'DesiredState'>): void => {
  new Constraints()
    .required('roleArn', input.RoleArn)
    .pattern('roleArn', input.RoleArn, ROLE_ARN, ROLE_ARN_SHOWN)
    .length('description', input.Description, 0, 512)
    .oneOf('desiredState', input.DesiredState, ['RUNNING', 'STOPPED'])
    .check();
};

/** A member that is there but empty takes away what there was. */
const orNothing = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** Operations on pipes. Their states pass as on AWS, faster. */
export const pipeOperations = (registry: PipeRegistry, environment: ServiceEnvironment): Operations<typeof Sdk> => {
  const settledPipe = (name: string | undefined, context: RequestContext): StoredPipe => {
    const pipe = registry.get(context, checkName(name));
    if (isPassing(pipe)) throw conflict(`Pipe ${pipe.name} is in state ${pipe.state}.`);
    return pipe;
  };

  return {
    CreatePipe: operation(
      [
        'Name',
        'Description',
        'DesiredState',
        'Source',
        'SourceParameters',
        'Enrichment',
        'EnrichmentParameters',
        'Target',
        'TargetParameters',
        'RoleArn',
        'LogConfiguration',
        'Tags',
      ],
      (input, context) => {
        const name = checkName(input.Name);
        checkCommon(input);
        checkSettings(input, environment.api);
        const log = readLogSettings(input.LogConfiguration);
        if (registry.find(context, name) !== undefined) throw conflict(`Pipe ${name} already exists.`);
        const pipe: StoredPipe = {
          account: context.account,
          region: context.region,
          name,
          id: environment.ids.uuid(),
          description: input.Description,
          isWanted: input.DesiredState !== 'STOPPED',
          state: 'CREATING',
          source: input.Source as string,
          sourceParameters: storedSource(input.SourceParameters),
          enrichment: orNothing(input.Enrichment),
          enrichmentParameters: input.EnrichmentParameters,
          target: input.Target as string,
          targetParameters: input.TargetParameters ?? {},
          roleArn: input.RoleArn as string,
          log,
          tags: limitedTags(input.Tags ?? {}, validation),
          createdAt: context.now,
          modifiedAt: context.now,
        };
        registry.save(pipe);
        return summarise(pipe);
      },
    ),
    UpdatePipe: operation(
      [
        'Name',
        'Description',
        'DesiredState',
        'SourceParameters',
        'Enrichment',
        'EnrichmentParameters',
        'Target',
        'TargetParameters',
        'RoleArn',
        'LogConfiguration',
      ],
      (input, context) => {
        const before = settledPipe(input.Name, context);
        checkCommon(input);
        // Where to begin cannot be changed, and is not said again.
        const stream =
          before.sourceParameters.KinesisStreamParameters ?? before.sourceParameters.DynamoDBStreamParameters;
        const start = stream === undefined ? {} : { StartingPosition: stream.StartingPosition };
        const {
          KinesisStreamParameters: kinesis,
          DynamoDBStreamParameters: dynamodb,
          ...rest
        } = input.SourceParameters ?? {};
        const described = describedSource(before);
        const source =
          input.SourceParameters === undefined
            ? described
            : {
                ...described,
                ...rest,
                ...(kinesis === undefined
                  ? {}
                  : { KinesisStreamParameters: { ...described.KinesisStreamParameters, ...kinesis, ...start } }),
                ...(dynamodb === undefined ? {} : { DynamoDBStreamParameters: { ...dynamodb, ...start } }),
              };
        const settings = {
          Source: before.source,
          SourceParameters: source as NonNullable<CreatePipeCommandInput['SourceParameters']>,
          Enrichment: input.Enrichment ?? before.enrichment,
          EnrichmentParameters: input.EnrichmentParameters ?? before.enrichmentParameters,
          Target: input.Target ?? before.target,
          TargetParameters: input.TargetParameters ?? before.targetParameters,
        };
        checkSettings(settings, environment.api);
        const pipe: StoredPipe = {
          ...before,
          description: input.Description ?? before.description,
          isWanted: input.DesiredState === undefined ? before.isWanted : input.DesiredState === 'RUNNING',
          state: 'UPDATING',
          sourceParameters: storedSource(settings.SourceParameters),
          enrichment: orNothing(settings.Enrichment),
          enrichmentParameters: settings.EnrichmentParameters,
          target: settings.Target,
          targetParameters: settings.TargetParameters,
          roleArn: input.RoleArn as string,
          log: readLogSettings(input.LogConfiguration) ?? before.log,
          modifiedAt: context.now,
        };
        registry.save(pipe);
        return summarise(pipe);
      },
    ),
    DescribePipe: operation(['Name'], (input, context) => describe(registry.get(context, checkName(input.Name)))),
    DeletePipe: operation(['Name'], (input, context) => {
      const pipe = registry.get(context, checkName(input.Name));
      const deleting: StoredPipe = { ...pipe, isWanted: false, state: 'DELETING', modifiedAt: context.now };
      registry.save(deleting);
      return { ...summarise(deleting), DesiredState: 'DELETED' };
    }),
    StartPipe: operation(['Name'], (input, context) => {
      const pipe = settledPipe(input.Name, context);
      if (pipe.state === 'RUNNING') throw conflict(`Pipe ${pipe.name} is in state RUNNING.`);
      const starting: StoredPipe = { ...pipe, isWanted: true, state: 'STARTING', modifiedAt: context.now };
      registry.save(starting);
      return summarise(starting);
    }),
    StopPipe: operation(['Name'], (input, context) => {
      const pipe = settledPipe(input.Name, context);
      if (pipe.state === 'STOPPED') throw conflict(`Pipe ${pipe.name} is in state STOPPED.`);
      const stopping: StoredPipe = { ...pipe, isWanted: false, state: 'STOPPING', modifiedAt: context.now };
      registry.save(stopping);
      return summarise(stopping);
    }),
    ListPipes: operation(
      ['NamePrefix', 'DesiredState', 'CurrentState', 'SourcePrefix', 'TargetPrefix', 'NextToken', 'Limit'],
      (input, context) => {
        new Constraints().range('limit', input.Limit, 1, PAGE_MAX).check();
        const pipes = registry
          .of(context)
          .filter((pipe) => pipe.name.startsWith(input.NamePrefix ?? ''))
          .filter((pipe) => pipe.source.startsWith(input.SourcePrefix ?? ''))
          .filter((pipe) => pipe.target.startsWith(input.TargetPrefix ?? ''))
          .filter((pipe) => input.DesiredState === undefined || desiredStateOf(pipe) === input.DesiredState)
          .filter((pipe) => input.CurrentState === undefined || pipe.state === input.CurrentState)
          .sort((a, b) => byUnits(a.name, b.name));
        const invalid = () => validation('Invalid NextToken.');
        const request = { token: input.NextToken, size: input.Limit ?? PAGE_MAX, invalid };
        const { page, ...next } = withNextToken(pageByKey(pipes, ({ name }) => name, request));
        return {
          Pipes: page.map((pipe) => ({
            ...summarise(pipe),
            ...(pipe.stateReason === undefined ? {} : { StateReason: pipe.stateReason }),
            Source: pipe.source,
            Target: pipe.target,
            ...(pipe.enrichment === undefined ? {} : { Enrichment: pipe.enrichment }),
          })),
          ...next,
        };
      },
    ),
  };
};
