import { anyEvents } from '../scheduled-retry/retried-events.ts';
import { retryHandler } from '../scheduled-retry/retry-handler.ts';

/** Entry point of a retry function for events of any kind: a schedule's event, of which nothing is read. */
export const handler = retryHandler(anyEvents(process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'scheduled-retry'));
