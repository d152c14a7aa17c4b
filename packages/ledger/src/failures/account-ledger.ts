import { DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { Message } from '@aws-sdk/client-sqs';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { attributesOf } from '../other-letters.ts';
import type { LookedAt } from '../sqs-queue.ts';
import type { Target } from '../target.ts';

/** A ledger that the construct `FailureLedger` made: where its index and its bodies are. */
export interface AccountLedger {
  readonly table: string;
  readonly bucket: string;
  readonly retentionDays: number;
  /** ARNs of the queues that it empties. */
  readonly queues: readonly string[];
}

/** The construct writes the address of each ledger below it. */
const PARAMETERS = '/holdfast/failure-ledgers/';

export const findLedgers = async (target: Target): Promise<readonly AccountLedger[]> => {
  const ledgers: AccountLedger[] = [];
  const pages = paginateGetParametersByPath({ client: new SSMClient(target) }, { Path: PARAMETERS });
  for await (const { Parameters = [] } of pages) {
    for (const { Value = '{}' } of Parameters) ledgers.push(JSON.parse(Value) as AccountLedger);
  }
  return ledgers;
};

/** Something came into a ledger, or is gone from it. */
export interface LedgerChange {
  /** Key of its object. */
  readonly key: string;
  readonly queueArn: string;
  /** Absent for what is gone. */
  readonly message?: LookedAt;
  /** The message has the beginning of its body alone; all of it is in the object. */
  readonly isBodyCut: boolean;
}

const DAY_MS = 86_400_000;

/** An index is a little behind its table, and clocks of functions differ a little: what is read twice does no harm. */
const OVERLAP_MS = 60_000;

/** Reads a ledger's index, and after that what changed in it. */
export class LedgerReader {
  readonly ledger: AccountLedger;
  readonly #dynamodb: DynamoDBClient;
  #readMs: number | undefined;

  constructor(target: Target, ledger: AccountLedger) {
    this.ledger = ledger;
    this.#dynamodb = new DynamoDBClient(target);
  }

  async *changes(nowMs: number): AsyncGenerator<LedgerChange> {
    const { table, retentionDays } = this.ledger;
    const fromMs = this.#readMs === undefined ? nowMs - (retentionDays + 1) * DAY_MS : this.#readMs - OVERLAP_MS;
    const from = new Date(fromMs).toISOString();
    for (let day = from.slice(0, 10); day <= new Date(nowMs).toISOString().slice(0, 10); day = dayAfter(day)) {
      const pages = paginateQuery(
        { client: this.#dynamodb },
        {
          TableName: table,
          IndexName: 'by-change',
          KeyConditionExpression: '#day = :day AND changedAt >= :from',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': { S: day }, ':from': { S: from } },
        },
      );
      for await (const { Items = [] } of pages) for (const item of Items) yield changeOf(item);
    }
    this.#readMs = nowMs;
  }
}

const dayAfter = (day: string): string => new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly BOOL?: boolean }>>;

const changeOf = (item: Item): LedgerChange => {
  const text = (name: string): string => item[name]?.S ?? '';
  const key = text('id');
  const about = { key, queueArn: text('queueArn'), isBodyCut: item['isBodyWhole']?.BOOL === false };
  if (item['goneAt'] !== undefined) return about;
  const message = JSON.parse(text('message')) as Message;
  const expiresAt = new Date(Number(item['expiresAt']?.N ?? 0) * 1_000).toISOString();
  return {
    ...about,
    message: {
      ...message,
      MessageAttributes: attributesOf(message.MessageAttributes),
      MessageId: key,
      Body: text('bodyStart'),
      arrivedAt: text('capturedAt'),
      expiresAt,
    },
  };
};
