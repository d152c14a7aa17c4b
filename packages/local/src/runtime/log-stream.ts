import type { FunctionSpec } from '@holdfast/engine';
import type { EpochMs } from '@holdfast/kernel';

/** Name of the log stream of an environment that was made at this time. */
export const logStreamOf = ({ version }: FunctionSpec, at: EpochMs, name: string): string =>
  `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')}/[${version}]${name}`;
