import { describe, expect, it } from 'vitest';
import { s3Event } from '../testing/events.ts';
import { parserRig } from '../testing/parser-rig.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { createErrorProcessor } from './create-error-processor.ts';

const KEY = 'uploads/VEND001/a.csv';
const HEADER = 'vendor_product_id,product_name,category,sku,price,stock_quantity';
const SHEET = `${HEADER}\n1,Mug,c,s,1,1\n2,"a\nb",c,s,0,1\n3,,c,s,0,-1\n`;

const rigAfterUpload = async (sheet: string) => {
  const rig = parserRig();
  rig.put(KEY, sheet);
  await rig.invoke(s3Event(KEY, sheet));
  const summarise = createErrorProcessor({
    s3: rig.s3.client,
    dynamodb: rig.dynamodb.client,
    log: rig.log,
    settings: { uploadsTable: 'uploads' },
  });
  const message: string = rig.sqs.inputsOf('SendMessage').at(-1).MessageBody;
  return { rig, message, summarise: (...bodies: unknown[]) => summarise(sqsBatch(...bodies), batchContext) };
};

describe('error-processor', () => {
  it('counts the reasons of rejected rows on the upload’s record', async () => {
    const { rig, message, summarise } = await rigAfterUpload(SHEET);

    const response = await summarise(message);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(rig.record(KEY)?.['error_summary']).toEqual({
      M: {
        rows: { N: '2' },
        reasons: {
          M: {
            'price is not above 0': { N: '2' },
            'product_name is blank': { N: '1' },
            'stock_quantity is below 0': { N: '1' },
          },
        },
        first_rows: { L: [{ N: '3' }, { N: '5' }] },
      },
    });
  });

  it('changes nothing when the message comes twice', async () => {
    const { rig, message, summarise } = await rigAfterUpload(SHEET);
    await summarise(message);
    const before = structuredClone(rig.record(KEY));

    await summarise(message);

    expect(rig.record(KEY)).toEqual(before);
  });

  it('records the reason of a file that could not be read at all', async () => {
    const { rig, message, summarise } = await rigAfterUpload('a;b\n');

    await summarise(message);

    expect(rig.record(KEY)?.['error_summary']).toMatchObject({ M: { reasons: { M: { WRONG_HEADER: { N: '1' } } } } });
  });

  it('drops messages about a content that was replaced or a report that is gone', async () => {
    const { rig, message, summarise } = await rigAfterUpload(SHEET);
    rig.s3.objects.delete('errors/VEND001/a.csv');

    const response = await summarise({ ...JSON.parse(message), etag: 'older' }, message);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(rig.record(KEY)).not.toHaveProperty('error_summary');
  });

  it('reports only the message that failed', async () => {
    const { message, summarise } = await rigAfterUpload(SHEET);

    const response = await summarise(message, '{}');

    expect(response.batchItemFailures).toEqual([{ itemIdentifier: 'm1' }]);
  });
});
