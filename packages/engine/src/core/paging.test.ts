import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Page, type PageRequest, pageByKey, pageByPosition } from './paging.ts';
import { ServiceError } from './service-error.ts';

const invalid = (): ServiceError => new ServiceError('InvalidToken', 'no');

const walk = (take: (request: PageRequest) => Page<string>, size: number): string[] => {
  const all: string[] = [];
  let token: string | undefined;
  do {
    const { page, next } = take({ token, size, invalid });
    all.push(...page);
    token = next;
  } while (token !== undefined);
  return all;
};

describe('pages of a list', () => {
  it('are together the list, whatever its names and the size of a page', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 7 }), (names, size) => {
        const sorted = names.toSorted((a, b) => (a < b ? -1 : 1));
        expect(walk((request) => pageByKey(sorted, (name) => name, request), size)).toEqual(sorted);
        expect(walk((request) => pageByPosition(names, request), size)).toEqual(names);
      }),
    );
  });

  it('by key go on where they were when items come and go', () => {
    const keyOf = (name: string): string => name;
    const { next } = pageByKey(['a', 'c', 'e'], keyOf, { token: undefined, size: 2, invalid });
    expect(pageByKey(['b', 'd', 'e'], keyOf, { token: next, size: 2, invalid }).page).toEqual(['d', 'e']);
  });

  it.each(['x', '!', btoa('5'), btoa('["",-1]'), btoa('["other",1]'), btoa('["","a"]')])(
    'refuse the token %s, which was never given out',
    (token) => {
      expect(() => pageByPosition(['a', 'b', 'c'], { token, size: 1, invalid })).toThrow('no');
    },
  );
});
