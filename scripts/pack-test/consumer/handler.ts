import { forEachMessage, PermanentError, RetryAfterError } from '@holdfast/constructs/handlers';

/** A function of a user: takes orders, and fails on those that say so. */
export const handler = async (event: { readonly fail?: boolean }): Promise<string> => {
  if (event.fail === true) throw new Error('this order cannot be booked');
  return 'booked';
};

/** The same behind a queue: what failed comes back by itself. */
export const batchHandler = forEachMessage(({ body }) => {
  const order = JSON.parse(body) as { readonly store?: string; readonly isEarly?: boolean };
  if (order.store === undefined) throw new PermanentError('an order without a store');
  if (order.isEarly === true) throw new RetryAfterError('the store opens in an hour', 3_600_000);
});
