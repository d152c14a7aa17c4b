import { resolve } from 'node:path';
import { type RepairReport, repairDirectory } from '@holdfast/local';
import { EXIT, type ExitCode } from './exit-code.ts';
import { print, printJson, table } from './output.ts';

/** Keys beyond that are a number; `--json` has all of them. */
const KEYS_SHOWN_MAX = 20;

/** Repairs, and says what is lost; the exit code says whether anything is. */
export const repairDataDirectory = (directory: string, asJson: boolean): ExitCode => {
  const report = repairDirectory(resolve(directory));
  if (asJson) printJson(report);
  else print(reportText(report));
  return report.asideDirectory === undefined && report.blobs.length === 0 ? EXIT.ok : EXIT.findings;
};

const reportText = ({ asideDirectory, removed, missing, losses, blobs, kept, directory }: RepairReport): string => {
  const faults = blobs.map(({ resource, fault }) => `${resource}: ${fault}`);
  if (asideDirectory === undefined) {
    return [`the log in ${directory} is not damaged: ${kept} values; nothing was changed`, ...faults].join('\n');
  }
  const keys = losses.flatMap(({ resource, collection, keys }) =>
    keys.map(({ key, left }) => [resource, collection, key, left]),
  );
  const more = keys.length - KEYS_SHOWN_MAX;
  return [
    `${kept} values are kept; the log as it was, and stored bytes that it names no more, are in ${asideDirectory}`,
    ...removed.map(({ file, from, bytes }) => `${file}: ${bytes} bytes from byte ${from} on were damaged`),
    ...missing,
    ...faults,
    ...(keys.length === 0 ? [] : [table(['LOST OF', 'COLLECTION', 'KEY', 'LEFT'], keys.slice(0, KEYS_SHOWN_MAX))]),
    ...(more > 0 ? [`and ${more} more; --json lists them all`] : []),
  ].join('\n');
};
