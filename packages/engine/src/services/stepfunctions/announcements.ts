import { utf8Length } from '@holdfast/kernel';
import type { ServiceEnvironment } from '../../core/index.ts';
import { redriveStatus } from './redrive-status.ts';
import type { StoredExecution } from './running/execution.ts';

const PAYLOAD_BYTES_MAX = 248 * 1_024;

const METRICS = {
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
} as const;

/**
 * Tells CloudWatch and EventBridge that an execution has begun or ended.
 *
 * https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html and eventbridge-integration.html
 */
export const announce = (
  environment: ServiceEnvironment,
  record: StoredExecution,
  input: string,
  output: string | undefined,
): void => {
  if (record.mapRunArn === undefined) measure(environment, record);
  if (record.type === 'STANDARD') sendStatus(environment, record, input, output);
};

const measure = (environment: ServiceEnvironment, record: StoredExecution): void => {
  const { account, region, status } = record;
  const point = (name: string, value: number, unit: string): void =>
    environment.metrics.record({
      account,
      region,
      namespace: 'AWS/States',
      name,
      dimensions: { StateMachineArn: record.machineArn },
      value,
      unit,
      at: environment.clock.now(),
    });
  if (status === 'RUNNING') {
    point('ExecutionsStarted', 1, 'Count');
    return;
  }
  if (status === 'PENDING_REDRIVE') return;
  point(METRICS[status], 1, 'Count');
  point('ExecutionTime', (record.stoppedAt ?? 0) - record.startedAt, 'Milliseconds');
};

const sendStatus = (
  environment: ServiceEnvironment,
  record: StoredExecution,
  input: string,
  output: string | undefined,
): void => {
  const included = (text: string | undefined) => text !== undefined && utf8Length(text) <= PAYLOAD_BYTES_MAX;
  const { account, region } = record;
  const redrive = redriveStatus(record, environment.clock.now());
  environment.deliver.to(
    'bus',
    'default',
    {
      source: 'aws.states',
      detailType: 'Step Functions Execution Status Change',
      detail: {
        executionArn: record.arn,
        stateMachineArn: record.machineArn,
        name: record.name,
        status: record.status,
        startDate: record.startedAt,
        stopDate: record.stoppedAt ?? null,
        input: included(input) ? input : null,
        output: included(output) ? output : null,
        stateMachineVersionArn: record.versionArn ?? null,
        stateMachineAliasArn: record.aliasArn ?? null,
        redriveCount: record.redriveCount,
        redriveDate: record.redrivenAt ?? null,
        redriveStatus: redrive.status,
        redriveStatusReason: redrive.reason ?? null,
        inputDetails: { included: included(input) },
        outputDetails: output === undefined ? null : { included: included(output) },
        error: record.error ?? null,
        cause: record.cause ?? null,
      },
      resources: [record.arn],
      account,
      region,
    },
    { principal: 'states.amazonaws.com' },
  );
};
