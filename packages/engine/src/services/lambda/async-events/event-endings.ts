import { parseArn } from '@holdfast/aws-model';
import { utf8Bytes } from '@holdfast/kernel';
import { type DeliveryResult, notSupported, type ServiceEnvironment } from '../../../core/index.ts';
import { LATEST } from '../functions/function-record.ts';
import type { ResolvedFunction } from '../functions/function-registry.ts';
import { recordMetric } from '../invocations/function-metrics.ts';
import { qualifiedArn } from '../names.ts';
import {
  deadLetterAttributes,
  type InvocationRecord,
  type LastResponse,
  writeInvocationRecord,
} from './invocation-record.ts';
import type { Condition } from './retry-decision.ts';

/** An event whose last attempt is behind it. */
export interface EndedEvent {
  readonly requestId: string;
  /** JSON text; asked for only when somebody gets it, because large payloads are read back from the store. */
  payload(): string;
  /** With the runs so far, this event's last one included: so that a loop through what is sent here is noticed. */
  readonly traceHeader: string | undefined;
  /** The function was stopped in this chain of invocations before, and that was reported. */
  readonly wasStoppedBefore: boolean;
  readonly condition: Condition;
  readonly runs: number;
  /** Of the last attempt; absent when the function was switched off. */
  readonly response: LastResponse | undefined;
}

/** What a dead-letter queue is told about an event that was never answered. */
const SWITCHED_OFF: LastResponse = {
  statusCode: 429,
  executedVersion: LATEST,
  isFunctionError: false,
  payload: '{"message":"Rate Exceeded."}',
};

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `aws/lambda/async/<function>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>` */
const objectKey = (functionName: string, at: number, uuid: string): string => {
  const time = new Date(at);
  const [year, month, day] = [time.getUTCFullYear(), twoDigits(time.getUTCMonth() + 1), twoDigits(time.getUTCDate())];
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(twoDigits).join('.');
  return `aws/lambda/async/${functionName}/${year}/${month}/${day}/${year}-${month}-${day}T${clock}-${uuid}`;
};

const sendRecord = (
  environment: ServiceEnvironment,
  target: ResolvedFunction,
  destinationArn: string,
  facts: InvocationRecord,
  traceHeader: string | undefined,
): DeliveryResult => {
  const { deliver } = environment;
  const { account, region, name } = target.record;
  const sender = { traceHeader, roleArn: target.version.role };
  const text = writeInvocationRecord(facts);
  // Standard queues and topics only; a FIFO name is a delivery that fails.
  if (destinationArn.endsWith('.fifo')) return { ok: false, error: notSupported('FIFO destinations') };
  switch (parseArn(destinationArn)?.service) {
    case 'sqs':
      return deliver.to('queue', destinationArn, { body: text }, sender);
    case 'sns':
      return deliver.to('topic', destinationArn, { message: text }, sender);
    case 'lambda':
      return deliver.to('function', destinationArn, text, sender);
    case 'events': {
      const outcome = facts.condition === 'Success' ? 'Success' : 'Failure';
      const event = {
        source: 'lambda',
        detailType: `Lambda Function Invocation Result - ${outcome}`,
        detail: JSON.parse(text) as Record<string, unknown>,
        resources: [destinationArn, facts.functionArn],
        account,
        region,
      };
      return deliver.to('bus', destinationArn, event, sender);
    }
    case 's3': {
      const key = objectKey(name, facts.at, environment.ids.uuid());
      return deliver.to('bucket', destinationArn, { key, body: utf8Bytes(text) }, sender);
    }
    default:
      return { ok: false, error: notSupported(`the destination ${destinationArn}`) };
  }
};

const sendToDeadLetterQueue = (
  environment: ServiceEnvironment,
  targetArn: string,
  roleArn: string,
  event: EndedEvent,
): DeliveryResult => {
  const attributes = deadLetterAttributes(event.requestId, event.response ?? SWITCHED_OFF);
  const sender = { traceHeader: event.traceHeader, roleArn };
  if (targetArn.endsWith('.fifo')) return { ok: false, error: notSupported('FIFO dead-letter queues') };
  return parseArn(targetArn)?.service === 'sns'
    ? environment.deliver.to('topic', targetArn, { message: event.payload(), attributes }, sender)
    : environment.deliver.to('queue', targetArn, { body: event.payload(), attributes }, sender);
};

/**
 * Sends an ended event where the function's configuration says: a record to the destination of its outcome, and the
 * event itself to the dead-letter queue when it failed. Both, when both are configured. A refusal is final: the
 * record is lost and counted, as on AWS.
 *
 * A loop is reported once: a stopped event whose own report comes back, because a target leads to the function again,
 * ends without another. Differs: AWS does not say what happens then.
 */
export const settleEvent = (
  environment: ServiceEnvironment,
  target: ResolvedFunction,
  event: EndedEvent,
  now: number,
): void => {
  const { record, qualifier } = target;
  const config = record.eventInvokeConfigs[qualifier ?? LATEST];
  const hasFailed = event.condition !== 'Success';
  if (hasFailed) recordMetric(environment.metrics, record, qualifier, 'AsyncEventsDropped', 1, now);
  if (event.wasStoppedBefore) return;
  const destinationArn = hasFailed ? config?.onFailureArn : config?.onSuccessArn;
  if (destinationArn !== undefined) {
    const facts: InvocationRecord = {
      at: now,
      requestId: event.requestId,
      functionArn: qualifiedArn(record.arn, qualifier ?? LATEST),
      condition: event.condition,
      runs: event.runs,
      requestPayload: event.payload(),
      response: event.response,
    };
    if (!sendRecord(environment, target, destinationArn, facts, event.traceHeader).ok) {
      recordMetric(environment.metrics, record, qualifier, 'DestinationDeliveryFailures', 1, now);
    }
  }
  // The queue set on the function counts for all its versions.
  const deadLetterArn = record.latest.deadLetterTargetArn;
  if (!hasFailed || deadLetterArn === undefined) return;
  if (!sendToDeadLetterQueue(environment, deadLetterArn, target.version.role, event).ok) {
    recordMetric(environment.metrics, record, qualifier, 'DeadLetterErrors', 1, now);
  }
};
