import type { Page } from '../../core/index.ts';

/** The continuation as KMS calls it. */
export const truncated = <Item>({
  page,
  next,
}: Page<Item>): { page: Item[]; Truncated: boolean; NextMarker?: string } =>
  next === undefined ? { page, Truncated: false } : { page, Truncated: true, NextMarker: next };
