import type { JsonObject } from '@holdfast/engine';
import { notSupported } from '@holdfast/engine';

/** Refuses the first member that is not modelled, in the words of the deployer. */
export const refuseOthers = (given: JsonObject, modelled: readonly string[], what: string, logicalId: string): void => {
  const other = Object.keys(given).find((name) => !modelled.includes(name));
  if (other !== undefined) throw notSupported(`${what} with ${other} (resource ${logicalId})`);
};
