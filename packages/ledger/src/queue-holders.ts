import { LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';
import { PipesClient, paginateListPipes } from '@aws-sdk/client-pipes';
import { ListMessageMoveTasksCommand, SQSClient } from '@aws-sdk/client-sqs';
import { lastNameIn } from '@holdfast/aws-model';
import { askServices } from './ask-services.ts';
import type { Target } from './target.ts';

/** Who reads a queue, and may have its messages in flight, in words; and which services could not be asked. */
export interface QueueHolders {
  readonly holders: readonly string[];
  /** Service and error, in words. */
  readonly unasked: readonly string[];
}

interface HolderSource {
  readonly service: string;
  find(target: Target, queueArn: string): AsyncIterable<string>;
}

const lambda: HolderSource = {
  service: 'Lambda',
  async *find(target, EventSourceArn) {
    const client = new LambdaClient(target);
    for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, { EventSourceArn })) {
      for (const { FunctionArn = '', State } of EventSourceMappings) {
        if (State !== 'Disabled') yield `function ${lastNameIn(FunctionArn)} (event source mapping)`;
      }
    }
  },
};

const pipes: HolderSource = {
  service: 'EventBridge Pipes',
  async *find(target, queueArn) {
    const client = new PipesClient(target);
    for await (const { Pipes = [] } of paginateListPipes({ client }, { SourcePrefix: queueArn })) {
      for (const { Name, Source, CurrentState } of Pipes) {
        if (Source === queueArn && CurrentState !== 'STOPPED') yield `pipe ${Name}`;
      }
    }
  },
};

const sqs: HolderSource = {
  service: 'SQS',
  async *find(target, SourceArn) {
    const { Results = [] } = await new SQSClient(target).send(
      new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }),
    );
    for (const { Status, DestinationArn, ApproximateNumberOfMessagesMoved: moved = 0 } of Results) {
      if (Status !== 'RUNNING' && Status !== 'CANCELLING') continue;
      const to = DestinationArn === undefined ? 'where they came from' : lastNameIn(DestinationArn);
      yield `a redrive of SQS to ${to} (${moved} moved)`;
    }
  },
};

const HOLDER_SOURCES: readonly HolderSource[] = [lambda, pipes, sqs];

/**
 * Asks every service who reads a queue: whose messages are in flight SQS tells nobody, but few read a dead-letter queue. One that
 * may not be asked is named and the others go on.
 */
export const queueHolders = async (target: Target, queueArn: string): Promise<QueueHolders> => {
  const { found, unasked } = await askServices(
    HOLDER_SOURCES.map(({ service, find }) => ({ service, find: () => find(target, queueArn) })),
  );
  return { holders: found, unasked };
};
