import type { Digest } from '@holdfast/kernel';

/** A function may appear this often in one chain of invocations before the next one is stopped. */
export const RECURSION_MAX = 16;

/** What stands for a function in a lineage. */
export const markOf = (digest: Digest, functionArn: string): string => digest.md5Hex(functionArn).slice(0, 8);

/** How often the function with this mark has run in the chain that the header belongs to. */
export const timesInLineage = (header: string | undefined, mark: string): number => {
  const lineage = header === undefined ? undefined : /(?:^|;)\s*Lineage=([^;]*)/.exec(header)?.[1];
  const entry = lineage?.split('|').find((part) => part.startsWith(`${mark}:`));
  return entry === undefined ? 0 : Number.parseInt(entry.slice(mark.length + 1), 10) || 0;
};

/** What is to be taken apart before a lineage can be added: one that is there, empty parts, nothing at all. */
const NOT_PLAIN = /Lineage=|^;|;;|;$|^$/;

/** The header with one more run of the function with this mark. */
export const withLineage = (header: string, mark: string): string => {
  // The first run of a chain, as nearly every run is.
  if (!NOT_PLAIN.test(header)) return `${header};Lineage=${mark}:1`;
  const parts = header.split(';').filter((part) => part !== '');
  const index = parts.findIndex((part) => part.trim().startsWith('Lineage='));
  const entries = index < 0 ? [] : (parts[index] as string).trim().slice('Lineage='.length).split('|');
  const others = entries.filter((entry) => entry !== '' && !entry.startsWith(`${mark}:`));
  const lineage = `Lineage=${[...others, `${mark}:${timesInLineage(header, mark) + 1}`].join('|')}`;
  return [...parts.filter((_, at) => at !== index), lineage].join(';');
};
