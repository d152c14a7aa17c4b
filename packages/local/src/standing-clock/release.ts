import type { Engine } from '@holdfast/engine';
import { type EpochMs, formatDuration } from '@holdfast/kernel';
import type { RestingInvocation, WaitingCall } from './waiting-call.ts';

/** What ends a wait. */
export interface Release {
  /** What is waited for, in words. */
  readonly reason: string;
  /** The engine's time at which that comes; `undefined` when time alone does not bring it. */
  readonly at: EpochMs | undefined;
  /** The engine does something then, which need not be what is waited for. */
  readonly isGuess?: true;
}

/** What knows why somebody waits. */
export interface Witnesses {
  readonly engine: Engine;
  /** When the engine, or the code of a function, next has something to do. */
  nextWakeAt(): EpochMs | undefined;
  resting(): readonly RestingInvocation[];
  /** All calls that wait, those of functions included. */
  calls(): Iterable<WaitingCall>;
}

const iso = (at: EpochMs): string => new Date(at).toISOString();

/** What an invocation waits for: a timer of its own code, a request of its own, or the end of its time limit. */
const ofInvocation = (invocation: RestingInvocation, witnesses: Witnesses): Release => {
  const { functionName, accessKeyId, sleepsUntil, timeLimitAt, isDelayed } = invocation;
  const name = `function ${functionName}`;
  if (isDelayed === true && sleepsUntil !== undefined) {
    const end =
      sleepsUntil < timeLimitAt ? `until ${iso(sleepsUntil)}` : `beyond its time limit at ${iso(timeLimitAt)}`;
    return { reason: `${name} is delayed by a fault ${end}`, at: sleepsUntil };
  }
  if (sleepsUntil !== undefined && sleepsUntil <= timeLimitAt) {
    return { reason: `${name} waits for a timer of its code at ${iso(sleepsUntil)}`, at: sleepsUntil };
  }
  if (accessKeyId === undefined) {
    const reason = `${name}, a handler of this process, has not returned; its time limit ends it at ${iso(timeLimitAt)}`;
    return { reason, at: timeLimitAt };
  }
  for (const call of witnesses.calls()) {
    if (call.context.accessKeyId !== accessKeyId) continue;
    const { reason, at } = releaseOf(call, witnesses);
    if (at !== undefined && at <= timeLimitAt) return { reason: `${name} waits: ${reason}`, at };
  }
  return { reason: `${name} does not return; its time limit ends it at ${iso(timeLimitAt)}`, at: timeLimitAt };
};

/** The end of a receive's own wait: a message may come earlier, whoever sends it. */
const ofReceive = ({ input, context }: WaitingCall, { engine }: Witnesses): Release => {
  const { QueueUrl = '', WaitTimeSeconds } = input as { QueueUrl?: string; WaitTimeSeconds?: number };
  const name = QueueUrl.split('/').at(-1);
  const seconds = WaitTimeSeconds ?? waitOfQueue(engine, QueueUrl, context);
  const at = context.now + seconds * 1_000;
  return { reason: `queue ${name} has no message, and this receive waits for one until ${iso(at)}`, at };
};

const waitOfQueue = (engine: Engine, QueueUrl: string, context: WaitingCall['context']): number => {
  const AttributeNames = ['ReceiveMessageWaitTimeSeconds'];
  const { Attributes } = engine.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames }, context) as {
    Attributes?: { ReceiveMessageWaitTimeSeconds?: string };
  };
  return Number(Attributes?.ReceiveMessageWaitTimeSeconds ?? 0);
};

/** What ends the wait of a call, as far as time does. */
export const releaseOf = (call: WaitingCall, witnesses: Witnesses): Release => {
  const name = `${call.service} ${call.action}`;
  if (name === 'sqs ReceiveMessage') return ofReceive(call, witnesses);
  const resting = witnesses.resting();
  const own = resting.find(({ requestId }) => requestId === call.context.requestId);
  if (own !== undefined) return ofInvocation(own, witnesses);
  const nextAt = witnesses.nextWakeAt();
  const sleeper = resting.find(({ sleepsUntil }) => sleepsUntil !== undefined && sleepsUntil === nextAt);
  if (sleeper !== undefined) return ofInvocation(sleeper, witnesses);
  if (nextAt === undefined) return { reason: 'nothing is due that could end it', at: undefined };
  return { reason: `what the engine has to do next is due at ${iso(nextAt)}`, at: nextAt, isGuess: true };
};

/** How far time has to be moved for it. */
export const advanceFor = ({ at }: Release, now: EpochMs): string | undefined =>
  at === undefined ? undefined : formatDuration(Math.max(0, at - now));
