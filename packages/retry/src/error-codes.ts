/**
 * Names under which AWS services throttle. A caller that gets one was not served and did nothing wrong.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export const THROTTLING_ERROR_NAMES: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'EC2ThrottledException',
  'KMSThrottlingException',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);

/** Names of errors that go away by themselves: the service, the network or a deployment in progress. */
export const TRANSIENT_ERROR_NAMES: ReadonlySet<string> = new Set([
  'AbortError',
  'IDPCommunicationError',
  'InternalError',
  'InternalFailure',
  'InternalServerError',
  'InternalServerException',
  'NetworkingError',
  'RequestTimeout',
  'RequestTimeoutException',
  'ResourceConflictException',
  'ResourceNotReadyException',
  'ServiceException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
]);

/** `code` of errors that Node's sockets and resolver throw. */
export const NETWORK_ERROR_CODES: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_STREAM_CANCEL',
  'ERR_HTTP2_STREAM_ERROR',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
]);

/**
 * `errorType` with which Lambda itself ends an invocation.
 *
 * A module that cannot be imported counts as transient: it is the deployment that is broken, not the event, and the
 * next deployment mends it.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const TRANSIENT_PLATFORM_ERROR_TYPES: ReadonlySet<string> = new Set([
  'Extension.Crash',
  'Extension.ExitError',
  'Extension.InitError',
  'Extension.LaunchError',
  'Function.Unknown',
  'Runtime.ExitError',
  'Runtime.HandlerNotFound',
  'Runtime.ImportModuleError',
  'Runtime.InvalidEntrypoint',
  'Runtime.InvalidWorkingDir',
  'Runtime.OutOfMemory',
  'Runtime.Unknown',
  'Runtime.UserCodeSyntaxError',
  'Sandbox.Failure',
  'Sandbox.Timedout',
]);

/** `errorType` of platform errors that the same event causes every time. */
export const PERMANENT_PLATFORM_ERROR_TYPES: ReadonlySet<string> = new Set([
  'Function.ResponseSizeTooLarge',
  'Runtime.MarshalError',
  'Runtime.UnmarshalError',
]);
