import { AsyncLocalStorage } from 'node:async_hooks';
import type { QueueMessage } from './sqs-event.ts';

/** Message attribute that carries the id of what a message belongs to from hop to hop. */
export const CORRELATION_ATTRIBUTE = 'correlation_id';

const current = new AsyncLocalStorage<string>();

/** The id of what is being processed just now, for logs and for what is sent on; outside of a message there is none. */
export const correlationId = (): string | undefined => current.getStore();

/** Runs `act` on behalf of `id`: whatever it awaits or starts finds the id by {@link correlationId}. */
export const withCorrelationId = <Result>(id: string, act: () => Result): Result => current.run(id, act);

/** The attribute by which a message that is sent now belongs to what is being processed; none outside of a message. */
export const correlationAttributes = (): Record<string, { DataType: 'String'; StringValue: string }> => {
  const id = correlationId();
  return id === undefined ? {} : { [CORRELATION_ATTRIBUTE]: { DataType: 'String', StringValue: id } };
};

/** What a message belongs to: its attribute, else the root of its X-Ray trace, else itself. */
export const correlationIdOf = ({ messageId, attributes, messageAttributes }: QueueMessage): string =>
  messageAttributes[CORRELATION_ATTRIBUTE]?.stringValue ??
  /(?:^|;)Root=([^;]+)/.exec(attributes.AWSTraceHeader ?? '')?.[1] ??
  messageId;
