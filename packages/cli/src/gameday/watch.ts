import {
  type AlarmHistoryItem,
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
} from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, GetItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { lookAtFailures } from '../failure-queues/look.ts';
import type { Lab } from './lab.ts';

/** A change of an alarm's state. */
export interface AlarmChange {
  readonly at: string;
  /** Without prefix and environment: `dlq-depth`. */
  readonly alarm: string;
  readonly from: string;
  readonly to: string;
}

/** What became of an event, as the lab's table has it. */
export interface Outcome {
  readonly status: string;
  readonly effects: number;
}

/** What lies in the dead-letter queue. */
export interface Letter {
  readonly eventId: string;
  readonly category: string;
}

/** More than any game day puts aside. */
const LETTERS_MAX = 100_000;

/** What an operator looks at, read by the same calls. */
export class Watch {
  readonly #lab: Lab;
  readonly #cloudWatch: CloudWatchClient;
  readonly #dynamodb: DynamoDBClient;
  readonly #sqs: SQSClient;

  constructor(lab: Lab) {
    this.#lab = lab;
    this.#cloudWatch = new CloudWatchClient(lab.target);
    this.#dynamodb = new DynamoDBClient(lab.target);
    this.#sqs = new SQSClient(lab.target);
  }

  #short(alarmName: string): string {
    return alarmName.slice('ingestion-'.length, -1 - this.#lab.envName.length);
  }

  #isOwn(alarmName: string): boolean {
    return alarmName.startsWith('ingestion-') && alarmName.endsWith(`-${this.#lab.envName}`);
  }

  /** States of the lab's alarms, composites too, by their short names. */
  async alarms(): Promise<ReadonlyMap<string, string>> {
    const states = new Map<string, string>();
    const input = { AlarmNamePrefix: 'ingestion-', AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const] };
    for await (const page of paginateDescribeAlarms({ client: this.#cloudWatch }, input)) {
      for (const { AlarmName = '', StateValue = '' } of [
        ...(page.MetricAlarms ?? []),
        ...(page.CompositeAlarms ?? []),
      ]) {
        if (this.#isOwn(AlarmName)) states.set(this.#short(AlarmName), StateValue);
      }
    }
    return states;
  }

  async alarmChanges(from: number, to: number): Promise<readonly AlarmChange[]> {
    const changes: AlarmChange[] = [];
    const changeOf = ({ Timestamp, AlarmName = '', HistoryData = '{}' }: AlarmHistoryItem): AlarmChange => {
      const { oldState, newState } = JSON.parse(HistoryData) as Record<string, { stateValue?: string } | undefined>;
      return {
        at: (Timestamp ?? new Date(0)).toISOString(),
        alarm: this.#short(AlarmName),
        from: oldState?.stateValue ?? '',
        to: newState?.stateValue ?? '',
      };
    };
    const input = {
      HistoryItemType: 'StateUpdate' as const,
      AlarmTypes: ['MetricAlarm' as const, 'CompositeAlarm' as const],
      StartDate: new Date(from),
      EndDate: new Date(to),
      ScanBy: 'TimestampAscending' as const,
    };
    for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory({ client: this.#cloudWatch }, input)) {
      changes.push(...AlarmHistoryItems.filter(({ AlarmName = '' }) => this.#isOwn(AlarmName)).map(changeOf));
    }
    return changes;
  }

  /** All dead letters. */
  async letters(): Promise<readonly Letter[]> {
    const letters = await lookAtFailures(this.#lab.target, this.#lab.named('events-dlq'), LETTERS_MAX);
    return letters.map(({ body, message }) => ({
      eventId: (JSON.parse(body) as { eventId: string }).eventId,
      category: message.MessageAttributes?.['ErrorCode']?.StringValue ?? 'none given',
    }));
  }

  async #attributesOf(queue: string): Promise<Readonly<Record<string, string>>> {
    const { QueueUrl } = await this.#sqs.send(new GetQueueUrlCommand({ QueueName: this.#lab.named(queue) }));
    const { Attributes = {} } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return Attributes;
  }

  async arnOf(queue: string): Promise<string> {
    return (await this.#attributesOf(queue))['QueueArn'] ?? '';
  }

  /** All that lies in a queue, visible or not. */
  async depth(queue: string): Promise<number> {
    return Object.entries(await this.#attributesOf(queue)).reduce(
      (sum, [name, value]) => (name.startsWith('ApproximateNumberOfMessages') ? sum + Number(value) : sum),
      0,
    );
  }

  /** `closed`, `open` or `half-open`: as the environments of the worker share it. */
  async breaker(): Promise<string> {
    const { Item } = await this.#dynamodb.send(
      new GetItemCommand({
        TableName: this.#lab.named('breakers'),
        Key: { service: { S: 'orders' } },
        ConsistentRead: true,
      }),
    );
    const state = Item?.['breaker']?.S;
    return state === undefined ? 'closed' : (JSON.parse(state) as { phase: string }).phase;
  }

  /** The ledger of effects: what the table says of each event of a run. */
  async outcomes(run: string): Promise<ReadonlyMap<string, Outcome>> {
    const outcomes = new Map<string, Outcome>();
    const input = { TableName: this.#lab.named('events'), ConsistentRead: true };
    for await (const { Items = [] } of paginateScan({ client: this.#dynamodb }, input)) {
      for (const item of Items) {
        const id = item['event_id']?.S ?? '';
        if (!id.startsWith(`${run}-`)) continue;
        outcomes.set(id, { status: item['status']?.S ?? '', effects: Number(item['effects']?.N ?? 0) });
      }
    }
    return outcomes;
  }
}
