import { readFileSync } from 'node:fs';
import { InvalidInputError } from '@holdfast/local';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.ts';
import { parseHcl } from './hcl-body.ts';
import { parseExpression } from './hcl-expression.ts';
import { asTemplateValue, JoinedText, jsonText, parseJsonText, type TerraformValue } from './terraform-value.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** Names of members that mean nothing to JavaScript. */
const name = fc.stringMatching(/^[A-Za-z][\w-]{0,8}$/);
const json: fc.Arbitrary<Json> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value as fc.Arbitrary<Json>;

/** As a person writes it in Terraform's language. */
const written = (value: Json, indent: string): string => {
  const inner = `${indent}  `;
  if (typeof value === 'string') return JSON.stringify(value).replaceAll('${', '$${').replaceAll('%{', '%%{');
  if (Array.isArray(value)) {
    return value.length === 0
      ? '[]'
      : `[ # a list\n${value.map((one) => `${inner}${written(one, inner)},\n`).join('')}${indent}]`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(
    ([key, one]) => `${inner}${JSON.stringify(key)} = ${written(one, inner)}\n`,
  );
  return `{\n${entries.join('')}${indent}}`;
};

const readBack = (source: string): TerraformValue => {
  const [attribute] = parseHcl('main.tf', `a = ${source}\nb = 1\n`).attributes;
  if (attribute === undefined) return undefined;
  return evaluate(parseExpression(attribute.text), (_, steps) => new JoinedText([{ Ref: String(steps[0]) }]));
};

describe("Terraform's language", () => {
  it('says what was written', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(readBack(written(value, ''))).toEqual(value);
      }),
    );
  });

  it('has the same text by jsonencode, with what is not known yet in its place', () => {
    fc.assert(
      fc.property(json, name, (value, resource) => {
        const source = `jsonencode({ arn = "before \${queue.${resource}.arn} behind", value = ${written(value, '')} })`;
        const text = readBack(source);
        expect(text).toBeInstanceOf(JoinedText);
        const arn = { 'Fn::Join': ['', ['before ', { Ref: resource }, ' behind']] };
        expect(asTemplateValue(parseJsonText(text as JoinedText))).toEqual({ arn, value });
        expect(jsonText(parseJsonText(text as JoinedText))).toEqual(text);
      }),
    );
  });

  it('goes through lists and objects as JavaScript does, in the order of their keys', () => {
    const numbers = fc.array(fc.integer({ min: -99, max: 99 }), { maxLength: 6 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: -99, max: 99 }), (list, least) => {
        const source = JSON.stringify(list);
        const kept = list.flatMap((item, index) => (item >= least || index === 0 ? [item * 2 - index] : []));
        expect(readBack(`[for i, x in ${source} : x * 2 - i if x >= ${least} || i == 0]`)).toEqual(kept);
        const groups: Record<string, number[]> = {};
        for (const item of list) groups[`k${item % 3}`] = [...(groups[`k${item % 3}`] ?? []), item];
        expect(readBack(`{ for x in ${source} : "k\${x % 3}" => x... }`)).toEqual(groups);
        const objects = list.map((item) => ({ a: { b: item } }));
        const written = JSON.stringify(objects);
        expect(readBack(`${written}[*].a.b`)).toEqual(list);
        expect(readBack(`${written}.*.a.b`)).toEqual(list);
        expect(readBack(`flatten([${source}, [${source}]])`)).toEqual([...list, ...list]);
        expect(readBack(`try(${source}[${list.length}], "none")`)).toBe('none');
        expect(readBack(`concat([${source}, [1]]...)`)).toEqual([...list, 1]);
      }),
    );
  });

  it.each([
    ['(1 + 2) * 3 % 5 == 4 && !false', true],
    ['-2 < -1 ? "a" : "b"', 'a'],
    ['[1, 2,\n 3][1]', 2],
    ['{ a = { b = [7] } }.a.b[0]', 7],
    ['[{ a = 1 }].*.a[0]', 1],
    ['keys({ b = 1, a = 2 })', ['a', 'b']],
    ['[for k, v in { b = 1, a = 2 } : join("", [k, v])]', ['a2', 'b1']],
    ['[for x in toset(["a", "a"]) : x]', ['a']],
    ['[for x in toset(["b", "a", "c"]) : x]', ['a', 'b', 'c']],
    ['[for x in toset([10, 9]) : x]', [9, 10]],
    ['(null)[*].x', []],
    ['lookup({ a = 1 }, "b", 2)', 2],
    ['format("%s-%d%%", "a", 2)', 'a-2%'],
    ['one([])', null],
    ['element([1, 2], 3)', 2],
    ['{ a = 1, b = [{ c = 2, d = 3 }] } == { b = [{ d = 3, c = 2 }], a = 1 }', true],
    ['toset(["b", "a"]) == toset(["a", "b"])', true],
    ['["b", "a"] == ["a", "b"]', false],
  ] as const)('%s', (source, value) => {
    expect(readBack(source)).toEqual(value);
  });

  it.each(['1 / 0', '1 % 0', '1 / "0"'])('is refused where it divides by zero: %s', (source) => {
    expect(() => readBack(source)).toThrow('divides by zero');
  });

  it('is refused with file and line where it is broken, and never read for ever', () => {
    const whole = readFileSync(new URL('./fixtures/main.tf', import.meta.url), 'utf8');
    const damage = fc.record({
      at: fc.nat(whole.length),
      length: fc.nat(40),
      text: fc.oneof(
        fc.constantFrom(
          '"',
          '${',
          '}',
          '{',
          '(',
          '<<EOT\n',
          '\\',
          '/*',
          '[for x in ',
          ' : ',
          '[*]',
          '.*',
          '...',
          '!',
          '*',
          '=',
          '\n',
        ),
        fc.string(),
      ),
    });
    fc.assert(
      fc.property(damage, ({ at, length, text }) => {
        try {
          const { blocks } = parseHcl('main.tf', `${whole.slice(0, at)}${text}${whole.slice(at + length)}`);
          const attributes = blocks
            .flatMap(({ body }) => [body, ...body.blocks.map((one) => one.body)])
            .flatMap((body) => body.attributes);
          for (const attribute of attributes) parseExpression(attribute.text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
          expect((error as Error).message).toMatch(/^main\.tf:\d+: /);
        }
      }),
    );
  });
});
