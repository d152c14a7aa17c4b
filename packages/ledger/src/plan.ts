import type { Message } from '@aws-sdk/client-sqs';
import { type ChosenLetter, deliveryOf } from './delivery.ts';
import type { RedriveOptions } from './redrive-ports.ts';

/** What a redrive would do, as far as its messages were looked at. */
export interface RedrivePlan {
  readonly queueArn: string;
  /** What the queue says it holds. */
  readonly waiting: number;
  /** Somebody else has them: a consumer, or a job that died a moment ago. */
  readonly inFlight: number;
  /** Messages that were looked at; where the queue holds more, the rest is decided as it comes. */
  readonly lookedAt: number;
  readonly toMove: number;
  readonly destinations: readonly { readonly arn: string; readonly because: string; readonly messages: number }[];
  readonly skipped: readonly { readonly reason: string; readonly messages: number }[];
  readonly perSecond: number;
  readonly durationMs: number;
  /** Requests that AWS charges for: receives, sends and deletions. */
  readonly requests: number;
  /** At the price of a million requests to SQS, or invocations, of a standard queue in us-east-1. */
  readonly costUsd: number;
}

/** @see https://aws.amazon.com/sqs/pricing/ (of 2026-11) */
const USD_PER_REQUEST = 0.4 / 1_000_000;

/** A receive gives up to ten messages; a send and a deletion are one each. */
const requestsFor = (messages: number): number => Math.ceil(messages / 10) + 2 * messages;

const count = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** A plan, and the messages that it would move. */
export interface RedrivePreview {
  readonly plan: RedrivePlan;
  readonly letters: readonly ChosenLetter[];
}

/** Plans a redrive of these messages; sends nothing. */
export const planRedrive = async (
  { arn, visible, inFlight }: { readonly arn: string; readonly visible: number; readonly inFlight: number },
  messages: readonly Message[],
  options: RedriveOptions,
  nowMs: number,
): Promise<RedrivePreview> => {
  const { selection, reasonOf, perSecond, max } = options;
  const destinations = new Map<string, number>();
  const reasons = new Map<string, number>();
  const letters: ChosenLetter[] = [];
  for (const message of messages) {
    const reason = selection.asksForReason ? await reasonOf?.(message) : undefined;
    const delivery = selection.matches(message, { reason, nowMs })
      ? await deliveryOf(message, options)
      : { reason: 'not selected' };
    if ('reason' in delivery) count(reasons, delivery.reason);
    else if (delivery.kind === 'queue' && delivery.arn === arn) count(reasons, 'its target is the queue it lies in');
    else if (letters.length >= max) count(reasons, `beyond --max ${max}`);
    else {
      letters.push({ message, delivery });
      count(destinations, JSON.stringify([delivery.arn, delivery.because]));
    }
  }
  const toMove = letters.length;
  const plan: RedrivePlan = {
    queueArn: arn,
    waiting: visible,
    inFlight,
    lookedAt: messages.length,
    toMove,
    destinations: [...destinations].map(([key, number]) => {
      const [to = '', because = ''] = JSON.parse(key) as string[];
      return { arn: to, because, messages: number };
    }),
    skipped: [...reasons].map(([reason, number]) => ({ reason, messages: number })),
    perSecond,
    requests: requestsFor(toMove),
    costUsd: requestsFor(toMove) * USD_PER_REQUEST,
    durationMs: (Math.max(toMove - 1, 0) * 1_000) / perSecond,
  };
  return { plan, letters };
};
