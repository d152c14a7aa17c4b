import { describe, expect, it, vi } from 'vitest';
import { MemoryStore, type Service, type Store } from './core/index.ts';
import { SERVICES } from './services/index.ts';
import { TestEngine } from './test-engine.ts';

const PolicyDocument = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});

describe('an engine', () => {
  it('says once of what is kept without effect that it has none', async () => {
    const notes: string[] = [];
    const test = new TestEngine({ note: (text) => notes.push(text) });

    for (const PolicyName of ['a', 'b']) await test.call('iam', 'CreatePolicy', { PolicyName, PolicyDocument });
    await test.call('iam', 'ListPolicies');

    expect(notes).toEqual([expect.stringContaining('IAM policies are kept, not enforced')]);
  });

  it('names in what is kept without effect only actions that there are', () => {
    const { engine } = new TestEngine();
    for (const { id, storedOnly = {} } of engine.descriptors) {
      expect(engine.actionsOf(id)).toEqual(expect.arrayContaining(Object.keys(storedOnly)));
    }
  });

  describe('makes its services', () => {
    const made = (act: (test: TestEngine) => void, store?: Store): readonly string[] => {
      const names: string[] = [];
      const spies = SERVICES.map((descriptor) => {
        const create = descriptor.create;
        return vi.spyOn(descriptor, 'create').mockImplementation((environment): Service => {
          names.push(descriptor.id);
          return create(environment);
        });
      });
      try {
        act(new TestEngine(store === undefined ? {} : { store }));
      } finally {
        for (const spy of spies) spy.mockRestore();
      }
      return names;
    };
    const function1 = 'arn:aws:lambda:us-east-1:000000000000:function:f';

    it('when somebody asks for them, and with each only those that it asks', () => {
      expect(made(() => {})).toEqual([]);
      expect(made((test) => void test.call('sqs', 'ListQueues'))).toEqual(['sqs', 'kms']);
      expect(made(({ engine }) => void engine.routeOf('127.0.0.1:4566', '/queue'))).toEqual([]);
    });

    it('for a route by path or host, what is lent, and a target, too', () => {
      expect(made(({ engine }) => expect(engine.routeOf(undefined, '/_holdfast/mail')).toBeDefined())).toEqual(['sns']);
      const url = 'abc.lambda-url.us-east-1.on.aws';
      expect(made(({ engine }) => expect(engine.routeOf(url, '/')).toBeDefined())).toEqual(['lambda']);
      expect(made(({ engine }) => expect(engine.lent('metrics')).toBeDefined())).toEqual(['cloudwatch']);
      const putTarget = (test: TestEngine): void =>
        void test.call('lambda', 'Invoke', { FunctionName: function1 }).catch(() => {});
      expect(made(putTarget)).toEqual(['lambda']);
    });

    it('all before the first goes on, where there may be stored work', () => {
      const { isVolatile: _, ...store } = new MemoryStore();
      const collection = MemoryStore.prototype.collection.bind(new MemoryStore());
      expect(made(() => {}, { ...store, collection })).toEqual(expect.arrayContaining(SERVICES.map(({ id }) => id)));
    });
  });
});
