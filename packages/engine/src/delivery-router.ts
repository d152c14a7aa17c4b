import { parseArn } from '@holdfast/aws-model';
import type { BusEvent, Delivery, DeliveryTarget, QueueMessage, TopicMessage } from './core/index.ts';

export interface DeliveryTargets {
  readonly sqs: DeliveryTarget<QueueMessage>;
  readonly sns: DeliveryTarget<TopicMessage>;
  readonly lambda: DeliveryTarget<string>;
  readonly events: DeliveryTarget<BusEvent>;
  readonly s3: DeliveryTarget<{ readonly key: string; readonly body: Uint8Array }>;
}

/** Finds the service that an ARN belongs to and hands over. */
export const routeDeliveries = (targets: DeliveryTargets): Delivery => {
  const targetOf = (targetArn: string): DeliveryTarget<never> | undefined => {
    const service = parseArn(targetArn)?.service;
    return service !== undefined && Object.hasOwn(targets, service)
      ? (targets[service as keyof DeliveryTargets] as DeliveryTarget<never>)
      : undefined;
  };
  return {
    toQueue: (targetArn, message, sender) => targets.sqs.deliver(targetArn, message, sender),
    toTopic: (targetArn, message, sender) => targets.sns.deliver(targetArn, message, sender),
    toFunction: (targetArn, payload, sender) => targets.lambda.deliver(targetArn, payload, sender),
    toBus: (targetArn, event, sender) => targets.events.deliver(targetArn, event, sender),
    toBucket: (targetArn, key, body, sender) => targets.s3.deliver(targetArn, { key, body }, sender),
    exists: (targetArn) => targetOf(targetArn)?.exists(targetArn) ?? false,
    accepts: (targetArn, sender) => targetOf(targetArn)?.accepts(targetArn, sender) ?? false,
  };
};
