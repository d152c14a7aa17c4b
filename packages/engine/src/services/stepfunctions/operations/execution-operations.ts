import type * as Sdk from '@aws-sdk/client-sfn';
import type {
  DescribeExecutionCommandOutput,
  GetExecutionHistoryCommandInput,
  GetExecutionHistoryCommandOutput,
  HistoryEvent,
  ListExecutionsCommandInput,
  ListExecutionsCommandOutput,
  StartExecutionCommandInput,
  StartSyncExecutionCommandInput,
  StartSyncExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import { Constraints, type Operations, operation, type RequestContext, ServiceError } from '../../../core/index.ts';
import { isName, readArn } from '../arns.ts';
import { invalidArn, invalidName, validation, wrongType } from '../errors.ts';
import { checkInput } from '../execution-input.ts';
import type { Resolved } from '../machine-registry.ts';
import { redriveStatus } from '../redrive-status.ts';
import { detailsMember } from '../running/event-details.ts';
import type { StoredEvent, StoredExecution } from '../running/execution.ts';
import type { EndedExecution } from '../start.ts';
import { testState } from '../test-state/test-state.ts';
import type { StatesWiring } from '../wiring.ts';
import { takePage } from './paging.ts';

const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'];

export const executionOperations = (wiring: StatesWiring): Operations<typeof Sdk> => {
  const { desk } = wiring;
  return {
    StartExecution: operation(['stateMachineArn', 'name', 'input', 'traceHeader'], (input, context) => {
      const record = startExecution(wiring, input, context);
      return { executionArn: record.arn, startDate: new Date(record.startedAt) };
    }),
    StartSyncExecution: operation(
      ['stateMachineArn', 'name', 'input', 'traceHeader', 'includedData'],
      (input, context) => startSync(wiring, input, context),
    ),
    StopExecution: operation(['executionArn', 'error', 'cause'], (input, context) => {
      const record = findStandard(wiring, input.executionArn);
      new Constraints().length('error', input.error, 0, 256).length('cause', input.cause, 0, 32_768).check();
      desk.stop(record, input.error, input.cause);
      return { stopDate: new Date(record.stoppedAt ?? context.now) };
    }),
    DescribeExecution: operation(['executionArn', 'includedData'], (input, context) =>
      describe(wiring, findStandard(wiring, input.executionArn), input.includedData === 'METADATA_ONLY', context.now),
    ),
    ListExecutions: operation(
      ['stateMachineArn', 'statusFilter', 'maxResults', 'nextToken', 'mapRunArn', 'redriveFilter'],
      (input) => list(wiring, input),
    ),
    GetExecutionHistory: operation(
      ['executionArn', 'maxResults', 'reverseOrder', 'nextToken', 'includeExecutionData'],
      (input) => history(wiring, input),
    ),
    TestState: operation(
      [
        'definition',
        'roleArn',
        'input',
        'inspectionLevel',
        'revealSecrets',
        'variables',
        'stateName',
        'mock',
        'context',
        'stateConfiguration',
      ],
      (input, context) => testState(wiring, input, context),
    ),
    RedriveExecution: operation(['executionArn', 'clientToken'], (input, context) => {
      const record = findStandard(wiring, input.executionArn);
      const { status, reason } = redriveStatus(record, context.now);
      if (status === 'NOT_REDRIVABLE') {
        throw new ServiceError('ExecutionNotRedrivable', `Execution is not redrivable: ${record.arn}, ${reason}`, 400);
      }
      desk.redrive(record);
      return { redriveDate: new Date(record.redrivenAt ?? context.now) };
    }),
  };
};

/** History is kept of standard executions alone. */
const findStandard = ({ desk }: StatesWiring, arn: string | undefined): StoredExecution => {
  const text = arn ?? '';
  const { kind } = readArn(text);
  if (kind === 'express') {
    throw new ServiceError('InvalidArn', "Invalid Arn: 'Resource type not valid in this context: express'", 400);
  }
  if (kind !== 'execution') throw invalidArn(text);
  return desk.find(text);
};

const executionArn = ({ machine }: Resolved, name: string): string =>
  makeArn('states', machine.region, machine.account, `execution:${machine.name}:${name}`);

/** Starts an execution; the same name with the same input again gives the one that is under way. */
export const startExecution = (
  wiring: StatesWiring,
  input: Pick<StartExecutionCommandInput, 'stateMachineArn' | 'name' | 'input' | 'traceHeader'>,
  context: RequestContext,
): StoredExecution => {
  const { machines, desk, environment } = wiring;
  const resolved = machines.resolve(input.stateMachineArn);
  const name = input.name ?? environment.ids.uuid();
  if (!isName(name)) throw invalidName(name);
  const text = input.input ?? '{}';
  checkInput(text);
  const { machine, revision } = resolved;
  const traceHeader = input.traceHeader ?? context.traceHeader;
  const shared = {
    machine,
    revision,
    name,
    input: text,
    traceHeader,
    versionArn: resolved.versionArn,
    aliasArn: resolved.aliasArn,
  };
  if (machine.type === 'EXPRESS') {
    return desk.start({ ...shared, arn: expressArn(wiring, resolved, name), type: 'EXPRESS' });
  }
  const arn = executionArn(resolved, name);
  const existing = desk.executions.get(arn);
  if (existing !== undefined) {
    if (existing.status === 'RUNNING' && desk.executions.inputOf(existing) === text) return existing;
    throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`, 400);
  }
  return desk.start({ ...shared, arn, type: 'STANDARD' });
};

const expressArn = ({ environment }: StatesWiring, { machine }: Resolved, name: string): string =>
  makeArn('states', machine.region, machine.account, `express:${machine.name}:${name}:${environment.ids.uuid()}`);

const startSync = async (
  wiring: StatesWiring,
  input: StartSyncExecutionCommandInput,
  context: RequestContext,
): Promise<Omit<StartSyncExecutionCommandOutput, '$metadata'>> => {
  const { machines, desk, environment } = wiring;
  const resolved = machines.resolve(input.stateMachineArn);
  if (resolved.machine.type !== 'EXPRESS') throw wrongType();
  const name = input.name ?? environment.ids.uuid();
  if (!isName(name)) throw invalidName(name);
  const text = input.input ?? '{}';
  checkInput(text);
  let ended: EndedExecution | undefined;
  const record = desk.start({
    machine: resolved.machine,
    revision: resolved.revision,
    name,
    input: text,
    traceHeader: input.traceHeader ?? context.traceHeader,
    versionArn: resolved.versionArn,
    aliasArn: resolved.aliasArn,
    arn: expressArn(wiring, resolved, name),
    type: 'EXPRESS',
    isSynchronous: true,
    onEnded: (result) => {
      ended = result;
    },
  });
  const { output } = ended ?? (await desk.ending(record));
  const durationMs = (record.stoppedAt ?? record.startedAt) - record.startedAt;
  return {
    executionArn: record.arn,
    stateMachineArn: record.machineArn,
    name,
    startDate: new Date(record.startedAt),
    stopDate: new Date(record.stoppedAt ?? record.startedAt),
    status: record.status as 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT',
    ...(record.error === undefined ? {} : { error: record.error }),
    ...(record.cause === undefined ? {} : { cause: record.cause }),
    input: text,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output }),
    outputDetails: { included: true },
    ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
    billingDetails: {
      billedMemoryUsedInMB: 64,
      billedDurationInMilliseconds: Math.max(100, Math.ceil(durationMs / 100) * 100),
    },
  };
};

const describe = (
  { desk }: StatesWiring,
  record: StoredExecution,
  isMetadataOnly: boolean,
  now: EpochMs,
): Omit<DescribeExecutionCommandOutput, '$metadata'> => {
  const output = desk.executions.outputOf(record);
  const { status, reason } = redriveStatus(record, now);
  return {
    executionArn: record.arn,
    stateMachineArn: record.machineArn,
    ...(record.versionArn === undefined ? {} : { stateMachineVersionArn: record.versionArn }),
    ...(record.aliasArn === undefined ? {} : { stateMachineAliasArn: record.aliasArn }),
    name: record.name,
    status: record.status,
    startDate: new Date(record.startedAt),
    ...(record.stoppedAt === undefined ? {} : { stopDate: new Date(record.stoppedAt) }),
    ...(isMetadataOnly ? {} : { input: desk.executions.inputOf(record) }),
    inputDetails: { included: !isMetadataOnly },
    ...(output === undefined
      ? {}
      : { ...(isMetadataOnly ? {} : { output }), outputDetails: { included: !isMetadataOnly } }),
    ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
    ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn }),
    ...(record.error === undefined ? {} : { error: record.error }),
    ...(record.cause === undefined ? {} : { cause: record.cause }),
    redriveCount: record.redriveCount,
    ...(record.redrivenAt === undefined ? {} : { redriveDate: new Date(record.redrivenAt) }),
    redriveStatus: status,
    ...(reason === undefined ? {} : { redriveStatusReason: reason }),
  };
};

const list = (
  { machines, desk }: StatesWiring,
  input: ListExecutionsCommandInput,
): Omit<ListExecutionsCommandOutput, '$metadata'> => {
  new Constraints().oneOf('statusFilter', input.statusFilter, STATUSES).check();
  const { mapRunArn } = input;
  if ((input.stateMachineArn === undefined) === (mapRunArn === undefined)) {
    throw validation('Must specify either a state machine ARN or a Map Run ARN.');
  }
  let records: StoredExecution[];
  if (mapRunArn !== undefined) records = desk.mapRuns.executionsOf(mapRunArn);
  else {
    const { machine, versionArn, aliasArn } = machines.resolve(input.stateMachineArn);
    if (machine.type === 'EXPRESS') throw wrongType();
    records = [...desk.executions.of(machine.arn)].filter(
      (record) =>
        record.mapRunArn === undefined &&
        (versionArn === undefined || aliasArn !== undefined || record.versionArn === versionArn) &&
        (aliasArn === undefined || record.aliasArn === aliasArn),
    );
  }
  const wanted = records.filter(
    ({ status, redriveCount }) =>
      (input.statusFilter === undefined || status === input.statusFilter) &&
      (input.redriveFilter === undefined || (input.redriveFilter === 'REDRIVEN') === redriveCount > 0),
  );
  const scope = `${input.stateMachineArn ?? mapRunArn}`;
  const { page, nextToken } = takePage(wanted.reverse(), input, { isOfExecutions: true, scope });
  return {
    executions: page.map((record) => ({
      executionArn: record.arn,
      stateMachineArn: record.machineArn,
      name: record.name,
      status: record.status,
      startDate: new Date(record.startedAt),
      ...(record.stoppedAt === undefined ? {} : { stopDate: new Date(record.stoppedAt) }),
      ...(record.versionArn === undefined ? {} : { stateMachineVersionArn: record.versionArn }),
      ...(record.aliasArn === undefined ? {} : { stateMachineAliasArn: record.aliasArn }),
      ...(record.mapRunArn === undefined ? { redriveCount: record.redriveCount } : { mapRunArn: record.mapRunArn }),
      ...(record.mapRunArn === undefined ? {} : { itemCount: 1, redriveCount: record.redriveCount }),
      ...(record.redrivenAt === undefined ? {} : { redriveDate: new Date(record.redrivenAt) }),
    })),
    nextToken,
  };
};

/** Members that `includeExecutionData: false` leaves out. */
const DATA = new Set(['input', 'output', 'parameters', 'assignedVariables']);

const describeEvent = (event: StoredEvent, hasData: boolean): HistoryEvent => {
  const { id, previousEventId, type, at, details } = event;
  const shown =
    hasData || details === undefined
      ? details
      : Object.fromEntries(Object.entries(details).filter(([name]) => !DATA.has(name)));
  return {
    timestamp: new Date(at),
    type: type as HistoryEvent['type'],
    id,
    previousEventId,
    ...(shown === undefined ? {} : { [detailsMember(type)]: shown }),
  };
};

const history = (
  wiring: StatesWiring,
  input: GetExecutionHistoryCommandInput,
): Omit<GetExecutionHistoryCommandOutput, '$metadata'> => {
  const record = findStandard(wiring, input.executionArn);
  const ids = Array.from({ length: record.eventCount }, (_, index) => index + 1);
  if (input.reverseOrder === true) ids.reverse();
  const { page, nextToken } = takePage(ids, input, { scope: record.arn });
  const hasData = input.includeExecutionData !== false;
  const events = page
    .map((id) => wiring.desk.executions.event(record, id))
    .filter((event) => event !== undefined)
    .map((event) => describeEvent(event, hasData));
  return { events, nextToken };
};
