import { GetQueueAttributesCommand, paginateListQueues, SQSClient } from '@aws-sdk/client-sqs';
import { queueNameOf } from '../failure-queues/find-queues.ts';
import { print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';

interface RedrivePolicy {
  readonly deadLetterTargetArn?: string;
  readonly maxReceiveCount?: number | string;
}

interface ListedQueue {
  readonly name: string;
  readonly url: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  /** Empty for none. */
  readonly deadLetterQueue: string;
  readonly maxReceiveCount: number | undefined;
}

/** Lists all queues, in the order of their names. */
export const listAllQueues = async (target: Target, asJson: boolean): Promise<void> => {
  const client = new SQSClient(target);
  const queues: ListedQueue[] = [];
  for await (const { QueueUrls = [] } of paginateListQueues({ client }, { MaxResults: 1_000 })) {
    for (const url of QueueUrls) {
      const { Attributes = {} } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }),
      );
      const policy = JSON.parse(Attributes['RedrivePolicy'] ?? '{}') as RedrivePolicy;
      queues.push({
        name: queueNameOf(url),
        url,
        visible: Number(Attributes['ApproximateNumberOfMessages']),
        inFlight: Number(Attributes['ApproximateNumberOfMessagesNotVisible']),
        delayed: Number(Attributes['ApproximateNumberOfMessagesDelayed']),
        deadLetterQueue: policy.deadLetterTargetArn === undefined ? '' : queueNameOf(policy.deadLetterTargetArn),
        maxReceiveCount: policy.maxReceiveCount === undefined ? undefined : Number(policy.maxReceiveCount),
      });
    }
  }
  if (asJson) printJson(queues);
  else if (queues.length === 0) print('no queues');
  else {
    print(
      table(
        ['QUEUE', 'VISIBLE', 'IN FLIGHT', 'DELAYED', 'FAILURES GO TO'],
        queues.map(({ name, visible, inFlight, delayed, deadLetterQueue, maxReceiveCount }) => [
          name,
          visible,
          inFlight,
          delayed,
          deadLetterQueue === '' ? '' : `${deadLetterQueue} after ${maxReceiveCount} receives`,
        ]),
      ),
    );
  }
};
