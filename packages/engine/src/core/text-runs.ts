/**
 * Compares whole texts with a pattern that was cut at its wildcards: the parts have to occur in order, the first at the
 * start and the last at the end, with any run of characters between them.
 */
export const matchesRuns = (parts: readonly string[]): ((text: string) => boolean) => {
  const first = parts[0] as string;
  if (parts.length === 1) return (text) => text === first;
  const last = parts.at(-1) as string;
  const middle = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let from = first.length;
    for (const part of middle) {
      const at = text.indexOf(part, from);
      if (at < 0) return false;
      from = at + part.length;
    }
    return from + last.length <= text.length;
  };
};
