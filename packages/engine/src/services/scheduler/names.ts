import type { Constraints } from '../../core/index.ts';

/** Names of schedules and groups. */
export const checkName = (constraints: Constraints, path: string, name: string | undefined): void => {
  constraints.length(path, name, 1, 64).pattern(path, name, /^[0-9a-zA-Z\-_.]*$/, '[0-9a-zA-Z-_.]+');
};

export const PAGE_MAX = 100;
