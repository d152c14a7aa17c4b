import type { Random } from '@holdfast/kernel';

export const pick = <Value>(random: Random, values: readonly Value[]): Value =>
  values[Math.floor(random.nextUnit() * values.length)] as Value;

/** Stand for JSON that is nested too deeply for `JSON.stringify`. */
const DEEP: Readonly<Record<string, string>> = {
  '@@lists': `${'['.repeat(5_000)}1${']'.repeat(5_000)}`,
  '@@maps': `${'{"M":'.repeat(5_000)}{"S":"x"}${'}'.repeat(5_000)}`,
  '@@attribute': `${'{"L":['.repeat(5_000)}{"S":"x"}${']}'.repeat(5_000)}`,
  '@@huge': '1e999',
};

export const jsonTextOf = (value: unknown): string =>
  JSON.stringify(value).replace(/"(@@[a-z]+)"/g, (_, name: string) => DEEP[name] ?? '""');

/** Texts that parsers, patterns, paths and logs stumble over. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '\u2028\ufeff',
  '%',
  '%zz',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  'NaN',
  '-1',
  '1e999',
  'null',
  '{}',
  '[]',
  '{"a":null}',
  '[[[[',
  '{"',
  '"',
  '*',
  ':::::',
  'arn:aws:sqs:us-east-1:000000000000:',
  'arn:aws:sqs:eu-west-1:111122223333:fuzz',
  'arn:aws:lambda:us-east-1:000000000000:function:',
  'rate(0 minutes)',
  'cron(* * * * ? *)',
  'cron(0 0 31 2 ? *)',
  'a'.repeat(2_000),
  'ü'.repeat(600),
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
  `${'('.repeat(2_000)}a${')'.repeat(2_000)}`,
  `${'NOT '.repeat(3_000)}a`,
  `{"Resources":{"R":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":${'{"Fn::Join":["",["a",'.repeat(1_500)}"b"${']]}'.repeat(1_500)}}}}}`,
];

/** Values in places where something else belongs. */
export const ODD_VALUES: readonly unknown[] = [
  ...ODD_TEXTS,
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  2 ** 53 + 2,
  1e30,
  -1e300,
  [],
  {},
  [null],
  { a: null },
  [[[]]],
  ...Object.keys(DEEP),
];
