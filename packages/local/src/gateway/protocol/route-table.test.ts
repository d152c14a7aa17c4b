import { SERVICES } from '@holdfast/engine';
import { describe, expect, it } from 'vitest';
import { membersOf } from '../codec/shape.ts';
import { modelOf, type OperationModel } from '../service-model.ts';
import { type RouteQuestion, RouteTable } from './route-table.ts';

/** Where the members stand that an operation requires. */
const requiredOf = ({ input }: OperationModel) => {
  const [, , , , , , count = 0] = input.getSchema() as readonly unknown[];
  return membersOf(input)
    .slice(0, Number(count))
    .map(([, member]) => member.getMergedTraits());
};

/** A request that gives an operation what it asks for and nothing else, each label standing for `text`. */
const questionOf = (operation: OperationModel, text: string): RouteQuestion => {
  const { http, name } = operation;
  const [method = '', uri = ''] = http ?? [];
  const [path = '', literals = ''] = uri.split('?');
  const query = new Map([...new URLSearchParams(literals)].map(([key, value]) => [key, [value]]));
  query.set('x-id', [name]);
  for (const { httpQuery } of requiredOf(operation)) if (httpQuery !== undefined) query.set(httpQuery, ['1']);
  const segments = path.split('/').filter((part) => part !== '');
  return {
    method,
    segments: segments.map((part) => (part.startsWith('{') ? text : part)),
    query,
    hasHeader: (header) => requiredOf(operation).some(({ httpHeader }) => httpHeader?.toLowerCase() === header),
  };
};

describe.each(
  SERVICES.filter(({ wire }) => wire.protocol.startsWith('rest')).map((service) => [service.name, service] as const),
)('%s', (_, service) => {
  it('each operation is found by what its template asks for, and its labels are read', async () => {
    const { operations } = modelOf(service, await service.sdk());
    const table = new RouteTable(operations.values());
    const isAboutBucket = (operation: OperationModel): boolean =>
      membersOf(operation.input).some(([member]) => member === 'Bucket');
    for (const operation of operations.values()) {
      if (operation.http === undefined) continue;
      const found = table.match(
        questionOf(operation, 'a%20b'),
        (other) => isAboutBucket(other) === isAboutBucket(operation),
      );
      expect(found?.operation.name).toBe(operation.name);
      expect(Object.values(found?.labels ?? {}).every((label) => label === 'a b')).toBe(true);
    }
  });
});

describe('a table', () => {
  const operation = (name: string, method: string, uri: string) =>
    ({
      name,
      http: [method, uri, 200],
      input: { getSchema: () => [], isStructSchema: () => false },
    }) as unknown as OperationModel;
  const table = new RouteTable([
    operation('Any', 'GET', '/{Thing}'),
    operation('List', 'GET', '/things'),
    operation('Deep', 'GET', '/things/{Name}/parts/{Part+}'),
    operation('Part', 'GET', '/{Thing}/{Name}/parts/{Part}'),
    operation('Tags', 'GET', '/{Thing}?tagging'),
    operation('Policy', 'GET', '/{Thing}?policy&x-id=Policy'),
    operation('First', 'PUT', '/{Thing}?x-id=First'),
    operation('Second', 'PUT', '/{Thing}?x-id=Second'),
  ]);
  const ask = (method: string, path: string, query: Readonly<Record<string, string>> = {}) => {
    const found = table.match({
      method,
      segments: path.split('/').filter((part) => part !== ''),
      query: new Map(Object.entries(query).map(([name, value]) => [name, [value]])),
      hasHeader: () => false,
    });
    return found && [found.operation.name, found.labels];
  };

  it.each([
    ['a literal comes before a label', 'GET', '/things', {}, ['List', {}]],
    ['a label takes what no literal does', 'GET', '/other', {}, ['Any', { Thing: 'other' }]],
    ['a parameter of the query comes before none', 'GET', '/other', { tagging: '' }, ['Tags', { Thing: 'other' }]],
    ['a literal of the path comes before one of the query', 'GET', '/things', { tagging: '' }, ['List', {}]],
    [
      'of two parameters the first operation wins',
      'GET',
      '/other',
      { policy: '', tagging: '' },
      ['Tags', { Thing: 'other' }],
    ],
    [
      'unless x-id names the other',
      'GET',
      '/other',
      { policy: '', tagging: '', 'x-id': 'Policy' },
      ['Policy', { Thing: 'other' }],
    ],
    ['x-id decides between equals', 'PUT', '/other', { 'x-id': 'Second' }, ['Second', { Thing: 'other' }]],
    ['without it the first wins', 'PUT', '/other', {}, ['First', { Thing: 'other' }]],
    [
      'the last label may take several segments',
      'GET',
      '/things/a/parts/b/c',
      {},
      ['Deep', { Name: 'a', Part: 'b/c' }],
    ],
    [
      'another branch is tried when the first leads nowhere',
      'GET',
      '/others/a/parts/b',
      {},
      ['Part', { Thing: 'others', Name: 'a', Part: 'b' }],
    ],
    ['a longer path is none of these', 'GET', '/others/a/parts/b/c', {}, undefined],
    ['a label needs something', 'GET', '/things/a/parts', {}, undefined],
    ['a method without routes has none', 'DELETE', '/things', {}, undefined],
  ] as const)('%s', (_, method, path, query, expected) => {
    expect(ask(method, path, query)).toEqual(expected);
  });
});
