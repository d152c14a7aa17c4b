import type { Json } from '@holdfast/engine';
import { attribute, membersOf, type Resources } from './names.ts';
import { refusal } from './refusal.ts';

/** Where what cannot be delivered goes. */
export interface DeadLetters {
  readonly arn?: Json;
  /** Of the queue that is made for it. */
  readonly queueId?: string;
  readonly resources: Resources;
}

/** `DeadLetterConfig` of an event: a queue that exists, or a new one. */
export const deadLetters = (id: string, config: Json | undefined): DeadLetters => {
  if (config === undefined) return { resources: {} };
  const { Arn, Type, QueueLogicalId } = membersOf(config);
  if (Arn !== undefined) return { arn: Arn, resources: {} };
  if (Type !== 'SQS') throw refusal(`DeadLetterConfig of type ${String(Type)} (resource ${id})`);
  const queueId = typeof QueueLogicalId === 'string' ? QueueLogicalId : `${id}Queue`;
  return { arn: attribute(queueId), queueId, resources: { [queueId]: { Type: 'AWS::SQS::Queue' } } };
};
