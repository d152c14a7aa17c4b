import type { RequestContext, ServiceError } from '@holdfast/engine';
import type { EpochMs } from '@holdfast/kernel';

/** A request that time, or somebody else, has to bring an answer to. */
export interface WaitingCall {
  /** Id of the service; `http` for what is no action of one. */
  readonly service: string;
  /** The action, or what was asked for. */
  readonly action: string;
  readonly input: object;
  readonly context: RequestContext;
  /** The code of a function made it: its own caller is the one who waits. */
  readonly isInside: boolean;
  /** Ends the wait with an error; what was parked takes nothing any more. */
  giveUp(error: ServiceError): void;
}

/** An invocation that is under way while time stands still. */
export interface RestingInvocation {
  readonly requestId: string;
  readonly functionName: string;
  /** Of its environment's credentials; none when a function of this process runs it. */
  readonly accessKeyId: string | undefined;
  /** When a timer of its code is due, if it waits for one. */
  readonly sleepsUntil: EpochMs | undefined;
  readonly timeLimitAt: EpochMs;
  /** A fault delays it until then, before its code. */
  readonly isDelayed?: boolean;
}

/** Told of requests that wait; the gateway does. */
export interface WaitingCalls {
  /** Answers how to say that it waits no more. */
  enter(call: WaitingCall): () => void;
  /** Only then it matters who looks. */
  readonly isVirtual: boolean;
  /**
   * An action is about to be answered: who looks again and again at what does not change waits, too.
   *
   * @throws ServiceError instead of one answer more
   */
  looked(call: Omit<WaitingCall, 'giveUp'>, output: unknown): void;
}
