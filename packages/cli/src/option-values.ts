import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { formatDuration, parseDurationMs } from '@holdfast/kernel';

/** What an option may hold. The parser puts the option's name and the value in front of the rule that is thrown. */
type Read<Value> = (text: string) => Value;

const refuse = (rule: string): never => {
  throw new InvalidArgumentError(rule);
};

export const wholeNumber =
  (min: number, max = Number.MAX_SAFE_INTEGER): Read<number> =>
  (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    return refuse(
      max === Number.MAX_SAFE_INTEGER
        ? `It must be a whole number of at least ${min}.`
        : `It must be a whole number from ${min} to ${max}.`,
    );
  };

/** 0 takes any free port. */
export const portNumber: Read<number> = wholeNumber(0, 65_535);

/** In milliseconds. */
export const duration: Read<number> = (text) => {
  try {
    return parseDurationMs(text);
  } catch {
    return refuse('It must be a duration with its unit, such as 30s, 5m or PT1H30M.');
  }
};

/** In milliseconds, of so many or more. */
export const durationFrom =
  (minMs: number): Read<number> =>
  (text) => {
    const ms = duration(text);
    return ms >= minMs ? ms : refuse(`It must be at least ${formatDuration(minMs)}.`);
  };

/** A file that is written at the end: whether it can be is said before the work, not after it. */
export const outputFile: Read<string> = (text) => {
  const directory = dirname(resolve(text));
  if (!existsSync(directory)) return refuse(`It must be in a directory that is there; ${directory} is not.`);
  return existsSync(text) && statSync(text).isDirectory() ? refuse('It must be a file, and is a directory.') : text;
};

export const httpUrl: Read<string> = (text) =>
  /^https?:\/\//.test(text) && URL.canParse(text)
    ? text
    : refuse('It must be a whole URL, such as http://127.0.0.1:4566.');

/** An option that may repeat, and names several with commas in its environment variable. */
const collected =
  (pattern: RegExp, rule: string) =>
  (text: string, before: readonly string[] | undefined): readonly string[] =>
    text.split(',').every((entry) => pattern.test(entry)) ? [...(before ?? []), ...text.split(',')] : refuse(rule);

export const pageOrigins = collected(
  /^(?:\*|null|https?:\/\/[^/?#,\s]+\/?)$/i,
  'It must be an origin such as https://app.example.com, null, or *.',
);

export const hostNames = collected(
  /^(?:\*|(?:\*\.)?[a-z0-9_.-]+|\[?[0-9a-f:]+\]?)$/i,
  'It must be a name without port, such as box.example.com, *.example.com, or *.',
);

export const accountId: Read<string> = (text) => (/^\d{12}$/.test(text) ? text : refuse('It must be twelve digits.'));

/** An option that may repeat. */
export const collect = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

/** `Key=Value`, an option that may repeat. */
export const keyAndValue = (
  text: string,
  before: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> => {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? refuse('It must be Key=Value.');
  return { ...before, [key]: value };
};

const SECONDS_OF = { s: 1, m: 60, h: 3_600 } as const;

/** `50/s`, `10/m`: a second. */
export const ratePerSecond: Read<number> = (text) => {
  const [, number = '', unit] = /^(\d+(?:\.\d+)?)\/([smh])$/.exec(text) ?? [];
  const rate = Number(number) / SECONDS_OF[unit as keyof typeof SECONDS_OF];
  return rate > 0 && rate <= 10_000 ? rate : refuse('It must be a number with its unit, such as 50/s, 10/m or 100/h.');
};

/** `10%` or `0.1`. */
export const share: Read<number> = (text) => {
  const value = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  return /^\d+(?:\.\d+)?%?$/.test(text) && value <= 1 ? value : refuse('It must be a share, such as 10% or 0.1.');
};
