import type * as Sdk from '@aws-sdk/client-sfn';
import type {
  CreateStateMachineCommandInput,
  CreateStateMachineCommandOutput,
  DescribeStateMachineCommandInput,
  DescribeStateMachineCommandOutput,
  DescribeStateMachineForExecutionCommandInput,
  DescribeStateMachineForExecutionCommandOutput,
  UpdateStateMachineCommandInput,
  UpdateStateMachineCommandOutput,
} from '@aws-sdk/client-sfn';
import {
  Constraints,
  limitedTags,
  type Operations,
  operation,
  type RequestContext,
  readLowerCaseTags,
  ServiceError,
} from '../../../core/index.ts';
import { isName, readArn } from '../arns.ts';
import { diagnosticText } from '../definition/diagnostics.ts';
import { validateDefinition } from '../definition/validate.ts';
import { variableReferences } from '../definition/variable-references.ts';
import { invalidArn, invalidName, tooManyTags, validation } from '../errors.ts';
import { type Revision, type StoredMachine, versionArn } from '../machines.ts';
import type { MachineType } from '../running/execution.ts';
import type { StatesWiring } from '../wiring.ts';
import { OWNED_BY_AWS } from './encryption.ts';
import { describeLogging, loggingOf } from './logging-settings.ts';
import { takePage } from './paging.ts';

export const machineOperations = (wiring: StatesWiring): Operations<typeof Sdk> => ({
  CreateStateMachine: operation(
    [
      'name',
      'definition',
      'roleArn',
      'type',
      'loggingConfiguration',
      'tags',
      'tracingConfiguration',
      'publish',
      'versionDescription',
    ],
    (input, context) => create(wiring, input, context),
  ),
  UpdateStateMachine: operation(
    [
      'stateMachineArn',
      'definition',
      'roleArn',
      'loggingConfiguration',
      'tracingConfiguration',
      'publish',
      'versionDescription',
    ],
    (input, context) => update(wiring, input, context),
  ),
  DeleteStateMachine: operation(['stateMachineArn'], (input) => {
    const read = readArn(input.stateMachineArn ?? '');
    if (read.kind !== 'stateMachine') throw invalidArn(input.stateMachineArn ?? '');
    const machine = wiring.machines.machines.get(read.machineArn);
    if (machine !== undefined && read.qualifier === undefined) remove(wiring, machine);
    return {};
  }),
  DescribeStateMachine: operation(['stateMachineArn', 'includedData'], (input) => describe(wiring, input)),
  DescribeStateMachineForExecution: operation(['executionArn', 'includedData'], (input) =>
    describeForExecution(wiring, input),
  ),
  ListStateMachines: operation(['maxResults', 'nextToken'], (input, context) => {
    const mine = [...wiring.machines.machines.values()]
      .filter(({ account, region }) => account === context.account && region === context.region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { page, nextToken } = takePage(mine, input);
    return {
      stateMachines: page.map(({ arn, name, type, createdAt }) => ({
        stateMachineArn: arn,
        name,
        type,
        creationDate: new Date(createdAt),
      })),
      nextToken,
    };
  }),
  ValidateStateMachineDefinition: operation(['definition', 'type', 'severity', 'maxResults'], (input) => {
    const type = (input.type ?? 'STANDARD') as MachineType;
    const { diagnostics } = validateDefinition(input.definition ?? '', type, wiring.environment.api);
    const most = input.maxResults === undefined || input.maxResults === 0 ? 100 : input.maxResults;
    return {
      result: diagnostics.some(({ severity }) => severity === 'ERROR') ? 'FAIL' : 'OK',
      diagnostics: diagnostics.slice(0, most).map((each) => ({ ...each })),
      truncated: diagnostics.length > most,
    };
  }),
});

const checkDefinition = ({ environment }: StatesWiring, text: string, type: MachineType): void => {
  const { diagnostics } = validateDefinition(text, type, environment.api);
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  if (errors.length === 0) return;
  const told = errors.map(diagnosticText).join(', ');
  throw new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${told}'`, 400);
};

const sameSettings = (a: Revision, b: Revision): boolean =>
  a.definition === b.definition &&
  a.roleArn === b.roleArn &&
  a.isTraced === b.isTraced &&
  JSON.stringify(a.logging) === JSON.stringify(b.logging);

const checkRole = (roleArn: string | undefined): void => {
  if (roleArn === undefined || !/^arn:[a-z-]+:iam::\d{12}:role\/.+$/.test(roleArn)) {
    throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid Role Arn: ${roleArn ?? ''}'`, 400);
  }
};

const create = (
  wiring: StatesWiring,
  input: CreateStateMachineCommandInput,
  context: RequestContext,
): Omit<CreateStateMachineCommandOutput, '$metadata'> => {
  new Constraints()
    .required('name', input.name)
    .required('definition', input.definition)
    .required('roleArn', input.roleArn)
    .oneOf('type', input.type, ['STANDARD', 'EXPRESS'])
    .check();
  const name = input.name as string;
  if (!isName(name)) throw invalidName(name);
  if (input.versionDescription !== undefined && input.publish !== true) {
    throw validation('Version description can only be set when publish is true');
  }
  checkRole(input.roleArn);
  const type = (input.type ?? 'STANDARD') as MachineType;
  checkDefinition(wiring, input.definition as string, type);
  const logging = loggingOf(input.loggingConfiguration, wiring);
  const { environment, machines, desk } = wiring;
  const revision: Revision = {
    revisionId: environment.ids.uuid(),
    definition: input.definition as string,
    roleArn: input.roleArn as string,
    logging,
    isTraced: input.tracingConfiguration?.enabled ?? false,
    isFirst: true,
    at: context.now,
  };
  const arn = machines.arnOf(name, context);
  const existing = machines.machines.get(arn);
  if (existing !== undefined) return again(wiring, existing, revision, type, input);
  const machine: StoredMachine = {
    arn,
    name,
    account: context.account,
    region: context.region,
    type,
    createdAt: context.now,
    revision,
    versions: [],
    versionsEver: 0,
    tags: limitedTags(readLowerCaseTags(input.tags), tooManyTags(arn)),
  };
  desk.revisions.keep(revision);
  machines.machines.put(machine);
  const created = { stateMachineArn: arn, creationDate: new Date(context.now) };
  if (input.publish !== true) return created;
  const { version } = machines.publish(machine, input.versionDescription);
  return { ...created, stateMachineVersionArn: versionArn(machine, version.number) };
};

/** The same request once more has the same answer; another one under the same name is refused. */
const again = (
  { machines }: StatesWiring,
  existing: StoredMachine,
  revision: Revision,
  type: MachineType,
  input: CreateStateMachineCommandInput,
): Omit<CreateStateMachineCommandOutput, '$metadata'> => {
  const isSame = existing.type === type && sameSettings(existing.revision, revision);
  if (!isSame) {
    throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${existing.arn}'`, 400);
  }
  const created = { stateMachineArn: existing.arn, creationDate: new Date(existing.createdAt) };
  if (input.publish !== true) return created;
  const { machine, version } = machines.publish(existing, input.versionDescription);
  return { ...created, stateMachineVersionArn: versionArn(machine, version.number) };
};

const update = (
  wiring: StatesWiring,
  input: UpdateStateMachineCommandInput,
  context: RequestContext,
): Omit<UpdateStateMachineCommandOutput, '$metadata'> => {
  const { environment, machines, desk } = wiring;
  const machine = machines.machine(input.stateMachineArn);
  const { definition, roleArn, loggingConfiguration, tracingConfiguration } = input;
  if ([definition, roleArn, loggingConfiguration, tracingConfiguration].every((each) => each === undefined)) {
    throw new ServiceError(
      'MissingRequiredParameter',
      'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
      400,
    );
  }
  if (input.versionDescription !== undefined && input.publish !== true) {
    throw validation('Version description can only be set when publish is true');
  }
  if (roleArn !== undefined) checkRole(roleArn);
  if (definition !== undefined) checkDefinition(wiring, definition, machine.type);
  const before = machine.revision;
  const revision: Revision = {
    revisionId: environment.ids.uuid(),
    definition: definition ?? before.definition,
    roleArn: roleArn ?? before.roleArn,
    logging: loggingConfiguration === undefined ? before.logging : loggingOf(loggingConfiguration, wiring),
    isTraced: tracingConfiguration === undefined ? before.isTraced : (tracingConfiguration.enabled ?? false),
    isFirst: false,
    at: context.now,
  };
  const latest = machine.versions.at(-1);
  const isRenamed = latest?.revisionId === before.revisionId && latest.description !== input.versionDescription;
  // A version with a description of its own is a revision of its own.
  const isSame = sameSettings(before, revision) && !(input.versionDescription !== undefined && isRenamed);
  const current = isSame ? machine : { ...machine, revision };
  if (!isSame) {
    desk.revisions.keep(revision);
    machines.machines.put(current);
  }
  const updated = {
    updateDate: new Date(context.now),
    ...(current.revision.isFirst ? {} : { revisionId: current.revision.revisionId }),
  };
  if (input.publish !== true) return updated;
  const published = machines.publish(current, input.versionDescription);
  return {
    ...updated,
    stateMachineVersionArn: versionArn(published.machine, published.version.number),
  };
};

const remove = ({ machines, desk }: StatesWiring, machine: StoredMachine): void => {
  machines.machines.delete(machine.arn);
  for (const alias of machines.aliasesOf(machine.arn)) machines.aliases.delete(alias.arn);
  // What is under way ends; what has ended can still be asked for until its time is over.
  for (const record of [...desk.executions.of(machine.arn)]) {
    if (record.status === 'RUNNING') desk.stop(record, undefined, undefined);
  }
};

const describe = (
  { machines }: StatesWiring,
  input: DescribeStateMachineCommandInput,
): Omit<DescribeStateMachineCommandOutput, '$metadata'> => {
  const arn = input.stateMachineArn ?? '';
  const { machine, revision, versionArn: isVersion } = machines.resolve(arn);
  const version = machine.versions.find(({ number }) => versionArn(machine, number) === arn);
  const references = variableReferences(revision.definition);
  return {
    stateMachineArn: isVersion ?? machine.arn,
    name: machine.name,
    status: 'ACTIVE',
    ...(input.includedData === 'METADATA_ONLY' ? { definition: '{}' } : { definition: revision.definition }),
    roleArn: revision.roleArn,
    type: machine.type,
    creationDate: new Date(version?.createdAt ?? machine.createdAt),
    loggingConfiguration: describeLogging(revision.logging),
    tracingConfiguration: { enabled: revision.isTraced },
    encryptionConfiguration: OWNED_BY_AWS,
    ...(revision.isFirst ? {} : { revisionId: revision.revisionId }),
    ...(version?.description === undefined ? {} : { description: version.description }),
    ...(Object.keys(references).length === 0 ? {} : { variableReferences: references }),
  };
};

const describeForExecution = (
  { desk }: StatesWiring,
  input: DescribeStateMachineForExecutionCommandInput,
): Omit<DescribeStateMachineForExecutionCommandOutput, '$metadata'> => {
  const arn = input.executionArn ?? '';
  const read = readArn(arn);
  if (read.kind === 'express') throw invalidArn(arn);
  const record = desk.find(arn);
  const revision = desk.revisions.get(record.revisionId);
  const references = variableReferences(revision.definition);
  return {
    stateMachineArn: record.machineArn,
    name: record.machineName,
    definition: input.includedData === 'METADATA_ONLY' ? '{}' : revision.definition,
    roleArn: revision.roleArn,
    updateDate: new Date(revision.at),
    loggingConfiguration: describeLogging(revision.logging),
    tracingConfiguration: { enabled: revision.isTraced },
    encryptionConfiguration: OWNED_BY_AWS,
    ...(revision.isFirst ? {} : { revisionId: revision.revisionId }),
    ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn, label: labelOf(record.mapRunArn) }),
    ...(Object.keys(references).length === 0 ? {} : { variableReferences: references }),
  };
};

const labelOf = (mapRunArn: string): string => /\/([^:]+):/.exec(mapRunArn)?.[1] ?? '';
