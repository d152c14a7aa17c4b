import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { ambient } from '../ambient.ts';
import { createOutcomeHandler, type OutcomeEvent } from '../patterns/create-outcome-handler.ts';

const log = new Logger({ serviceName: 'chosen-outcome' });

const carryOut = createOutcomeHandler({ sleep: ambient.sleep, log });

/** Entry point of a function whose events choose their outcome, however it is invoked. */
export const handler = (event: OutcomeEvent, context: Context) => {
  log.addContext(context);
  return carryOut(event, context);
};
