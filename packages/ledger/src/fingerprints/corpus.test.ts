import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

/** Cause as a person names it, source, error, and stack where there is one. Written for this test after real errors. */
type Labelled = readonly [cause: string, source: string, error: string, stack?: string];

const read = (name: string): readonly Labelled[] =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as readonly Labelled[];

/** The masks were mended on it: its score says how well they learnt, not how well they do elsewhere. */
const CORPUS = read('failures');

/**
 * Written after the masks, in the forms of errors that people reported of other languages and libraries (Kafka, psycopg2,
 * Jackson, Go, Prisma, Stripe, Elasticsearch, gRPC, …). No mask may be changed for it: then it has to be written anew.
 */
const HELD_OUT = read('held-out');

/** What most tools do: ids, times and numbers out, and what reads the same is the same. */
const maskedAlone = ([, , error]: Labelled): string =>
  error
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"[^"]*"|'[^']*'/g, '<text>')
    .replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>')
    .replaceAll(/\d+/g, '<n>');

const ours = ([, sourceName, error, stack]: Labelled): string =>
  fingerprintOf({ sourceName, condition: 'RetriesExhausted', error, stack }).key;

/** Over all pairs: of those put together, how many belong together, and of those that do, how many were. */
const scoreOf = (corpus: readonly Labelled[], keyOf: (failure: Labelled) => string) => {
  const pairs = (count: number): number => (count * (count - 1)) / 2;
  const sum = (keys: readonly string[]): number =>
    [...Map.groupBy(keys, (key) => key).values()].reduce((total, { length }) => total + pairs(length), 0);
  const together = sum(corpus.map(keyOf));
  const belong = sum(corpus.map(([cause]) => cause));
  const right = sum(corpus.map((failure) => `${failure[0]}\n${keyOf(failure)}`));
  const precision = right / together;
  const recall = right / belong;
  return { precision, recall, f1: (2 * precision * recall) / (precision + recall) };
};

/** For whoever changes a mask: causes that fall into several groups, and groups of several causes. */
const confusions = (): readonly string[] => {
  const byCause = Map.groupBy(CORPUS, ([cause]) => cause);
  const byKey = Map.groupBy(CORPUS, ours);
  const distinct = (values: readonly string[]) => [...new Set(values)];
  return [
    ...[...byCause].flatMap(([cause, all]) => {
      const keys = distinct(all.map(ours));
      return keys.length > 1 ? `${cause} is split: ${keys.slice(0, 3).join('  ')}` : [];
    }),
    ...[...byKey].flatMap(([key, all]) => {
      const causes = distinct(all.map(([cause]) => cause));
      return causes.length > 1 ? `${key} is both ${causes.join(' and ')}` : [];
    }),
  ];
};

type Score = ReturnType<typeof scoreOf>;

const tell = (what: string, { f1, precision, recall }: Score, alone: Score): void => {
  console.log(
    `${what}: F1 ${f1.toFixed(4)} (precision ${precision.toFixed(4)}, recall ${recall.toFixed(4)}); masking alone ${alone.f1.toFixed(4)}`,
  );
};

describe('the labelled failures', () => {
  it('are many, of many causes', () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(500);
    expect(new Set(CORPUS.map(([cause]) => cause)).size).toBeGreaterThan(60);
  });

  it('are grouped as people do, pair by pair, and much better than by masking alone', () => {
    const score = scoreOf(CORPUS, ours);
    const alone = scoreOf(CORPUS, maskedAlone);
    tell('the corpus', score, alone);
    expect(score.f1, confusions().join('\n')).toBeGreaterThanOrEqual(0.98);
    expect(alone.f1).toBeLessThan(score.f1 - 0.1);
  });

  it('score on errors that no mask was made for as the guide says', () => {
    expect(HELD_OUT.length).toBeGreaterThanOrEqual(150);
    const score = scoreOf(HELD_OUT, ours);
    const alone = scoreOf(HELD_OUT, maskedAlone);
    tell('held out', score, alone);
    const guide = readFileSync(new URL('../../../../docs/operate.md', import.meta.url), 'utf8');
    expect(guide).toContain(`F1 = ${score.f1.toFixed(3)} (masking alone ${alone.f1.toFixed(3)})`);
  });
});
