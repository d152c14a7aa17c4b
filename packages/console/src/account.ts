import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import {
  paginateGetExecutionHistory,
  paginateListExecutions,
  paginateListStateMachines,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { type Filler, findFillers, type Target } from '@holdfast/ledger';
import type { AlarmRow, ExecutionRow, FunctionRow, HistoryRow, Overview, QueueRow } from './api.ts';

/** Executions of one state machine, and events of one execution, that are shown. */
const EXECUTIONS_MAX = 100;
const EVENTS_MAX = 1_000;

/** Queues whose attributes are asked for at once. */
const TOGETHER = 20;

const FILLERS_AGE_MAX_MS = 10_000;

/** What an account has, seen through AWS's own operations. */
export class Account {
  readonly #sqs: SQSClient;
  readonly #lambda: LambdaClient;
  readonly #cloudwatch: CloudWatchClient;
  readonly #states: SFNClient;
  readonly #target: Target;
  #fillersFound: Promise<readonly Filler[]> = Promise.resolve([]);
  #fillersAt = Number.NEGATIVE_INFINITY;

  constructor(target: Target) {
    this.#target = target;
    this.#sqs = new SQSClient(target);
    this.#lambda = new LambdaClient(target);
    this.#cloudwatch = new CloudWatchClient(target);
    this.#states = new SFNClient(target);
  }

  /** A service that refuses leaves its part out, and is named. */
  async overview(): Promise<Overview> {
    const unasked: string[] = [];
    const of = async <Row>(what: string, rows: Promise<readonly Row[]>): Promise<readonly Row[]> => {
      try {
        return await rows;
      } catch (error) {
        unasked.push(`${what}: ${(error as Error).message}`);
        return [];
      }
    };
    const [queues, functions, alarms] = await Promise.all([
      of('queues', this.#queues()),
      of('functions', this.#functions()),
      of('alarms', this.#alarms()),
    ]);
    return { queues, functions, alarms, unasked };
  }

  /** Youngest first, of all state machines. */
  async executions(): Promise<readonly ExecutionRow[]> {
    const rows: ExecutionRow[] = [];
    for await (const { stateMachines = [] } of paginateListStateMachines({ client: this.#states }, {})) {
      // Express state machines list none.
      const kept = stateMachines.filter(({ type }) => type !== 'EXPRESS');
      for (const { stateMachineArn, name: machine = '' } of kept) {
        const pages = paginateListExecutions({ client: this.#states, pageSize: EXECUTIONS_MAX }, { stateMachineArn });
        const { value } = await pages.next();
        for (const each of value?.executions ?? []) {
          rows.push({
            arn: each.executionArn ?? '',
            name: each.name ?? '',
            machine,
            status: each.status ?? '',
            startedAt: each.startDate?.toISOString() ?? '',
            ...(each.stopDate === undefined ? {} : { stoppedAt: each.stopDate.toISOString() }),
          });
        }
      }
    }
    return rows.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** In the order of time. */
  async history(executionArn: string): Promise<readonly HistoryRow[]> {
    const rows: HistoryRow[] = [];
    for await (const { events = [] } of paginateGetExecutionHistory({ client: this.#states }, { executionArn })) {
      for (const { id = 0, timestamp, type = '', previousEventId: _, ...more } of events) {
        const [details] = Object.values(more);
        rows.push({ id, at: timestamp?.toISOString() ?? '', type, details: details ? JSON.stringify(details) : '' });
      }
      if (rows.length >= EVENTS_MAX) break;
    }
    return rows;
  }

  async #queues(): Promise<readonly QueueRow[]> {
    const urls: string[] = [];
    for await (const { QueueUrls = [] } of paginateListQueues({ client: this.#sqs }, { MaxResults: 1_000 })) {
      urls.push(...QueueUrls);
    }
    const rows: QueueRow[] = [];
    for (let at = 0; at < urls.length; at += TOGETHER) {
      const some = await Promise.all(urls.slice(at, at + TOGETHER).map((url) => this.#queue(url)));
      rows.push(...some.filter((row) => row !== undefined));
    }
    const sinks = new Set(rows.map(({ deadLetterQueue }) => deadLetterQueue));
    for (const { queueArn } of await this.#fillers()) sinks.add(queueArn);
    return rows.map((row) => ({ ...row, isDeadLetterQueue: sinks.has(row.arn) }));
  }

  /** Who puts failures into queues changes with a deployment: it is not asked for at each look. */
  #fillers(): Promise<readonly Filler[]> {
    const nowMs = performance.now();
    if (nowMs - this.#fillersAt >= FILLERS_AGE_MAX_MS) {
      this.#fillersAt = nowMs;
      this.#fillersFound = findFillers(this.#target).then(({ fillers }) => fillers);
    }
    return this.#fillersFound;
  }

  /** `undefined` for one that was deleted since it was listed. */
  async #queue(QueueUrl: string): Promise<QueueRow | undefined> {
    const asked = this.#sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const { Attributes } = await asked.catch((error: Error) => {
      if (error.name === 'QueueDoesNotExist') return { Attributes: undefined };
      throw error;
    });
    if (Attributes === undefined) return undefined;
    const { deadLetterTargetArn } = JSON.parse(Attributes['RedrivePolicy'] ?? '{}') as { deadLetterTargetArn?: string };
    return {
      name: QueueUrl.slice(QueueUrl.lastIndexOf('/') + 1),
      arn: Attributes['QueueArn'] ?? '',
      visible: Number(Attributes['ApproximateNumberOfMessages']),
      inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
      delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed']),
      retentionSeconds: Number(Attributes['MessageRetentionPeriod']),
      isDeadLetterQueue: false,
      ...(deadLetterTargetArn === undefined ? {} : { deadLetterQueue: deadLetterTargetArn }),
    };
  }

  async #functions(): Promise<readonly FunctionRow[]> {
    const rows: FunctionRow[] = [];
    for await (const { Functions = [] } of paginateListFunctions({ client: this.#lambda }, {})) {
      for (const { FunctionName = '', FunctionArn = '', Runtime = '', Version = '' } of Functions) {
        rows.push({ name: FunctionName, arn: FunctionArn, runtime: Runtime, version: Version });
      }
    }
    return rows;
  }

  async #alarms(): Promise<readonly AlarmRow[]> {
    const rows: AlarmRow[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.#cloudwatch }, {})) {
      for (const { AlarmName = '', StateValue = '', StateReason = '' } of MetricAlarms) {
        rows.push({ name: AlarmName, state: StateValue, reason: StateReason });
      }
    }
    return rows;
  }
}
