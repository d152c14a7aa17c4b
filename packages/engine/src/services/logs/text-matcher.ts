import { matchesRuns } from '../../core/index.ts';

/** Decides about a text. */
export type TextMatcher = (text: string) => boolean;

/** Whole-text comparison in which `*` stands for any run of characters. */
export const likeText = (pattern: string): TextMatcher => matchesRuns(pattern.split('*'));
