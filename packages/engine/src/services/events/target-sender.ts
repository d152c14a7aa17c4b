import { parseArn } from '@holdfast/aws-model';
import { utf8Bytes } from '@holdfast/kernel';
import {
  type DeliveryResult,
  logGroupOf,
  notSupported,
  objectIn,
  type Sender,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { type EventEnvelope, envelopeTime } from './envelope.ts';
import type { TargetHttpParameters } from './rule.ts';
import type { RuleRef } from './rule-metrics.ts';

/** One hand-over to one target, ready to send. */
export interface Invocation {
  readonly rule: RuleRef;
  readonly targetArn: string;
  readonly roleArn?: string | undefined;
  readonly messageGroupId?: string | undefined;
  readonly partitionKey?: string | undefined;
  /** Of the execution it starts: the same for every attempt. */
  readonly executionName?: string | undefined;
  readonly http?: TargetHttpParameters | undefined;
  /** What the target gets, rendered. */
  readonly payload: string;
  /** Whether a template made the payload that has to be JSON, for whatever target. */
  readonly isFromJsonTemplate?: boolean | undefined;
  readonly traceHeader?: string | undefined;
}

type ToBus = (busArn: string, event: EventEnvelope, traceHeader: string | undefined) => DeliveryResult;

/** Services that a target's ARN may belong to. */
export const TARGET_SERVICES: readonly string[] = ['lambda', 'sqs', 'sns', 'events', 'logs', 'states', 'kinesis'];

const refused = (code: string, message: string, status = 400): DeliveryResult => ({
  ok: false,
  error: new ServiceError(code, message, status),
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Hands an invocation to its target. Rules send as `events.amazonaws.com`, unless the target names a role. */
export class TargetSender {
  readonly #environment: ServiceEnvironment;
  readonly #toBus: ToBus;

  constructor(environment: ServiceEnvironment, toBus: ToBus) {
    this.#environment = environment;
    this.#toBus = toBus;
  }

  send(invocation: Invocation): DeliveryResult {
    const { targetArn, payload } = invocation;
    const { deliver } = this.#environment;
    if (invocation.isFromJsonTemplate === true && !isJson(payload)) {
      return refused('InvalidJson', 'The input of the target is not valid JSON.');
    }
    const sender: Sender = {
      principal: invocation.roleArn === undefined ? 'events.amazonaws.com' : undefined,
      sourceArn: invocation.rule.ruleArn,
      sourceAccount: invocation.rule.account,
      traceHeader: invocation.traceHeader,
    };
    switch (parseArn(targetArn)?.service) {
      case 'lambda':
        return isJson(payload)
          ? deliver.to('function', targetArn, payload, sender)
          : refused('InvalidJson', 'The input of the target is not valid JSON.');
      case 'sqs':
        return deliver.to('queue', targetArn, { body: payload, groupId: invocation.messageGroupId }, sender);
      case 'sns':
        return deliver.to('topic', targetArn, { message: payload }, sender);
      case 'events': {
        const event = objectIn(payload);
        return event === undefined
          ? refused('InvalidJson', 'The input of the target is not a JSON object.')
          : this.#toBus(targetArn, event as unknown as EventEnvelope, invocation.traceHeader);
      }
      case 'states':
        return isJson(payload)
          ? deliver.to('stateMachine', targetArn, { input: payload, name: invocation.executionName }, sender)
          : refused('InvalidJson', 'The input of the target is not valid JSON.');
      case 'kinesis':
        return this.#toStream(invocation);
      case 'logs':
        return this.#toLogs(invocation, sender);
      default:
        return { ok: false, error: notSupported(`delivery from EventBridge to ${targetArn}`) };
    }
  }

  #toStream({ targetArn: StreamARN, partitionKey: PartitionKey, payload, rule }: Invocation): DeliveryResult {
    const { clock, ids } = this.#environment;
    const context = { account: rule.account, region: rule.region, requestId: ids.uuid(), now: clock.now() };
    try {
      this.#environment.call('kinesis', 'PutRecord', { StreamARN, PartitionKey, Data: utf8Bytes(payload) }, context);
      return { ok: true };
    } catch (error) {
      if (error instanceof ServiceError) return { ok: false, error };
      throw error;
    }
  }

  /** A template may set time and text of the log event: `{"timestamp": <ms>, "message": "..."}`. */
  #toLogs({ targetArn, payload, rule }: Invocation, sender: Sender): DeliveryResult {
    const group = logGroupOf(targetArn);
    if (group === undefined) return refused('ResourceNotFoundException', 'No such log group.');
    if (!this.#environment.logs.accepts(group, sender)) {
      return refused('AccessDeniedException', `No resource policy lets events write into ${group.group}.`);
    }
    const shaped = objectIn(payload);
    const { timestamp, message } = shaped ?? {};
    const isShaped = shaped !== undefined && Object.keys(shaped).length === 2 && message !== undefined;
    const at = isShaped ? new Date(timestamp as string | number).getTime() : Number.NaN;
    const now = this.#environment.clock.now();
    // One stream per rule and day keeps their number bounded; AWS does not document how it names them.
    const stream = `${rule.ruleName}/${envelopeTime(now).slice(0, 10)}`;
    this.#environment.logs.append({ ...group, stream }, [
      {
        at: Number.isNaN(at) ? now : at,
        message: isShaped ? (typeof message === 'string' ? message : JSON.stringify(message)) : payload,
      },
    ]);
    return { ok: true };
  }
}
