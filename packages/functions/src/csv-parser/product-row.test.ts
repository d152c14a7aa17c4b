import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { ROW_SCHEMA } from './product-row.ts';

test('the schema of rows is itself valid, which no cold start has to find out', () => {
  expect(new Ajv({ strict: true }).validateSchema(ROW_SCHEMA, true)).toBe(true);
});
