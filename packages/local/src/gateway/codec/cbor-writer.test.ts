import { cbor } from '@smithy/core/cbor';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCbor } from './cbor.ts';
import { flawOfCbor } from './cbor-check.ts';
import { CborWriter, Float, Time } from './cbor-writer.ts';

const hex = (value: unknown): string => Buffer.from(CborWriter.write(value)).toString('hex');

const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0)),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
/** The reader beside which the writer is held loses this one; `parseCbor` refuses it for that. */
const name = fc.string().filter((text) => text !== '__proto__');

const { value: anything } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(name, tie('value'), { noNullPrototype: true }),
  ),
}));

it('everything written is read as it was', () => {
  fc.assert(
    fc.property(anything, (value) => {
      const written = CborWriter.write(value);
      expect(flawOfCbor(Buffer.from(written))).toBeUndefined();
      expect(cbor.deserialize(written)).toEqual(value);
    }),
  );
});

it.each([
  [30, '181e'],
  [new Float(30), 'fb403e000000000000'],
  [new Float(0.5), 'fb3fe0000000000000'],
  [-1, '20'],
  [2 ** 40, '1b0000010000000000'],
  [1e300, 'fb7e37e43c8800759c'],
  [new Time(1_735_787_045), 'c11a67760225'],
  [new Time(new Float(1_735_787_045)), 'c1fb41d9dd8089400000'],
  [{ a: undefined, b: [] }, 'a1616280'],
  [{ ['__proto__']: 1 }, `a169${Buffer.from('__proto__').toString('hex')}01`],
])('%j is written as %s', (value, expected) => {
  expect(hex(value)).toBe(expected);
});

it.each([{ Tags: { ['__proto__']: 'kept' } }, { Tags: { ['__proto__']: { a: 'b' } } }])(
  'a body with a member that the decoder would lose is refused by its name: %j',
  (body) => {
    const bytes = Buffer.from(CborWriter.write(body));

    expect(() => parseCbor(bytes)).toThrow('The text __proto__ is not supported in a CBOR body.');
  },
);
