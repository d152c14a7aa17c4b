import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

/** Queues and what each needs of those before it: by reference, or by DependsOn. */
interface Need {
  readonly of: number;
  readonly isReference: boolean;
}
type Plan = readonly (readonly Need[])[];

const plan: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 7 }).chain((size) =>
  fc.tuple(
    ...Array.from({ length: size }, (_, index) =>
      index === 0
        ? fc.constant([])
        : fc.uniqueArray(fc.record({ of: fc.integer({ min: 0, max: index - 1 }), isReference: fc.boolean() }), {
            selector: ({ of }) => of,
            maxLength: 3,
          }),
    ),
  ),
);

const nameOf = (index: number): string => `Queue${index}`;

/** Resources stand in the template in the order of `order`, which says nothing. */
const templateOf = (needs: Plan, order: readonly number[], tag: string) => ({
  Resources: Object.fromEntries(
    order
      .filter((index) => index < needs.length)
      .map((index) => {
        const own = needs[index] as readonly Need[];
        const referred = own.filter(({ isReference }) => isReference).map(({ of }) => ({ Ref: nameOf(of) }));
        const value = referred.length === 0 ? tag : { 'Fn::Join': [' ', [tag, ...referred]] };
        const DependsOn = own.filter(({ isReference }) => !isReference).map(({ of }) => nameOf(of));
        return [
          nameOf(index),
          {
            Type: 'AWS::SQS::Queue',
            Properties: { Tags: [{ Key: 'needs', Value: value }] },
            ...(DependsOn.length === 0 ? {} : { DependsOn }),
          },
        ];
      }),
  ),
});

const MOST = [0, 1, 2, 3, 4, 5, 6];
const order = fc.shuffledSubarray(MOST, { minLength: MOST.length });

/** When each resource came to a status, in order of events. */
const times = async (bench: DeployerBench, stackId: string, status: string): Promise<ReadonlyMap<string, number>> =>
  new Map(
    (await bench.events(stackId)).flatMap(({ LogicalResourceId = '', ResourceStatus }, at) =>
      ResourceStatus === status ? [[LogicalResourceId, at] as const] : [],
    ),
  );

it('whatever the order in the template, what is needed is there before and goes after', async () => {
  await fc.assert(
    fc.asyncProperty(plan, order, async (needs, written) => {
      const bench = new DeployerBench();
      const created = await bench.create('all', templateOf(needs, written, 'one'));
      const stackId = created.StackId as string;
      expect(created.StackStatus).toBe('CREATE_COMPLETE');
      const begun = await times(bench, stackId, 'CREATE_IN_PROGRESS');
      const done = await times(bench, stackId, 'CREATE_COMPLETE');

      await bench.cloudFormation('DeleteStack', { StackName: stackId });
      expect((await bench.settle(stackId)).StackStatus).toBe('DELETE_COMPLETE');
      const going = await times(bench, stackId, 'DELETE_IN_PROGRESS');
      const gone = await times(bench, stackId, 'DELETE_COMPLETE');

      for (const [index, own] of needs.entries()) {
        for (const { of } of own) {
          expect(done.get(nameOf(of))).toBeLessThan(begun.get(nameOf(index)) as number);
          expect(gone.get(nameOf(index))).toBeLessThan(going.get(nameOf(of)) as number);
        }
      }
      expect(await bench.call('sqs', 'ListQueues')).toEqual({});
    }),
    { numRuns: 30 },
  );
});

it('a change from any template to any other leaves exactly what the other names, also through a failure', async () => {
  await fc.assert(
    fc.asyncProperty(plan, plan, order, async (before, after, written) => {
      const bench = new DeployerBench();
      await bench.create('all', templateOf(before, written, 'one'));
      const failing = templateOf(after, written, 'two');
      const broken = {
        Resources: {
          ...failing.Resources,
          Broken: {
            Type: 'AWS::SQS::Queue',
            Properties: { VisibilityTimeout: 99_999 },
            DependsOn: Object.keys(failing.Resources),
          },
        },
      };
      expect((await bench.update('all', broken)).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
      const names = async () => {
        type Listed = { StackResourceSummaries: { LogicalResourceId: string }[] };
        const { StackResourceSummaries: all } = await bench.cloudFormation<Listed>('ListStackResources', {
          StackName: 'all',
        });
        const { QueueUrls = [] } = await bench.call<{ QueueUrls?: string[] }>('sqs', 'ListQueues');
        expect(QueueUrls.length).toBe(all.length);
        return all.map(({ LogicalResourceId }) => LogicalResourceId).sort();
      };
      expect(await names()).toEqual(before.map((_, index) => nameOf(index)));

      expect((await bench.update('all', failing)).StackStatus).toBe('UPDATE_COMPLETE');
      expect(await names()).toEqual(after.map((_, index) => nameOf(index)));
    }),
    { numRuns: 20 },
  );
});
