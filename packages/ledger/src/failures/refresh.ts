import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { bucketArn } from '@holdfast/aws-model';
import { type FingerprintOf, rememberedFingerprints } from '../fingerprints/remembered.ts';
import type { FingerprintRule } from '../fingerprints/rules.ts';
import { archivedMessage, executionMessage, failedExecutions } from '../other-letters.ts';
import type { Reasons } from '../reasons/reasons.ts';
import { type LookedAt, SqsQueue } from '../sqs-queue.ts';
import type { Target } from '../target.ts';
import { type AccountLedger, LedgerReader } from './account-ledger.ts';
import { describeLetter } from './describe-letter.ts';
import type { FailureIndex } from './failure-index.ts';
import { ARCHIVE_PREFIX, type FailurePlaces, findPlaces } from './failure-places.ts';
import type { Refresh } from './ledger-desk.ts';
import { QueueLetters } from './queue-letters.ts';

export interface RefreshPorts {
  readonly target: Target;
  readonly isEngine: boolean;
  readonly reasons: Reasons;
  readonly rules: readonly FingerprintRule[];
  /** The present of whom we talk to, in epoch milliseconds. */
  readonly now: () => number;
  /** Of this machine, in milliseconds: how old a list of places may be has nothing to do with time in the engine. */
  readonly monotonicMs: () => number;
}

/** Who fills which queue changes with a deployment, not with a failure. */
const PLACES_AGE_MAX_MS = 10_000;

/** On AWS each look is a receive: seldom. */
const LOOK_EVERY_MS_AWS = 60_000;

/** Queues whose attributes are asked for at once. */
const TOGETHER = 20;

/** Brings the ledger up to date with queues, executions and archives. An engine shows them without a receive. */
export class PlacesRefresh {
  readonly #ports: RefreshPorts;
  readonly #fingerprintOf: FingerprintOf;
  readonly #queues = new Map<string, QueueLetters>();
  readonly #ledgers = new Map<string, { readonly reader: LedgerReader; readonly keys: Set<string> }>();
  readonly #others = new Map<string, ReadonlySet<string>>();
  #places: FailurePlaces | undefined;
  #unasked: readonly string[] = [];
  #placesAt = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: RefreshPorts) {
    this.#ports = ports;
    this.#fingerprintOf = rememberedFingerprints(ports.rules);
  }

  readonly refresh: Refresh = async (index, tell) => {
    const { target, isEngine, monotonicMs } = this.#ports;
    const nowMs = monotonicMs();
    if (!isEngine && nowMs - this.#lookedAt < LOOK_EVERY_MS_AWS) return this.#unasked;
    this.#lookedAt = nowMs;
    if (this.#places === undefined || nowMs - this.#placesAt >= PLACES_AGE_MAX_MS) {
      this.#places = await findPlaces(target, this.#places);
      this.#placesAt = nowMs;
    }
    const { queues, stateMachines, buckets, ledgers, unasked } = this.#places;
    for (const arn of this.#queues.keys()) if (!queues.has(arn)) this.#forget(index, arn);
    const captured = new Set(ledgers.flatMap((ledger) => ledger.queues));
    // What a ledger takes out of a queue is in the ledger: a receive would only come in between.
    const { opened, refused } = await this.#open(
      index,
      [...queues].filter(([arn]) => isEngine || !captured.has(arn)),
    );
    /** What may not be read is named, and the others go on; that nobody answers is no such thing. */
    const read = async (what: string, work: Promise<void>): Promise<void> => {
      try {
        await work;
      } catch (error) {
        if (!(error instanceof Error && '$metadata' in error)) throw error;
        refused.push(`${what} (${error.name}: ${error.message})`);
      }
    };
    await this.#read(index, opened, tell, read);
    for (const ledger of ledgers) await read(`ledger ${ledger.table}`, this.#ledger(index, ledger));
    // A bucket whose last dead letter was brought back is no place of failures any more.
    const others = new Set([...stateMachines, ...buckets]);
    for (const place of this.#others.keys()) if (!others.has(place)) this.#left(index, place, new Set());
    for (const arn of stateMachines) await read(arn, this.#executions(index, arn));
    for (const bucket of buckets) await read(`s3://${bucket}`, this.#archive(index, bucket));
    this.#unasked = [...unasked, ...refused];
    return this.#unasked;
  };

  /** A queue that is gone is forgotten, one that may not be asked is named, and the others go on. */
  async #open(index: FailureIndex, queues: readonly (readonly [string, { readonly url: string }])[]) {
    const { target, isEngine } = this.#ports;
    const opened: SqsQueue[] = [];
    const refused: string[] = [];
    for (let at = 0; at < queues.length; at += TOGETHER) {
      await Promise.all(
        queues.slice(at, at + TOGETHER).map(async ([arn, { url }]) => {
          try {
            opened.push(await SqsQueue.open(target, url, isEngine));
          } catch (error) {
            const { name, message } = error as Error;
            if (name === 'QueueDoesNotExist') this.#forget(index, arn);
            else refused.push(`${arn} (${name}: ${message})`);
          }
        }),
      );
    }
    return { opened, refused };
  }

  /** The shortest first: what lies in a long one keeps nobody waiting. */
  async #read(
    index: FailureIndex,
    opened: readonly SqsQueue[],
    tell: Parameters<Refresh>[1],
    orNamed: (what: string, work: Promise<void>) => Promise<void>,
  ): Promise<void> {
    const letters = opened.map((queue) => {
      const known = this.#queues.get(queue.arn) ?? new QueueLetters(queue.arn, this.#letterPorts());
      this.#queues.set(queue.arn, known);
      return { queue, known };
    });
    const told = (): void =>
      tell(letters.map(({ queue: { arn, depth }, known }) => ({ arn, read: Math.min(known.size, depth), of: depth })));
    told();
    for (const { queue, known } of letters.toSorted((a, b) => a.queue.depth - b.queue.depth)) {
      const fillers = this.#places?.queues.get(queue.arn)?.fillers ?? [];
      await orNamed(queue.arn, known.refresh(index, queue, fillers, told));
    }
  }

  #letterPorts() {
    const { target, isEngine, reasons } = this.#ports;
    return { target, isEngine, reasons, fingerprintOf: this.#fingerprintOf };
  }

  #forget(index: FailureIndex, arn: string): void {
    this.#queues.get(arn)?.forget(index);
    this.#queues.delete(arn);
  }

  /** Executions that ended badly, but for those that a redrive has started again. */
  async #executions(index: FailureIndex, stateMachineArn: string): Promise<void> {
    const client = new SFNClient(this.#ports.target);
    const before = this.#others.get(stateMachineArn) ?? new Set();
    const there = new Set<string>();
    for (const [executionArn, name] of await failedExecutions(client, stateMachineArn)) {
      there.add(name);
      if (before.has(name)) continue;
      const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
      this.#add(index, executionMessage(execution, stateMachineArn), { kind: 'execution', arn: executionArn });
    }
    this.#left(index, stateMachineArn, there);
  }

  async #archive(index: FailureIndex, bucket: string): Promise<void> {
    const { target } = this.#ports;
    const client = new S3Client({ ...target, forcePathStyle: target.endpoint !== undefined });
    const before = this.#others.get(bucket) ?? new Set();
    const there = new Set<string>();
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: ARCHIVE_PREFIX },
    )) {
      for (const { Key = '', LastModified } of Contents) {
        there.add(Key);
        if (before.has(Key)) continue;
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
        const message = archivedMessage(Key, (await Body?.transformToString()) ?? '', LastModified);
        this.#add(index, message, { kind: 'object', bucket, key: Key });
      }
    }
    this.#left(index, bucket, there);
  }

  async #ledger(index: FailureIndex, ledger: AccountLedger): Promise<void> {
    const { target, reasons, now } = this.#ports;
    const known = this.#ledgers.get(ledger.table) ?? { reader: new LedgerReader(target, ledger), keys: new Set() };
    this.#ledgers.set(ledger.table, known);
    for await (const { key, queueArn, message, isBodyCut } of known.reader.changes(now())) {
      if (message === undefined) {
        known.keys.delete(key);
        index.delete(key);
        continue;
      }
      if (known.keys.has(key)) continue;
      const fillers = this.#places?.queues.get(queueArn)?.fillers ?? [];
      const reason = await reasons.of(message, fillers);
      known.keys.add(key);
      const place = { kind: 'object', bucket: ledger.bucket, key, queueArn } as const;
      const described = describeLetter(message, place, { fillers, fingerprintOf: this.#fingerprintOf, reason });
      index.add(isBodyCut ? { ...described, isBodyCut: true } : described);
    }
  }

  #add(
    index: FailureIndex,
    message: LookedAt,
    place: { kind: 'execution'; arn: string } | { kind: 'object'; bucket: string; key: string },
  ): void {
    const described = describeLetter(message, place, { fillers: [], fingerprintOf: this.#fingerprintOf });
    const isArchived = place.kind === 'object' && described.source.kind === 'unknown';
    index.add(
      isArchived
        ? { ...described, source: { kind: 'archive', arn: bucketArn(place.bucket), name: place.bucket } }
        : described,
    );
  }

  #left(index: FailureIndex, place: string, there: ReadonlySet<string>): void {
    for (const id of this.#others.get(place) ?? []) if (!there.has(id)) index.delete(id);
    this.#others.set(place, there);
  }
}
