import { ListBucketsCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { paginateListStateMachines, SFNClient } from '@aws-sdk/client-sfn';
import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { type Filler, findFillers } from '../fillers.ts';
import type { Target } from '../target.ts';
import { type AccountLedger, findLedgers } from './account-ledger.ts';

/** Everywhere failures lie. */
export interface FailurePlaces {
  /** By the queue's ARN: who fills it, besides redrive policies. */
  readonly queues: ReadonlyMap<string, { readonly url: string; readonly fillers: readonly Filler[] }>;
  /** ARNs. */
  readonly stateMachines: readonly string[];
  /** Names of buckets with archived dead letters. */
  readonly buckets: readonly string[];
  /** Ledgers of the account, which empty queues of theirs. */
  readonly ledgers: readonly AccountLedger[];
  /** Services that could not be asked, and why, in words. */
  readonly unasked: readonly string[];
}

/** Where recoveries archive what they gave up. */
export const ARCHIVE_PREFIX = 'dead-letters/';

const urlsOf = async (sqs: SQSClient): Promise<readonly string[]> => {
  const urls: string[] = [];
  for await (const page of paginateListQueues({ client: sqs }, { MaxResults: 1_000 }))
    urls.push(...(page.QueueUrls ?? []));
  return urls;
};

/** `undefined` for a queue that was deleted since it was listed. */
const attributesOf = async (sqs: SQSClient, QueueUrl: string) => {
  try {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn', 'RedrivePolicy'] });
    return (await sqs.send(command)).Attributes ?? {};
  } catch (error) {
    if ((error as Error).name === 'QueueDoesNotExist') return undefined;
    throw error;
  }
};

/** Queues that something fills with failures: a redrive policy of another queue, or a service. */
const findQueues = async (target: Target, fillers: readonly Filler[]): Promise<FailurePlaces['queues']> => {
  const sqs = new SQSClient(target);
  const urls = new Map<string, string>();
  const filled = new Map<string, Filler[]>();
  for (const filler of fillers) filled.set(filler.queueArn, [...(filled.get(filler.queueArn) ?? []), filler]);
  for (const url of await urlsOf(sqs)) {
    const Attributes = await attributesOf(sqs, url);
    if (Attributes === undefined) continue;
    urls.set(Attributes['QueueArn'] ?? '', url);
    const { deadLetterTargetArn } = JSON.parse(Attributes['RedrivePolicy'] ?? '{}') as { deadLetterTargetArn?: string };
    if (deadLetterTargetArn !== undefined && !filled.has(deadLetterTargetArn)) filled.set(deadLetterTargetArn, []);
  }
  return new Map(
    [...filled].flatMap(([arn, by]) => {
      const url = urls.get(arn);
      return url === undefined ? [] : [[arn, { url, fillers: by }] as const];
    }),
  );
};

const findStateMachines = async (target: Target): Promise<readonly string[]> => {
  const arns: string[] = [];
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: new SFNClient(target) }, {})) {
    // Executions of express ones are only in their logs.
    arns.push(
      ...stateMachines.flatMap(({ type, stateMachineArn = '' }) => (type === 'EXPRESS' ? [] : stateMachineArn)),
    );
  }
  return arns;
};

const findBuckets = async (target: Target): Promise<readonly string[]> => {
  const s3 = new S3Client({ ...target, forcePathStyle: target.endpoint !== undefined });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const found: string[] = [];
  for (const { Name = '' } of Buckets) {
    const pages = paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket: Name, Prefix: ARCHIVE_PREFIX });
    const { value } = await pages.next();
    if ((value?.KeyCount ?? 0) > 0) found.push(Name);
  }
  return found;
};

const NOWHERE: FailurePlaces = { queues: new Map(), stateMachines: [], buckets: [], ledgers: [], unasked: [] };

/**
 * Asks every service where failures lie; one that may not be asked is named and the others go on.
 *
 * @param before - places of a service that does not answer today are those of the time before: its failures are not gone
 */
export const findPlaces = async (target: Target, before = NOWHERE): Promise<FailurePlaces> => {
  const { fillers, unasked } = await findFillers(target);
  const named: string[] = [...unasked];
  const orNamed = async <Value>(service: string, asked: Promise<Value>, otherwise: Value): Promise<Value> => {
    try {
      return await asked;
    } catch (error) {
      named.push(`${service} (${(error as Error).name}: ${(error as Error).message})`);
      return otherwise;
    }
  };
  const [queues, stateMachines, buckets, ledgers] = await Promise.all([
    orNamed('SQS', findQueues(target, fillers), before.queues),
    orNamed('Step Functions', findStateMachines(target), before.stateMachines),
    orNamed('S3', findBuckets(target), before.buckets),
    orNamed('Systems Manager', findLedgers(target), before.ledgers),
  ]);
  // Who could not be asked may be the only one who fills a queue: one that is gone is found out when it is opened.
  const known = unasked.length === 0 ? queues : new Map([...before.queues, ...queues]);
  const isOfLedger = (bucket: string): boolean => ledgers.some((ledger) => ledger.bucket === bucket);
  return {
    queues: known,
    stateMachines,
    buckets: buckets.filter((name) => !isOfLedger(name)),
    ledgers,
    unasked: named,
  };
};
