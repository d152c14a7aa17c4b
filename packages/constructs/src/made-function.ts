import type { Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/** What the rules of a queue's consumer need of its function. */
export interface MadeFunction {
  readonly timeout: Duration | undefined;
  /** Concurrency that is set aside for it, and is also its upper bound. */
  readonly reservedConcurrency: number | undefined;
}

/** Of a function that is made in this app; of one from elsewhere nothing is known. */
export const madeFunction = (target: lambda.IFunction | undefined): MadeFunction => {
  if (!(target instanceof lambda.Function)) return { timeout: undefined, reservedConcurrency: undefined };
  const { reservedConcurrentExecutions } = target.node.defaultChild as lambda.CfnFunction;
  const isKnown = typeof reservedConcurrentExecutions === 'number';
  return { timeout: target.timeout, reservedConcurrency: isKnown ? reservedConcurrentExecutions : undefined };
};
