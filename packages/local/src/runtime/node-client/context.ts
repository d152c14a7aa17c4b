import type { ClientInvocation } from './platform.ts';

/**
 * Makes the members of the context object that every handler gets. The environment's own are read once: they are
 * Lambda's reserved variables, and a look at `process.env` takes as long as a small handler's own work.
 */
export const contexts = (): ((invocation: ClientInvocation) => object) => {
  const { env } = process;
  const environment = {
    functionVersion: env['AWS_LAMBDA_FUNCTION_VERSION'],
    functionName: env['AWS_LAMBDA_FUNCTION_NAME'],
    memoryLimitInMB: env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'],
    logGroupName: env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: env['AWS_LAMBDA_LOG_STREAM_NAME'],
  };
  return (invocation) => contextOf(environment, invocation);
};

const contextOf = (environment: object, invocation: ClientInvocation): object => {
  const { deadline, clientContext } = invocation;
  return {
    ...environment,
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
