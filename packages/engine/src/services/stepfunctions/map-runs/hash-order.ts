/** What Java's `String.hashCode` gives, spread as its hash tables spread it. */
const hashOf = (text: string): number => {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** Names in the order in which a `HashMap` of Java tells them: that is how AWS writes the rows of a CSV file. */
export const inHashOrder = (names: readonly string[]): string[] => {
  let buckets = 16;
  while (names.length > buckets * 0.75) buckets *= 2;
  return names
    .map((name) => ({ name, bucket: hashOf(name) % buckets }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ name }) => name);
};
