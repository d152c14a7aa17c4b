import { type PipelineFunction, QueueConsumer } from '@holdfast/constructs';
import { Annotations, Duration } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { IngestionParts } from './ingestion-parts.ts';

export interface IngestionRedriveProps {
  readonly parts: IngestionParts;
  /** Where messages go back to. */
  readonly queue: sqs.IQueue;
  readonly deadLetters: sqs.IQueue;
}

/** Of the function that works on a job: a longer job goes on in the next invocation. */
const RUN_TIMEOUT = Duration.minutes(5);

/** A message whose function died comes back after that; only one at a time works on a job, so nothing overlaps. */
const RUN_VISIBILITY = Duration.minutes(6);

/** So often a job is taken up again although all its invocations died; afterwards somebody has to look. */
const RUN_RECEIVES_MAX = 10;

/**
 * Brings dead letters back: the API makes jobs in a table, a queue calls for work on them, a function does it.
 *
 * The dead-letter queue itself has no redrive policy, so that a receive, which is how AWS lets anybody look, is no step
 * towards an end.
 */
export class IngestionRedrive extends Construct {
  readonly routes: Readonly<Record<string, PipelineFunction>>;
  /** Calls that nobody could answer. */
  readonly stuck: sqs.Queue;

  constructor(scope: Construct, id: string, { parts, queue, deadLetters }: IngestionRedriveProps) {
    super(scope, id);
    const jobs = parts.table(this, 'Jobs', 'redrives', { partition: 'pk', sort: 'sk' });
    this.stuck = parts.queue(this, 'Stuck', 'redrive-dlq', {
      retentionPeriod: Duration.days(14),
    });
    const calls = parts.queue(this, 'Calls', 'redrive', {
      visibilityTimeout: RUN_VISIBILITY,
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: this.stuck, maxReceiveCount: RUN_RECEIVES_MAX },
    });
    const environment = {
      REDRIVE_TABLE: jobs.tableName,
      REDRIVE_QUEUE_URL: calls.queueUrl,
      DEAD_LETTER_QUEUE_ARN: deadLetters.queueArn,
    };
    const look = ['sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'];
    const keep = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];

    const api = parts.function(this, 'Api', {
      name: 'redrive',
      description: 'Previews, begins, pauses, resumes and cancels redrives',
      environment,
      // HTTP APIs wait for thirty seconds; a preview on AWS is made of receives.
      timeout: Duration.seconds(29),
    });
    api.allow('Look', look, [deadLetters.queueArn]);
    api.allow('Keep', keep, [jobs.tableArn]);
    api.allow('Call', ['sqs:SendMessage'], [calls.queueArn]);

    const run = parts.function(this, 'Run', {
      name: 'redrive-run',
      handlerExport: 'redriveRun',
      description: 'Sends dead letters back, confirms and deletes them',
      environment,
      timeout: RUN_TIMEOUT,
    });
    run.allow('Take', [...look, 'sqs:DeleteMessage'], [deadLetters.queueArn]);
    run.allow('SendBack', ['sqs:GetQueueUrl', 'sqs:SendMessage'], [queue.queueArn]);
    run.allow('Keep', keep, [jobs.tableArn]);
    run.allow('CallAgain', ['sqs:SendMessage'], [calls.queueArn]);
    const consumer = new QueueConsumer(this, 'Consumer', {
      queue: calls,
      function: run.function,
      batchSize: 1,
      maxConcurrency: 2,
    });
    // A job whose function died is to go on soon.
    Annotations.of(consumer).acknowledgeWarning(
      '@holdfast/constructs:visibilityTimeout',
      'A call that comes twice finds the lease of the first.',
    );

    this.routes = {
      'GET /redrive/preview': api,
      'POST /redrive/start': api,
      'GET /redrive/{id}': api,
      'GET /redrive/{id}/audit': api,
      'POST /redrive/{id}/pause': api,
      'POST /redrive/{id}/resume': api,
      'POST /redrive/{id}/cancel': api,
    };
  }
}
