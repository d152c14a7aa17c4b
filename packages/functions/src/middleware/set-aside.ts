import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { sentOn } from './sent-on.ts';
import type { QueueMessage } from './sqs-event.ts';

/** Message attribute that names the error for which a message was set aside. */
export const ERROR_ATTRIBUTE = 'holdfast_error';

/** Sends a message to the queue of those that will never be good, with the error's name where there is room. */
export const setAside = async (
  sqs: Pick<SQSClient, 'send'>,
  queueUrl: string,
  message: QueueMessage,
  error: unknown,
): Promise<void> => {
  const added = { [ERROR_ATTRIBUTE]: error instanceof Error ? error.name : 'Error' };
  await sqs.send(new SendMessageCommand(sentOn(message, queueUrl, { added })));
};
