import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { expect, it } from 'vitest';
import { ROW_SCHEMA } from './row-schema.ts';

it('the schema of rows is itself valid, which no cold start has to find out', () => {
  expect(new Ajv({ strict: true }).validateSchema(ROW_SCHEMA, true)).toBe(true);
});

it('the compiled rules are those of the schema; with `-u` they are written anew', async () => {
  const ajv = new Ajv({ allErrors: true, strict: true, code: { source: true, esm: true, lines: true } });
  const code = standalone
    .default(ajv, ajv.compile(ROW_SCHEMA))
    .replace('"use strict";\n', "import length from 'ajv/dist/runtime/ucs2length.js';\n")
    .replace('export default validate10;\n', '')
    .replace('require("ajv/dist/runtime/ucs2length").default', 'length.default ?? length');
  expect(code).not.toContain('require(');
  await expect(code).toMatchFileSnapshot('row-validator.generated.mjs');
});
