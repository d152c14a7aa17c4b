import type { ClientInvocation } from './platform.ts';

/** Members of the context object that every handler gets. */
export const contextOf = (invocation: ClientInvocation): object => {
  const { deadline, clientContext } = invocation;
  return {
    functionVersion: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
    functionName: process.env['AWS_LAMBDA_FUNCTION_NAME'],
    memoryLimitInMB: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    clientContext: clientContext === undefined ? undefined : (JSON.parse(clientContext) as unknown),
    identity: undefined,
    invokedFunctionArn: invocation.invokedFunctionArn,
    awsRequestId: invocation.requestId,
    tenantId: undefined,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
};

export const setTrace = ({ traceHeader }: ClientInvocation): void => {
  process.env['_X_AMZN_TRACE_ID'] = traceHeader;
};
