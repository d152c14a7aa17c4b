import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { FakeClient } from '../testing/fake-aws.ts';
import { CircuitOpenError, IngestionError } from './errors.ts';
import { sharedBreaker } from './shared-breaker.ts';

const POLICY = { failureThreshold: 2, openMs: 1_000 };
const fails = (category: 'TIMEOUT' | 'VALIDATION') => async () => {
  throw new IngestionError(category, 'it fails');
};

/** Two environments of one function over one table. */
const rig = () => {
  let breaker: string | undefined;
  const clock = { now: 0 };
  const phases: string[] = [];
  const table = new FakeClient({
    GetItem: () => ({ Item: breaker === undefined ? undefined : { breaker: { S: breaker } } }),
    PutItem: ({ Item, ExpressionAttributeValues }) => {
      if (breaker !== ExpressionAttributeValues?.[':before'].S) {
        throw new ConditionalCheckFailedException({ message: 'no', $metadata: {} });
      }
      breaker = Item.breaker.S;
      return {};
    },
  });
  const make = () => {
    const changed = (_: string, phase: string): void => void phases.push(phase);
    return sharedBreaker(
      { dynamodb: table.client, tableName: 'breakers', now: () => clock.now, changed },
      'orders',
      POLICY,
    );
  };
  return { one: make(), other: make(), clock, phases, table };
};

describe('a shared circuit breaker', () => {
  it('opens for all environments by the failures of each', async () => {
    const { one, other, phases } = rig();
    await expect(one(fails('TIMEOUT'))).rejects.toThrow('it fails');
    await expect(other(fails('TIMEOUT'))).rejects.toThrow('it fails');
    await expect(one(async () => 'never called')).rejects.toThrow(CircuitOpenError);
    expect(phases).toEqual(['open']);
  });

  it('lets one probe through, and closes for all when it succeeds', async () => {
    const { one, other, clock, phases } = rig();
    for (let times = 0; times < 2; times++) await one(fails('TIMEOUT')).catch(() => {});
    clock.now = 1_000;
    await one(async () => expect(other(async () => 'second probe')).rejects.toThrow(CircuitOpenError));
    expect(await other(async () => 'fine')).toBe('fine');
    expect(phases).toEqual(['open', 'half-open', 'closed']);
  });

  it('does not open by what is wrong with events', async () => {
    const { one } = rig();
    for (let times = 0; times < 5; times++) await expect(one(fails('VALIDATION'))).rejects.toThrow('it fails');
    expect(await one(async () => 'fine')).toBe('fine');
  });

  it('writes nothing while all is well', async () => {
    const { one, table } = rig();
    await one(async () => {});
    expect(table.inputsOf('PutItem')).toEqual([]);
  });
});
