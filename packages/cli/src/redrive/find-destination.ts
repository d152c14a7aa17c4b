import { DescribeEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { destinationKindOf } from '@holdfast/ledger';
import { CommandError, EXIT } from '../exit-code.ts';
import { queueNameOf } from '../failure-queues/find-queues.ts';
import type { Target } from '../target.ts';

const isAbsent = (error: unknown): boolean =>
  /NotFound|NonExistent|DoesNotExist|InvalidAddress/.test((error as Error).name);

const queueArn = async (target: Target, name: string): Promise<string | undefined> => {
  const sqs = new SQSClient(target);
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return Attributes?.['QueueArn'];
};

const functionArn = async (target: Target, name: string): Promise<string | undefined> =>
  (await new LambdaClient(target).send(new GetFunctionConfigurationCommand({ FunctionName: name }))).FunctionArn;

const unlessAbsent = async (found: Promise<string | undefined>): Promise<string | undefined> => {
  try {
    return await found;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

/** Asks for what an ARN names, so that a misspelt one is told before anything is sent. */
const check = async (target: Target, arn: string): Promise<void> => {
  const kind = destinationKindOf(arn);
  if (kind === 'queue') await queueArn(target, queueNameOf(arn));
  else if (kind === 'function') await functionArn(target, arn);
  else if (kind === 'topic') await new SNSClient(target).send(new GetTopicAttributesCommand({ TopicArn: arn }));
  else if (kind === 'bus') await new EventBridgeClient(target).send(new DescribeEventBusCommand({ Name: arn }));
  else if (kind === 'state machine')
    await new SFNClient(target).send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
  else if (kind === undefined) {
    throw new CommandError(
      `--to: "${arn}" must be the ARN of a queue, function, topic, bus, stream or state machine`,
      EXIT.usage,
    );
  }
};

/** The ARN of where messages are to go, by ARN, or by the name of a queue or a function. */
export const findDestination = async (target: Target, named: string): Promise<string> => {
  if (named.startsWith('arn:')) {
    await check(target, named);
    return named;
  }
  const found = (
    await Promise.all([unlessAbsent(queueArn(target, named)), unlessAbsent(functionArn(target, named))])
  ).filter((arn) => arn !== undefined);
  if (found.length === 1) return found[0] as string;
  throw new CommandError(
    found.length === 0
      ? `--to: no queue and no function is called "${named}"; name anything else by its ARN`
      : `--to: "${named}" could be ${found.join(' or ')}`,
    EXIT.notFound,
  );
};
