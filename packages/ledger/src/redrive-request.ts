import { InvalidInputError } from '@holdfast/kernel';
import { describeLetter } from './failures/describe-letter.ts';
import type { Filler } from './fillers.ts';
import { rememberedFingerprints } from './fingerprints/remembered.ts';
import type { FingerprintRule } from './fingerprints/rules.ts';
import type { RedriveRequest } from './jobs/job.ts';
import { parseRepair } from './repair/repair.ts';
import { all, byAge, byField, byIds, byPath, type Selection } from './selection.ts';

/** What the ledger groups by, and a selection must group by too. */
interface Grouping {
  readonly fillers?: readonly Filler[];
  readonly rules?: readonly FingerprintRule[] | undefined;
}

const byFingerprint = (key: string, from: string, { fillers = [], rules }: Grouping): Selection => {
  const fingerprintOf = rememberedFingerprints(rules);
  return {
    text: `fingerprint ${key}`,
    asksForReason: true,
    matches: (message, { reason } = {}) => {
      const place = { kind: 'queue', arn: from, messageId: message.MessageId ?? '' } as const;
      return describeLetter(message, place, { fillers, fingerprintOf, reason }).fingerprint.key === key;
    },
  };
};

/** Which messages a request means. @throws InvalidInputError */
export const selectionOf = (request: RedriveRequest, grouping: Grouping = {}): Selection => {
  const { from, filters = [], wheres = [], fingerprint, messageIds, minAgeSeconds } = request;
  return all([
    ...filters.map(byField),
    ...wheres.map(byPath),
    ...(fingerprint === undefined ? [] : [byFingerprint(fingerprint, from, grouping)]),
    ...(messageIds === undefined ? [] : [byIds(messageIds)]),
    ...(minAgeSeconds === undefined ? [] : [byAge(minAgeSeconds)]),
  ]);
};

const inRange = (field: keyof RedriveRequest, request: RedriveRequest, min: number, max: number): void => {
  const value = request[field];
  if (value === undefined || (typeof value === 'number' && value >= min && value <= max)) return;
  throw new InvalidInputError(field, value, `must be a number from ${min} to ${max}`);
};

/** @throws InvalidInputError naming the field, its value and the rule */
export const checkRequest = (request: RedriveRequest): void => {
  inRange('perSecond', request, 1 / 3_600, 10_000);
  inRange('delayJitterSeconds', request, 0, 900);
  inRange('max', request, 1, Number.MAX_SAFE_INTEGER);
  inRange('canary', request, 0, Number.MAX_SAFE_INTEGER);
  inRange('rampMs', request, 0, 86_400_000);
  inRange('watchMs', request, 0, 86_400_000);
  inRange('cameBackShareMax', request, 0, 1);
  inRange('minAgeSeconds', request, 0, 1_209_600);
  selectionOf(request);
  if (request.repair !== undefined) parseRepair(request.repair);
};
