import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  type CircuitBreaker,
  type CircuitBreakerCommand,
  type CircuitBreakerPolicy,
  CLOSED_BREAKER,
  transitionBreaker,
} from '@holdfast/retry';
import { conditionally } from '../conditional-write.ts';
import { CircuitOpenError, categoryOf } from './errors.ts';

/** Runs a call to a service, unless its breaker is open. */
export type Guarded = <Result>(call: () => Promise<Result>) => Promise<Result>;

export interface SharedBreakerDeps {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly tableName: string;
  readonly now: () => number;
  /** Hears of each change of phase. */
  readonly changed: (service: string, phase: CircuitBreaker['phase']) => void;
}

/** Whoever lost that many races in a row leaves the breaker as the others have made it. */
const RACES_MAX = 5;

/** Failures that say something of the service: it did not answer, or not in time. */
const countsAsFailure = (error: unknown): boolean => ['TRANSIENT', 'TIMEOUT'].includes(categoryOf(error));

/**
 * A circuit breaker that all environments of a function share, by its state in DynamoDB: while it is open one
 * of them probes, and all learn what came of it. Each change is written over the state that it was made from.
 */
export const sharedBreaker = (
  { dynamodb, tableName: TableName, now, changed }: SharedBreakerDeps,
  service: string,
  policy: CircuitBreakerPolicy,
): Guarded => {
  const read = async (): Promise<string | undefined> => {
    const Key = { service: { S: service } };
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item?.['breaker']?.S;
  };

  const write = (before: string | undefined, breaker: string) =>
    dynamodb.send(
      new PutItemCommand({
        TableName,
        Item: { service: { S: service }, breaker: { S: breaker } },
        ...(before === undefined
          ? { ConditionExpression: 'attribute_not_exists(service)' }
          : { ConditionExpression: 'breaker = :before', ExpressionAttributeValues: { ':before': { S: before } } }),
      }),
    );

  const tell = async (command: CircuitBreakerCommand): Promise<boolean> => {
    for (let race = 1; race <= RACES_MAX; race++) {
      const before = await read();
      const known: CircuitBreaker = before === undefined ? CLOSED_BREAKER : JSON.parse(before);
      const { breaker, isAllowed } = transitionBreaker(policy, known, command, now());
      const after = JSON.stringify(breaker);
      if (after === (before ?? JSON.stringify(CLOSED_BREAKER))) return isAllowed;
      if (!(await conditionally(write(before, after)))) continue;
      if (breaker.phase !== known.phase) changed(service, breaker.phase);
      return isAllowed;
    }
    // A probe that somebody else may be at is not made twice; what came of a call is told often enough by others.
    return command !== 'ask';
  };

  return async (call) => {
    if (!(await tell('ask'))) throw new CircuitOpenError(service);
    let result: Awaited<ReturnType<typeof call>>;
    try {
      result = await call();
    } catch (error) {
      await tell(countsAsFailure(error) ? 'failed' : 'succeeded');
      throw error;
    }
    await tell('succeeded');
    return result;
  };
};
