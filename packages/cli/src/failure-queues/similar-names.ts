import { CommandError, EXIT } from '../exit-code.ts';
import { note } from '../output.ts';

/** Names that an error offers. */
const OFFERED_MAX = 10;

/** Letters to change, put in or take out until one word is the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** Up to three names that somebody who mistyped may have meant: a third of the letters differ at most. */
export const similarNames = (typed: string, names: readonly string[]): readonly string[] =>
  names
    .map((name) => ({ name, distance: distance(typed.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, distance: letters }) => letters <= Math.max(typed.length, name.length) / 3)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ name }) => name);

/** What to type instead. */
const wayOut = (typed: string, names: readonly string[]): string => {
  if (names.length === 0) return ': there are none';
  const similar = similarNames(typed, names);
  return similar.length > 0
    ? `; did you mean ${similar.join(' or ')}?`
    : `; there are ${names.slice(0, OFFERED_MAX).join(', ')}`;
};

/**
 * Names that an ending, or else a part of one, can mean, whatever the case: CloudFormation puts the stack before a logical id
 * and chance behind it.
 */
export const meantNames = (part: string, names: readonly string[]): readonly string[] => {
  const wanted = part.toLowerCase();
  const ending = names.filter((name) => name.toLowerCase().endsWith(wanted));
  return ending.length > 0 ? ending : names.filter((name) => name.toLowerCase().includes(wanted));
};

/**
 * The one of these names that is meant. Which one it is, is said on stderr unless it was typed whole.
 *
 * @param kind what the names are of, as an error calls it
 * @throws CommandError when it could be several, or none
 */
export const meantName = (kind: string, typed: string, names: readonly string[]): string => {
  if (names.includes(typed)) return typed;
  const meant = meantNames(typed, names);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) {
    note(`the ${kind} ${only}`);
    return only;
  }
  if (meant.length > 1)
    throw new CommandError(`"${typed}" could be ${meant.slice(0, OFFERED_MAX).join(', ')}`, EXIT.notFound);
  throw new CommandError(`no ${kind} "${typed}"${wayOut(typed, names)}`, EXIT.notFound);
};
