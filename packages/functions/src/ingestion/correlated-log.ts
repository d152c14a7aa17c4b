import type { Log } from '../log.ts';
import { correlationId } from '../middleware/correlation.ts';

/** The same log, each line with the correlation id of what is being processed. */
export const correlatedLog = (log: Log): Log => {
  const correlated = (details: Record<string, unknown>): Record<string, unknown> => ({
    correlationId: correlationId(),
    ...details,
  });
  return {
    debug: (message, details) => log.debug(message, correlated(details)),
    info: (message, details) => log.info(message, correlated(details)),
    warn: (message, details) => log.warn(message, correlated(details)),
    error: (message, details) => log.error(message, correlated(details)),
  };
};
