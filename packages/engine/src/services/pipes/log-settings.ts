import type { PipeLogConfigurationParameters } from '@aws-sdk/client-pipes';
import { Constraints, logGroupOf, notSupported, refuseUnmodelled } from '../../core/index.ts';
import { validation } from './errors.ts';
import type { LogLevel, StoredPipeLog } from './stored-pipe.ts';

const LEVELS: readonly LogLevel[] = ['OFF', 'ERROR', 'INFO', 'TRACE'];

/**
 * What a pipe is to log, and where. Nothing, when it is not to log.
 *
 * @throws ServiceError naming what AWS, or the engine, would not take
 */
export const readLogSettings = (given: PipeLogConfigurationParameters | undefined): StoredPipeLog | undefined => {
  if (given === undefined) return undefined;
  for (const elsewhere of ['FirehoseLogDestination', 'S3LogDestination'] as const) {
    if (given[elsewhere] !== undefined) throw notSupported(`a pipe with LogConfiguration.${elsewhere}`);
  }
  const { Level, IncludeExecutionData, CloudwatchLogsLogDestination } = given;
  const members = ['Level', 'IncludeExecutionData', 'CloudwatchLogsLogDestination'] as const;
  refuseUnmodelled(given, members, 'a pipe with LogConfiguration');
  new Constraints().required('logConfiguration.level', Level).check();
  new Constraints().oneOf('logConfiguration.level', Level, LEVELS).check();
  for (const data of IncludeExecutionData ?? []) {
    new Constraints().oneOf('logConfiguration.includeExecutionData', data, ['ALL']).check();
  }
  const groupArn = CloudwatchLogsLogDestination?.LogGroupArn;
  if (CloudwatchLogsLogDestination !== undefined) {
    new Constraints().required('logConfiguration.cloudwatchLogsLogDestination.logGroupArn', groupArn).check();
    if (logGroupOf(groupArn ?? '') === undefined) throw validation(`Invalid log group ARN: ${groupArn}`);
  }
  if (Level !== 'OFF' && groupArn === undefined) {
    throw validation(`A pipe that logs on level ${Level} must have a log destination.`);
  }
  return {
    groupArn,
    level: Level as LogLevel,
    includesExecutionData: (IncludeExecutionData ?? []).length > 0,
  };
};

/** As AWS answers it. */
export const describedLog = ({ groupArn, level, includesExecutionData }: StoredPipeLog) => ({
  Level: level,
  ...(groupArn === undefined ? {} : { CloudwatchLogsLogDestination: { LogGroupArn: groupArn } }),
  ...(includesExecutionData ? { IncludeExecutionData: ['ALL' as const] } : {}),
});
