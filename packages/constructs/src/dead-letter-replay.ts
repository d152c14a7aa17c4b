import { Duration } from 'aws-cdk-lib';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { KEY_ACTIONS, keyArns } from './failing-function.ts';
import { ownHandler } from './own-handler.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { checkDuration, checkWhole, warn } from './prop-rules.ts';

/** What a {@link DeadLetterReplay} is made from. */
export interface DeadLetterReplayProps {
  /** Name of the function. */
  readonly functionName: string;
  /** Where messages are sent again. */
  readonly queue: sqs.IQueue;
  /**
   * Replays of one message before it is given up, 1 to 15: Lambda stops longer loops.
   * @default 3
   */
  readonly maxAttempts?: number;
  /**
   * Delay of the first replay; each further one doubles it, with jitter.
   * @default Duration.seconds(2)
   */
  readonly baseDelay?: Duration;
  /**
   * Up to the 15 minutes that SQS delays a message.
   * @default Duration.minutes(15)
   */
  readonly maxDelay?: Duration;
  /**
   * Message attributes without which a message will never be good: it is given up without a replay.
   * @default - none
   */
  readonly requiredAttributes?: readonly string[];
  /** @default Duration.seconds(10) */
  readonly timeout?: Duration;
}

/** What a {@link DeadLetterReplay} gets when its props leave it out. */
export const DEAD_LETTER_REPLAY_DEFAULTS = {
  maxAttempts: 3,
  baseDelay: Duration.seconds(2),
  maxDelay: Duration.minutes(15),
  timeout: Duration.seconds(10),
} as const;

/**
 * A function that sends the messages of a retry queue into the queue where they came from, after a delay with backoff
 * and jitter. Attempts are counted in the message; it keeps group, trace, all attributes and the time of its first
 * sending. What was replayed often enough, or can never be good, fails, and its queue's redrive policy puts it aside.
 *
 * Its mapping must have `ReportBatchItemFailures`, as a tier of {@link ReliableQueue} has.
 */
export class DeadLetterReplay extends Construct {
  readonly function: PipelineFunction;

  /** @throws InvalidPropError naming field, value and rule */
  constructor(scope: Construct, id: string, props: DeadLetterReplayProps) {
    super(scope, id);
    const { queue, requiredAttributes = [] } = props;
    const maxAttempts = props.maxAttempts ?? DEAD_LETTER_REPLAY_DEFAULTS.maxAttempts;
    const baseDelay = props.baseDelay ?? DEAD_LETTER_REPLAY_DEFAULTS.baseDelay;
    const maxDelay = props.maxDelay ?? DEAD_LETTER_REPLAY_DEFAULTS.maxDelay;
    checkWhole('maxAttempts', maxAttempts, 1, 15, ': Lambda stops what goes round more often');
    checkDuration('baseDelay', baseDelay, Duration.millis(1), maxDelay);
    checkDuration('maxDelay', maxDelay, Duration.seconds(1), Duration.minutes(15), ': SQS delays no message longer');
    if (queue.fifo) {
      warn(this, [
        {
          id: 'fifo',
          message: 'queue: FIFO queues delay no single message: each replay comes at once, and its group waits with it',
        },
      ]);
    }
    this.function = new PipelineFunction(this, 'Replay', {
      functionName: props.functionName,
      entry: ownHandler('dead-letter-replay'),
      description: 'Sends failed messages again, with backoff',
      timeout: props.timeout ?? DEAD_LETTER_REPLAY_DEFAULTS.timeout,
      environment: {
        QUEUE_URL: queue.queueUrl,
        MAX_ATTEMPTS: String(maxAttempts),
        BASE_DELAY_SECONDS: String(baseDelay.toMilliseconds() / 1_000),
        MAX_DELAY_SECONDS: String(maxDelay.toSeconds()),
        ...(requiredAttributes.length === 0 ? {} : { REQUIRED_ATTRIBUTES: requiredAttributes.join(',') }),
      },
    });
    this.function.allow('SendAgain', ['sqs:SendMessage'], [queue.queueArn]);
    const keys = keyArns(queue.encryptionMasterKey);
    if (keys.length > 0) this.function.allow('UseKey', KEY_ACTIONS, keys);
  }
}
