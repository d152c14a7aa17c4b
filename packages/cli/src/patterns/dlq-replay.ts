import { writeFileSync } from 'node:fs';
import {
  InvokeCommand,
  LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { note, print, printJson, table } from '../output.ts';
import type { BatchSizeResult } from './batch-size-result.ts';
import { PatternEngine } from './pattern-engine.ts';

export interface DlqReplayOptions {
  readonly messages: number;
  /** How many of them can never be processed. */
  readonly bad: number;
  readonly seed: number;
  /** Sizes of batches to try with a consumer that fails them as a whole; none skips that part. */
  readonly batchSizes: readonly number[];
  /** Runs of each size, each with the next seed: who shares a batch with a bad one is drawn. */
  readonly seeds: number;
  /** File for the plot of the batch sizes, SVG. */
  readonly chart?: string | undefined;
  readonly json?: true | undefined;
}

/** What has become of a burst. */
interface Outcome {
  readonly processed: number;
  readonly inDlq: number;
  readonly goodInDlq: number;
  /** Receives of what lies in the dead-letter queue. */
  readonly receiveCounts: readonly number[];
}

const CONSUMER = 'queue-consumer';
const DEAD_LETTERS = 'dlq_for_reliable_q';
const STEP_MS = 10 * 60_000;
/** A message is through both queues and three replays long before. */
const PATIENCE_MS = 24 * 3_600_000;

class Run {
  readonly #engine: PatternEngine;
  readonly #lambda: LambdaClient;

  constructor(engine: PatternEngine) {
    this.#engine = engine;
    this.#lambda = new LambdaClient(engine.settings);
  }

  /** Has the consumer fail its batches as a whole, as most do. */
  async failWholeBatches(batchSize: number): Promise<void> {
    // A mapping that has just been made is still being enabled, and refuses changes.
    await this.#engine.local.advance(STEP_MS);
    const pages = paginateListEventSourceMappings({ client: this.#lambda }, { FunctionName: CONSUMER });
    for await (const { EventSourceMappings = [] } of pages) {
      for (const { UUID } of EventSourceMappings) {
        const change = { UUID, BatchSize: batchSize, FunctionResponseTypes: [] };
        await this.#lambda.send(new UpdateEventSourceMappingCommand(change));
      }
    }
    await this.#lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: CONSUMER,
        Environment: { Variables: { WHOLE_BATCH: 'true' } },
      }),
    );
    await this.#engine.local.advance(STEP_MS);
  }

  async burst({ messages, bad, seed }: DlqReplayOptions): Promise<Outcome> {
    const { FunctionError, Payload } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: 'sqs-data-producer', Payload: JSON.stringify({ messages, bad, seed }) }),
    );
    if (FunctionError !== undefined) throw new Error(`the producer failed: ${Payload?.transformToString()}`);
    for (let waited = 0; (await this.#waiting()) > 0; waited += STEP_MS) {
      if (waited > PATIENCE_MS) throw new Error('messages are still on their way after a day');
      await this.#engine.local.advance(STEP_MS);
    }
    const letters = await this.#letters();
    const goodInDlq = letters.filter(({ isBad }) => !isBad).length;
    return {
      processed: messages - letters.length,
      inDlq: letters.length,
      goodInDlq,
      receiveCounts: letters.map(({ receives }) => receives),
    };
  }

  async #waiting(): Promise<number> {
    let all = 0;
    for (const queue of ['reliable_q', 'reliable_q_retry_1']) {
      const { Attributes = {} } = await this.#engine.sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: this.#engine.queueUrl(queue), AttributeNames: ['All'] }),
      );
      for (const [name, value] of Object.entries(Attributes)) {
        if (name.startsWith('ApproximateNumberOfMessages')) all += Number(value);
      }
    }
    return all;
  }

  async #letters(): Promise<readonly { readonly isBad: boolean; readonly receives: number }[]> {
    const letters = await this.#engine.messagesIn(DEAD_LETTERS);
    return letters.map(({ Body = '', Attributes }) => ({
      isBad: (JSON.parse(Body) as { bad_msg?: boolean }).bad_msg === true,
      // This look is a receive, too.
      receives: Number(Attributes?.ApproximateReceiveCount) - 1,
    }));
  }
}

const runOnce = async (options: DlqReplayOptions, wholeBatchOf?: number): Promise<Outcome> => {
  await using engine = await PatternEngine.start('DlqReplay', options.seed);
  const run = new Run(engine);
  if (wholeBatchOf !== undefined) await run.failWholeBatches(wholeBatchOf);
  return await run.burst(options);
};

/** Runs whole batches of each size, once for each seed. */
export const measureBatchSizes = async (options: DlqReplayOptions): Promise<readonly BatchSizeResult[]> => {
  const results: BatchSizeResult[] = [];
  for (const size of options.batchSizes) {
    const goods: number[] = [];
    for (let run = 0; run < options.seeds; run++) {
      goods.push((await runOnce({ ...options, seed: options.seed + run }, size)).goodInDlq);
    }
    const mean = Number((goods.reduce((sum, good) => sum + good, 0) / goods.length).toFixed(1));
    results.push({ size, goodInDlq: mean, min: Math.min(...goods), max: Math.max(...goods) });
    note(`whole batches of ${size}: ${mean} good ones in the dead-letter queue`);
  }
  return results;
};

/** The document's own run: which messages end in the dead-letter queue, and what larger batches do to good ones. */
export const runDlqReplay = async (options: DlqReplayOptions): Promise<ExitCode> => {
  const { messages, bad, seed } = options;
  const startedAt = performance.now();
  note(
    `${messages} messages, ${bad} of them bad, seed ${seed}: the stack DlqReplay and its own handlers, in virtual time`,
  );
  const { processed, inDlq, goodInDlq, receiveCounts } = await runOnce(options);
  note(
    `with partial batch responses: ${processed} processed, ${inDlq} in the dead-letter queue, ${goodInDlq} of them good`,
  );
  const batchSizes = await measureBatchSizes(options);
  if (options.chart !== undefined) {
    // Large, and wanted seldom.
    const { batchSizeChart } = await import('./chart.ts');
    writeFileSync(options.chart, batchSizeChart(batchSizes, messages, bad));
  }
  const wallSeconds = Number(((performance.now() - startedAt) / 1_000).toFixed(1));
  const receives = { min: Math.min(...receiveCounts), max: Math.max(...receiveCounts) };
  if (options.json === true) {
    printJson({
      produced: messages,
      bad,
      processed,
      inDlq,
      goodInDlq,
      ...(inDlq === 0 ? {} : { receiveCounts: receives }),
      batchSizes,
      wallSeconds,
    });
  } else {
    print(
      table(
        ['CONSUMER', 'BATCH', 'PROCESSED', 'IN DLQ', 'GOOD IN DLQ'],
        [
          ['reports item failures', 5, processed, inDlq, goodInDlq],
          ...batchSizes.map(({ size, goodInDlq: good }) => [
            'fails its batch',
            size,
            messages - bad - good,
            bad + good,
            good,
          ]),
        ],
      ),
    );
  }
  return goodInDlq > 0 || inDlq !== bad ? EXIT.findings : EXIT.ok;
};
