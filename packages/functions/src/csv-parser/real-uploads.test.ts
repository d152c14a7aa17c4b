import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { s3Event } from '../testing/events.ts';
import { parserRig } from '../testing/parser-rig.ts';

const FILES = join(import.meta.dirname, '../../../stacks/data/vendor-uploads');

const uploads = readdirSync(FILES).flatMap((vendor) =>
  readdirSync(join(FILES, vendor)).map((file) => ({
    key: `uploads/${vendor}/${file}`,
    body: readFileSync(join(FILES, vendor, file)),
  })),
);

describe('the thousand real vendor files', () => {
  it('give 63,328 products and 1,429 rejected rows, and the same when every file comes twice', async () => {
    const rig = parserRig();
    for (const { key, body } of uploads) rig.put(key, body);
    const totals = { rows: 0, accepted: 0, rejected: 0, failed: 0 };

    for (const { key, body } of uploads) {
      const { files } = await rig.invoke(s3Event(key, body));
      for (const file of files) {
        totals.rows += file.rows ?? 0;
        totals.accepted += file.accepted ?? 0;
        totals.rejected += file.rejected ?? 0;
        totals.failed += file.status === 'FAILED' ? 1 : 0;
      }
    }
    const before = structuredClone([...rig.dynamodb.table('products')]);
    for (const { key, body } of uploads) await rig.invoke(s3Event(key, body, { sequencer: 'FF' }));

    expect(uploads).toHaveLength(1_000);
    expect(totals).toEqual({ rows: 65_969, accepted: 64_540, rejected: 1_429, failed: 0 });
    expect(before).toHaveLength(63_328);
    expect([...rig.dynamodb.table('products')]).toEqual(before);
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1_000);
  });
});
