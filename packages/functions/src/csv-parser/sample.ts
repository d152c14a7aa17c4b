/** BatchGetItem takes up to 100 keys; a quarter of that tells enough and keeps the record small. */
export const SAMPLE_MAX = 25;

/** Up to {@link SAMPLE_MAX} of `ids`, evenly spaced, the first and the last among them. The same ids, the same sample. */
export const sampleOf = (ids: readonly string[]): string[] => {
  if (ids.length <= SAMPLE_MAX) return [...ids];
  const step = (ids.length - 1) / (SAMPLE_MAX - 1);
  return Array.from({ length: SAMPLE_MAX }, (_, index) => ids[Math.round(index * step)] as string);
};
