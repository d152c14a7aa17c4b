import type { IdSource } from '@holdfast/kernel';

/** A header of X-Ray, taken apart. */
export interface TraceParts {
  readonly root: string | undefined;
  readonly parent: string | undefined;
  /** `undefined` when nobody has decided. */
  readonly isSampled: boolean | undefined;
  readonly lineage: string | undefined;
}

/** Made once: a header is taken apart for every run of a function. */
const memberPattern = (name: string): RegExp => new RegExp(`(?:^|;)\\s*${name}=([^;]*)`);
const ROOT = memberPattern('Root');
const PARENT = memberPattern('Parent');
const SAMPLED = memberPattern('Sampled');
const LINEAGE = memberPattern('Lineage');

const NO_PARTS: TraceParts = { root: undefined, parent: undefined, isSampled: undefined, lineage: undefined };

export const traceParts = (header: string | undefined): TraceParts => {
  if (header === undefined) return NO_PARTS;
  const sampled = SAMPLED.exec(header)?.[1];
  return {
    root: ROOT.exec(header)?.[1],
    parent: PARENT.exec(header)?.[1],
    isSampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
    lineage: LINEAGE.exec(header)?.[1],
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
