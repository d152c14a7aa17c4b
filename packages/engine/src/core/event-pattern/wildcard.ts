import { matchesRuns } from '../text-runs.ts';
import { refusePattern } from './pattern-error.ts';

/** AWS bounds the states its matcher would need; this bounds what makes them grow. */
export const WILDCARDS_MAX = 20;

/**
 * Compiles a wildcard pattern: `*` is any run of characters, `\*` a star, `\\` a backslash. The whole text has to
 * match.
 */
export const compileWildcard = (source: string): ((text: string) => boolean) => {
  const parts: string[] = [''];
  for (let index = 0; index < source.length; index++) {
    const char = source[index] as string;
    if (char === '\\') {
      const next = source[++index];
      if (next !== '*' && next !== '\\') return refusePattern(`Invalid escape character at pos ${index - 1}`);
      parts[parts.length - 1] += next;
    } else if (char === '*') {
      if (source[index + 1] === '*') return refusePattern(`Consecutive wildcard characters at pos ${index + 1}`);
      parts.push('');
    } else {
      parts[parts.length - 1] += char;
    }
  }
  if (parts.length - 1 > WILDCARDS_MAX) {
    return refusePattern(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    );
  }
  return matchesRuns(parts);
};
