import {
  EventBridgeClient,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge';
import {
  LambdaClient,
  paginateListEventSourceMappings,
  paginateListFunctionEventInvokeConfigs,
  paginateListFunctions,
} from '@aws-sdk/client-lambda';
import { DescribePipeCommand, PipesClient, paginateListPipes } from '@aws-sdk/client-pipes';
import { GetScheduleCommand, paginateListSchedules, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetSubscriptionAttributesCommand, paginateListSubscriptions, SNSClient } from '@aws-sdk/client-sns';
import { lastNameIn } from '@holdfast/aws-model';
import { askServices } from './ask-services.ts';
import type { Target } from './target.ts';

/** Something that puts what it could not deliver into a queue. */
export interface Filler {
  readonly queueArn: string;
  /** In words: `function csv-parser (on failure)`. */
  readonly description: string;
  /** What a dead letter in the queue may be brought back to, where the message itself does not say. */
  readonly from?: {
    readonly kind: 'function' | 'subscription' | 'rule';
    readonly arn: string;
    readonly topicArn?: string | undefined;
    readonly protocol?: string | undefined;
    readonly endpoint?: string | undefined;
    /** The rule sends its target something else than the event. */
    readonly transforms?: boolean;
  };
}

/** One service's fillers; the queues' own redrive policies are asked of each queue. */
interface FillerSource {
  readonly service: string;
  find(target: Target): AsyncIterable<Filler>;
}

const nameOf = (arn: string | undefined): string => lastNameIn(arn ?? '');

const filler = (queueArn: string | undefined, description: string, from?: Filler['from']): Filler[] =>
  queueArn === undefined || queueArn === '' ? [] : [{ queueArn, description, ...(from === undefined ? {} : { from }) }];

const lambda: FillerSource = {
  service: 'Lambda',
  async *find(target) {
    const client = new LambdaClient(target);
    for await (const page of paginateListFunctions({ client }, {})) {
      for (const { FunctionName, FunctionArn = '', DeadLetterConfig } of page.Functions ?? []) {
        yield* filler(DeadLetterConfig?.TargetArn, `function ${FunctionName} (dead-letter config)`, {
          kind: 'function',
          arn: FunctionArn,
        });
        for await (const configs of paginateListFunctionEventInvokeConfigs({ client }, { FunctionName })) {
          for (const { DestinationConfig } of configs.FunctionEventInvokeConfigs ?? []) {
            yield* filler(DestinationConfig?.OnFailure?.Destination, `function ${FunctionName} (on failure)`);
          }
        }
      }
    }
    for await (const page of paginateListEventSourceMappings({ client }, {})) {
      for (const { DestinationConfig, EventSourceArn = '', FunctionArn } of page.EventSourceMappings ?? []) {
        const stream = EventSourceArn.split(':').slice(5).join(':');
        yield* filler(
          DestinationConfig?.OnFailure?.Destination,
          `${stream} to function ${nameOf(FunctionArn)} (on failure)`,
        );
      }
    }
  },
};

const sns: FillerSource = {
  service: 'SNS',
  async *find(target) {
    const client = new SNSClient(target);
    for await (const page of paginateListSubscriptions({ client }, {})) {
      for (const { SubscriptionArn = '', TopicArn, Protocol, Endpoint } of page.Subscriptions ?? []) {
        // One that waits for its confirmation has no ARN yet.
        if (!SubscriptionArn.startsWith('arn:')) continue;
        const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
        const policy = JSON.parse(Attributes?.['RedrivePolicy'] ?? '{}') as { deadLetterTargetArn?: string };
        const to = Endpoint?.startsWith('arn:') === true ? nameOf(Endpoint) : Endpoint;
        yield* filler(policy.deadLetterTargetArn, `topic ${nameOf(TopicArn)} to ${Protocol} ${to} (redrive)`, {
          kind: 'subscription',
          arn: SubscriptionArn,
          topicArn: TopicArn,
          protocol: Protocol,
          endpoint: Endpoint,
        });
      }
    }
  },
};

/** EventBridge's lists have no paginators. */
async function* pagesOf<Page extends { readonly NextToken?: string | undefined }>(
  read: (NextToken: string | undefined) => Promise<Page>,
): AsyncIterable<Page> {
  let token: string | undefined;
  do {
    const page = await read(token);
    yield page;
    token = page.NextToken;
  } while (token !== undefined);
}

const events: FillerSource = {
  service: 'EventBridge',
  async *find(target) {
    const client = new EventBridgeClient(target);
    for await (const { EventBuses = [] } of pagesOf((NextToken) =>
      client.send(new ListEventBusesCommand({ NextToken })),
    )) {
      for (const { Name: EventBusName } of EventBuses) {
        const rules = pagesOf((NextToken) => client.send(new ListRulesCommand({ EventBusName, NextToken })));
        for await (const { Rules = [] } of rules) {
          for (const { Name: Rule, Arn: ruleArn = '' } of Rules) {
            const targets = pagesOf((NextToken) =>
              client.send(new ListTargetsByRuleCommand({ EventBusName, Rule, NextToken })),
            );
            for await (const { Targets = [] } of targets) {
              for (const { Arn, DeadLetterConfig, Input, InputPath, InputTransformer } of Targets) {
                yield* filler(
                  DeadLetterConfig?.Arn,
                  `rule ${EventBusName}/${Rule} to ${nameOf(Arn)} (dead-letter queue)`,
                  {
                    kind: 'rule',
                    arn: ruleArn,
                    endpoint: Arn,
                    transforms: (Input ?? InputPath ?? InputTransformer) !== undefined,
                  },
                );
              }
            }
          }
        }
      }
    }
  },
};

const scheduler: FillerSource = {
  service: 'EventBridge Scheduler',
  async *find(target) {
    const client = new SchedulerClient(target);
    for await (const page of paginateListSchedules({ client }, {})) {
      for (const { Name, GroupName } of page.Schedules ?? []) {
        const schedule = await client.send(new GetScheduleCommand({ Name, GroupName }));
        yield* filler(schedule.Target?.DeadLetterConfig?.Arn, `schedule ${GroupName}/${Name} (dead-letter queue)`);
      }
    }
  },
};

const pipes: FillerSource = {
  service: 'EventBridge Pipes',
  async *find(target) {
    const client = new PipesClient(target);
    for await (const page of paginateListPipes({ client }, {})) {
      for (const { Name } of page.Pipes ?? []) {
        const { SourceParameters = {}, Target: to } = await client.send(new DescribePipeCommand({ Name }));
        const { KinesisStreamParameters, DynamoDBStreamParameters } = SourceParameters;
        const { Arn } = (KinesisStreamParameters ?? DynamoDBStreamParameters)?.DeadLetterConfig ?? {};
        yield* filler(Arn, `pipe ${Name} to ${nameOf(to)} (dead-letter queue)`);
      }
    }
  },
};

const FILLER_SOURCES: readonly FillerSource[] = [lambda, sns, events, scheduler, pipes];

/** What puts failures into queues, and which services could not be asked. */
export interface Fillers {
  readonly fillers: readonly Filler[];
  /** Service and error, in words. */
  readonly unasked: readonly string[];
}

/** Asks every service; one that may not be asked is named and the others go on. */
export const findFillers = async (target: Target): Promise<Fillers> => {
  const { found, unasked } = await askServices(
    FILLER_SOURCES.map(({ service, find }) => ({ service, find: () => find(target) })),
  );
  return { fillers: found, unasked };
};

/** What fills a place of dead letters; of archived ones each says itself in which queue it lay. */
export const fillersAt = async (target: Target, from: string): Promise<readonly Filler[]> => {
  const { fillers } = await findFillers(target);
  return from.split(':')[2] === 's3' ? fillers : fillers.filter(({ queueArn }) => queueArn === from);
};
