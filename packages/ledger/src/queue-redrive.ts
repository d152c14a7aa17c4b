import type { OperationsPorts } from './create-operations.ts';
import { LOOK_MAX_AWS, LOOK_MAX_ENGINE } from './look-max.ts';
import type { RedriveDesk } from './operations.ts';
import { sendToQueues, sentBy } from './queue-sender.ts';
import { JobDesk } from './redrive-desk.ts';
import { SqsQueue } from './sqs-queue.ts';

/** Whom a redrive between queues talks to, and what it may not make up itself. */
export type QueueRedrivePorts = Pick<OperationsPorts, 'target' | 'isEngine' | 'jobs' | 'time' | 'random' | 'newId'>;

/**
 * Redrive from a dead-letter queue into queues, of messages that say themselves what they failed with and where they belong:
 * for a Lambda function, whose role may use these queues and ask nobody else.
 */
export const createQueueRedrive = ({ target, isEngine, ...ports }: QueueRedrivePorts): RedriveDesk => {
  const send = sendToQueues(target);
  return new JobDesk({
    ...ports,
    sender: {
      send: async (delivery) =>
        delivery.kind === 'queue'
          ? sentBy(send, delivery)
          : { taken: false, outcome: 'refused', error: `nobody here sends to a ${delivery.kind}` },
    },
    open: (from) => SqsQueue.openArn(target, from, isEngine),
    fillersOf: async () => [],
    reasonOf: async () => undefined,
    lookMax: isEngine ? LOOK_MAX_ENGINE : LOOK_MAX_AWS,
  });
};
