/** Everything that the workflow of one dead letter is told; values may be tokens of CDK. */
export interface RetryDefinitionSettings {
  readonly functionArn: string;
  readonly maxRetries: number;
  /** Wait before the first retry, in seconds; the next ones wait up to twice as long each. */
  readonly baseWaitSeconds: number;
  /** No wait is longer, in seconds. */
  readonly maxWaitSeconds: number;
  /** Errors of the function that say that it is busy: they use up no retry. */
  readonly busyErrors: readonly string[];
  /** Errors of the function that no retry can help. */
  readonly permanentErrors: readonly string[];
  readonly topicArn: string;
  readonly bucketName: string;
  readonly archivePrefix: string;
  readonly metricNamespace: string;
  readonly source: string;
}

const expression = (text: string): string => `{% ${text} %}`;

/** Throttles and faults of Lambda itself are no attempts: the function has not run. */
const THROTTLED = ['Lambda.TooManyRequestsException'];
const UNREACHED = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
];

/** What must succeed for nothing to be lost is tried for hours. */
const PATIENT = [
  {
    ErrorEquals: ['States.ALL'],
    IntervalSeconds: 5,
    BackoffRate: 2,
    MaxDelaySeconds: 600,
    MaxAttempts: 40,
    JitterStrategy: 'FULL',
  },
];

const metric = (settings: RetryDefinitionSettings, names: readonly string[], next: string): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::aws-sdk:cloudwatch:putMetricData',
  Arguments: {
    Namespace: settings.metricNamespace,
    MetricData: names.map((MetricName) => ({ MetricName, Value: 1, Unit: 'Count' })),
  },
  Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 }],
  // A number that is missing is no reason to call an event lost.
  Catch: [{ ErrorEquals: ['States.ALL'], Next: next }],
  Next: next,
});

/** How a failure is remembered; `Assign` takes over all of it at once. */
const failed = (status: string): object => ({
  attempts: expression('$attempts + 1'),
  lastError: expression('$states.errorOutput.Error'),
  status,
});

/**
 * The state machine of one dead letter: check the count, wait longer each time, invoke, and after the last failure keep
 * the letter and tell people. `$event` is what the function was to get.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export const retryDefinition = (settings: RetryDefinitionSettings): object => {
  const { maxRetries, baseWaitSeconds, maxWaitSeconds, archivePrefix, bucketName, source } = settings;
  const key = `$replace($replace($states.input[0].event.Records[0].s3.object.key, '+', ' '), 'uploads/', '')`;
  return {
    Comment: 'Brings one dead-lettered event back, or keeps it and tells people',
    QueryLanguage: 'JSONata',
    StartAt: 'ReadDeadLetter',
    States: {
      ReadDeadLetter: {
        Type: 'Pass',
        Assign: {
          messageId: expression('$states.input[0].messageId'),
          event: expression('$states.input[0].event'),
          letter: expression('$states.input[0].letter'),
          firstFailedAt: expression('$states.input[0].failedAt'),
          lastError: expression('$states.input[0].reason'),
          what: expression(`$exists(${key}) ? $decodeUrlComponent(${key}) : 'message ' & $states.input[0].messageId`),
          attempts: 0,
          status: 'MAX_RETRIES_EXCEEDED',
        },
        Next: 'IsReadable',
      },
      IsReadable: {
        Type: 'Choice',
        Choices: [{ Condition: expression("$type($event) = 'object'"), Next: 'CheckRetryCount' }],
        Default: 'Unreadable',
      },
      Unreadable: { Type: 'Pass', Assign: { status: 'UNKNOWN_SHAPE' }, Next: 'Archive' },
      CheckRetryCount: {
        Type: 'Choice',
        Choices: [{ Condition: expression(`$attempts < ${maxRetries}`), Next: 'WaitBeforeRetry' }],
        Default: 'Archive',
      },
      WaitBeforeRetry: {
        Type: 'Wait',
        Seconds: expression(
          `$max([1, $ceil($random() * $min([${maxWaitSeconds}, ${baseWaitSeconds} * $power(2, $attempts)]))])`,
        ),
        Next: 'Invoke',
      },
      Invoke: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Arguments: {
          FunctionName: settings.functionArn,
          Payload: expression(
            `$merge([$event, {'retryMetadata': {'attempt': $attempts + 1, 'firstFailedAt': $firstFailedAt, 'lastError': $lastError, 'retrySource': '${source}', 'messageId': $messageId}}])`,
          ),
        },
        Retry: [
          {
            ErrorEquals: [...THROTTLED, ...settings.busyErrors],
            IntervalSeconds: baseWaitSeconds,
            BackoffRate: 2,
            MaxDelaySeconds: maxWaitSeconds,
            // Five events of history each: 25,000 end an execution.
            MaxAttempts: 1_000,
            JitterStrategy: 'FULL',
          },
          { ErrorEquals: UNREACHED, IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 6, JitterStrategy: 'FULL' },
        ],
        Catch: [
          ...(settings.permanentErrors.length === 0
            ? []
            : [{ ErrorEquals: settings.permanentErrors, Assign: failed('PERMANENT_ERROR'), Next: 'Archive' }]),
          { ErrorEquals: ['States.ALL'], Assign: failed('MAX_RETRIES_EXCEEDED'), Next: 'CheckRetryCount' },
        ],
        Next: 'CountSuccess',
      },
      CountSuccess: metric(settings, ['RetrySuccess'], 'Recovered'),
      Recovered: { Type: 'Succeed' },
      Archive: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:s3:putObject',
        Arguments: {
          Bucket: bucketName,
          Key: expression(`'${archivePrefix}' & $messageId & '.json'`),
          ContentType: 'application/json',
          Body: {
            reason: expression('$status'),
            attempts: expression('$attempts'),
            lastError: expression('$lastError'),
            firstFailedAt: expression('$firstFailedAt'),
            message: expression('$letter'),
          },
        },
        Retry: PATIENT,
        Next: 'Alert',
      },
      Alert: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sns:publish',
        Arguments: {
          TopicArn: settings.topicArn,
          Subject: expression("$substring('Upload ' & $what & ': failed after ' & $attempts & ' retries', 0, 100)"),
          Message: expression(
            [
              `'File: ' & $what`,
              `'Status: ' & $status`,
              `'Retry attempts: ' & $attempts`,
              `'Last error: ' & $lastError`,
              `'First failed: ' & $firstFailedAt`,
              `'Kept as: s3://${bucketName}/${archivePrefix}' & $messageId & '.json'`,
              `'It will not be tried again by itself.'`,
            ].join(" & '\\n' & "),
          ),
          MessageAttributes: {
            status: { DataType: 'String', StringValue: expression('$status') },
            retry_count: { DataType: 'Number', StringValue: expression('$string($attempts)') },
            last_error: { DataType: 'String', StringValue: expression('$lastError') },
          },
        },
        Retry: PATIENT,
        Next: 'CountGivenUp',
      },
      CountGivenUp: metric(settings, ['RetryFailed', 'MaxRetriesExceeded'], 'GivenUp'),
      GivenUp: { Type: 'Succeed' },
    },
  };
};
