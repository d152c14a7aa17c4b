import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';

/** Asks for the URL of the queue that an ARN names, once for each queue; a question that failed is asked again. */
export const queueUrls = (sqs: Pick<SQSClient, 'send'>): ((queueArn: string) => Promise<string>) => {
  const known = new Map<string, Promise<string>>();
  const ask = async (queueArn: string): Promise<string> => {
    const [, , , , account, name] = queueArn.split(':');
    const input = { QueueName: name, QueueOwnerAWSAccountId: account };
    return (await sqs.send(new GetQueueUrlCommand(input))).QueueUrl ?? '';
  };
  return (queueArn) => {
    const url = known.get(queueArn) ?? ask(queueArn);
    known.set(queueArn, url);
    url.catch(() => known.delete(queueArn));
    return url;
  };
};
