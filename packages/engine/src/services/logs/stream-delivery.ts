import { gzipSync, strToU8 } from 'fflate';
import { type DeliveryResult, type ServiceEnvironment, ServiceError } from '../../core/index.ts';

/** A stream that takes log events, and for whom it is written to. */
export interface StreamOfLogs {
  readonly account: string;
  readonly region: string;
  readonly streamArn: string;
}

/** Without a time of its own, the same events always make the same bytes. */
export const compressed = (content: object): Uint8Array =>
  gzipSync(strToU8(JSON.stringify(content)), { mtime: new Date(0) });

/** The role may do what a caller may: roles are kept and not judged. */
export const putIntoStream = (
  { account, region, streamArn: StreamARN }: StreamOfLogs,
  PartitionKey: string,
  Data: Uint8Array,
  { call, clock, ids }: ServiceEnvironment,
): DeliveryResult => {
  const context = { account, region, requestId: ids.uuid(), now: clock.now() };
  try {
    call('kinesis', 'PutRecord', { StreamARN, PartitionKey, Data }, context);
    return { ok: true };
  } catch (error) {
    if (error instanceof ServiceError) return { ok: false, error };
    throw error;
  }
};

/** What AWS sends a stream to see whether it can. */
export const tryStream = (stream: StreamOfLogs, environment: ServiceEnvironment): DeliveryResult => {
  const message = 'CWL CONTROL MESSAGE: Checking health of destination Kinesis stream.';
  const control = {
    messageType: 'CONTROL_MESSAGE',
    owner: 'CloudwatchLogs',
    logGroup: '',
    logStream: '',
    subscriptionFilters: [],
    logEvents: [{ id: '', timestamp: environment.clock.now(), message }],
  };
  return putIntoStream(stream, environment.digest.md5Hex(''), compressed(control), environment);
};
