/** What failures have in common. */
export interface Fingerprint {
  /** The same for failures of one kind. */
  readonly key: string;
  /** Who said it and what, without what differs from message to message. */
  readonly reason: string;
}

/** What differs from failure to failure of one kind, and what stands in its place; the longest forms first. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\barn:[\w-]+:[^\s"',]+/g, '<arn>'],
  [/\b(?:https?|s3):\/\/[^\s"',]+/g, '<url>'],
  [/\b\d{4}-\d\d-\d\dT[\d:.]+Z?/g, '<time>'],
  [/"[^"\n]{1,200}"|'[^'\n]{1,200}'/g, '<text>'],
  [/\b[\w.-]+(?:\/[\w.-]+)+\b/g, '<path>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, '<id>'],
  [/\d+/g, '<n>'],
];

/**
 * Groups failures: same words of who gave up, same error, whatever ids, times, paths and numbers are in it. Version 1; a
 * change of the masks is a new version, as groups are remembered by their key.
 */
export const fingerprintOf = (failure: { readonly condition: string; readonly error: string }): Fingerprint => {
  const [line = ''] = failure.error.split('\n');
  const error = MASKS.reduce((text, [pattern, place]) => text.replace(pattern, place), line)
    .trim()
    .slice(0, 200);
  const reason = [failure.condition, error].filter((part) => part !== '').join(': ') || 'no reason given';
  return { key: `1|${reason}`, reason };
};
