import type { LoggingConfiguration } from '@aws-sdk/client-sfn';
import { Constraints, logGroupOf, ServiceError } from '../../../core/index.ts';
import type { LoggingSettings } from '../machines.ts';
import type { StatesWiring } from '../wiring.ts';

const LEVELS = ['ALL', 'ERROR', 'FATAL', 'OFF'];

/** AWS makes this stream when a destination is set, to see whether it can. */
const VALIDATION_STREAM = 'log_stream_created_by_aws_to_validate_log_delivery_subscriptions';

/** @throws ServiceError in AWS's words when nothing can be logged there */
export const loggingOf = (given: LoggingConfiguration | undefined, { environment }: StatesWiring): LoggingSettings => {
  if (given === undefined) return { level: 'OFF', includeExecutionData: false };
  const level = (given.level ?? 'OFF') as LoggingSettings['level'];
  new Constraints().oneOf('loggingConfiguration.level', level, LEVELS).check();
  const refuse = (why: string): ServiceError =>
    new ServiceError('InvalidLoggingConfiguration', `Invalid Logging Configuration: ${why}`, 400);
  const includeExecutionData = given.includeExecutionData ?? false;
  const destinations = given.destinations ?? [];
  if (destinations.length > 1 || (level !== 'OFF' && destinations.length === 0)) {
    throw refuse('Must specify exactly one Log Destination.');
  }
  const groupArn = destinations[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  if (destinations.length === 1 && groupArn === undefined) throw refuse('Must specify exactly one Log Destination.');
  if (groupArn === undefined) {
    return { level, includeExecutionData, ...(given.destinations === undefined ? {} : { isListed: true }) };
  }
  const place = logGroupOf(groupArn);
  if (place === undefined || !groupArn.endsWith(':*')) {
    throw new ServiceError('InvalidArn', `Invalid Arn: 'Invalid Log Destination ARN: ${groupArn}'`, 400);
  }
  if (!environment.logs.hasGroup(place)) throw refuse('Log Destination not found.');
  environment.logs.append({ ...place, stream: VALIDATION_STREAM }, []);
  return { level, includeExecutionData, groupArn };
};

/** As AWS answers it. */
export const describeLogging = (logging: LoggingSettings) => ({
  level: logging.level,
  includeExecutionData: logging.includeExecutionData,
  ...(logging.groupArn === undefined
    ? logging.isListed === true
      ? { destinations: [] }
      : {}
    : { destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: logging.groupArn } }] }),
});
