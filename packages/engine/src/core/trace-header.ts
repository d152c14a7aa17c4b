import type { IdSource } from '@holdfast/kernel';

/** A header of X-Ray, taken apart. */
export interface TraceParts {
  readonly root: string | undefined;
  readonly parent: string | undefined;
  /** `undefined` when nobody has decided. */
  readonly isSampled: boolean | undefined;
  readonly lineage: string | undefined;
}

const memberOf = (header: string, name: string): string | undefined =>
  new RegExp(`(?:^|;)\\s*${name}=([^;]*)`).exec(header)?.[1];

export const traceParts = (header = ''): TraceParts => {
  const sampled = memberOf(header, 'Sampled');
  return {
    root: memberOf(header, 'Root'),
    parent: memberOf(header, 'Parent'),
    isSampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
    lineage: memberOf(header, 'Lineage'),
  };
};

/** The id of a trace that begins now. */
export const newTraceId = (ids: IdSource, now: number): string => {
  const seconds = Math.floor(now / 1_000)
    .toString(16)
    .padStart(8, '0');
  return `1-${seconds}-${ids.hex(24)}`;
};

/** Passes on the caller's trace, or begins one about which nobody has decided yet, as API Gateway does. */
export const openTraceHeader = (given: string | undefined, ids: IdSource, now: number): string => {
  const { root, lineage } = traceParts(given);
  if (given !== undefined && root !== undefined) return given;
  const own = `Root=${newTraceId(ids, now)}`;
  return lineage === undefined ? own : `${own};Lineage=${lineage}`;
};
