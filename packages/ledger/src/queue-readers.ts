import { type LambdaClient, paginateListEventSourceMappings } from '@aws-sdk/client-lambda';

/** ARNs of the functions that read a queue. */
export const queueReaders = async (client: LambdaClient, EventSourceArn: string): Promise<readonly string[]> => {
  const arns: string[] = [];
  for await (const { EventSourceMappings = [] } of paginateListEventSourceMappings({ client }, { EventSourceArn })) {
    arns.push(...EventSourceMappings.flatMap(({ FunctionArn }) => FunctionArn ?? []));
  }
  return arns;
};
