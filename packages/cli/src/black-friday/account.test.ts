import { describe, expect, it } from 'vitest';
import { accountForFiles, summarize } from './account.ts';
import type { UploadState } from './pipeline.ts';

const AT = Date.UTC(2025, 10, 28, 9);

const state = (changes: Partial<UploadState> & Pick<UploadState, 'key'>): UploadState => ({
  status: 'COMPLETED',
  attempts: 1,
  deliveredBy: 'event',
  rejected: 0,
  products: 5,
  isColdStart: false,
  startedAtMs: AT,
  finishedAtMs: AT + 5_000,
  reportedAtMs: AT,
  ...changes,
});

const account = (states: readonly UploadState[], keys: readonly string[], givenUp: readonly string[] = []) =>
  accountForFiles(new Map(keys.map((key) => [key, AT])), new Map(states.map((s) => [s.key, s])), new Set(givenUp));

describe('accountForFiles', () => {
  it('tells the path of each file', () => {
    const accounts = account(
      [
        state({ key: 'direct' }),
        state({ key: 'waited', startedAtMs: AT + 1_000 }),
        state({ key: 'cold', startedAtMs: AT + 1_000, isColdStart: true }),
        state({ key: 'again', attempts: 2 }),
        state({ key: 'recovered', deliveredBy: 'retry' }),
        state({ key: 'poison', status: 'PROCESSING', finishedAtMs: undefined }),
        state({ key: 'stuck', status: 'PROCESSING', finishedAtMs: undefined }),
      ],
      ['direct', 'waited', 'cold', 'again', 'recovered', 'poison', 'stuck', 'never seen'],
      ['poison'],
    );
    expect(accounts.map(({ key, path }) => [key, path])).toEqual([
      ['direct', 'direct'],
      ['waited', 'throttled'],
      ['cold', 'direct'],
      ['again', 'throttled'],
      ['recovered', 'dead-letter queue'],
      ['poison', 'alerted'],
      ['stuck', 'unaccounted'],
      ['never seen', 'unaccounted'],
    ]);
  });

  it('time in which an invocation had its place already is no waiting for one', () => {
    const states = [
      state({ key: 'direct', startedAtMs: AT + 5_000 }),
      state({ key: 'waited', startedAtMs: AT + 6_000 }),
    ];
    const accounts = accountForFiles(
      new Map(states.map(({ key }) => [key, AT])),
      new Map(states.map((one) => [one.key, one])),
      new Set(),
      { beforeCodeMs: 5_000, isVirtual: false },
    );
    expect(accounts.map(({ path }) => path)).toEqual(['direct', 'throttled']);
  });

  it('in virtual time a cold start takes none: who began late waited', () => {
    const late = state({ key: 'late', startedAtMs: AT + 1_000, isColdStart: true });
    const pathIn = (isVirtual: boolean) =>
      accountForFiles(new Map([['late', AT]]), new Map([['late', late]]), new Set(), { beforeCodeMs: 0, isVirtual })[0]
        ?.path;
    expect([pathIn(true), pathIn(false)]).toEqual(['throttled', 'direct']);
  });

  it('every file counts once: done, failed or lost', () => {
    const { files, products, rejectedRows, alerts } = summarize(
      account(
        [
          state({ key: 'a', rejected: 3, status: 'COMPLETED_WITH_ERRORS' }),
          state({ key: 'b', status: 'FAILED' }),
          state({ key: 'c', deliveredBy: 'retry' }),
        ],
        ['a', 'b', 'c', 'd', 'e'],
        ['d'],
      ),
      { run: 'r', virtualSeconds: 0, wallSeconds: 0 },
    );
    expect(files).toEqual({ total: 5, done: 2, failed: 2, lost: 1, throttled: 2, viaDlq: 2 });
    expect(files.done + files.failed + files.lost).toBe(files.total);
    expect({ products, rejectedRows, alerts }).toEqual({ products: 15, rejectedRows: 3, alerts: 1 });
  });
});
