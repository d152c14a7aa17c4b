import { describe, expect, it } from 'vitest';
import { s3Event } from '../testing/events.ts';
import { parserRig } from '../testing/parser-rig.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { createProductValidator } from './create-product-validator.ts';

const KEY = 'uploads/VEND001/a.csv';
const HEADER = 'vendor_product_id,product_name,category,sku,price,stock_quantity';
const SHEET = `${HEADER}\n${Array.from({ length: 60 }, (_, row) => `${row},Mug,c,s,1,1`).join('\n')}\n`;

/** A parsed upload, the validator beside it, and the message the parser sent. */
const rigAfterUpload = async () => {
  const rig = parserRig();
  rig.put(KEY, SHEET);
  await rig.invoke(s3Event(KEY, SHEET));
  const validate = createProductValidator({
    sleep: rig.ambient.sleep,
    random: rig.ambient.random,
    dynamodb: rig.dynamodb.client,
    log: rig.log,
    settings: { productsTable: 'products', uploadsTable: 'uploads' },
  });
  const message: string = rig.sqs.inputsOf('SendMessage')[0].MessageBody;
  return {
    rig,
    message,
    validate: (...bodies: unknown[]) => rig.ambient.run(validate(sqsBatch(...bodies), batchContext)),
  };
};

describe('product-validator', () => {
  it('marks an upload whose sampled products are all there', async () => {
    const { rig, message, validate } = await rigAfterUpload();

    const response = await validate(message);

    expect(response).toEqual({ batchItemFailures: [] });
    expect(rig.record(KEY)).toMatchObject({
      validated_at: { S: '2025-11-28T09:00:00.000Z' },
      validated_products: { N: '25' },
    });
  });

  it('changes nothing when the message comes twice', async () => {
    const { rig, message, validate } = await rigAfterUpload();
    await validate(message);
    const before = structuredClone(rig.record(KEY));

    await validate(message, message);

    expect(rig.record(KEY)).toEqual(before);
  });

  it('asks again for keys that DynamoDB left unprocessed', async () => {
    const { rig, message, validate } = await rigAfterUpload();
    const get = rig.dynamodb.operations['BatchGetItem'] as (input: never) => object;
    let isFirst = true;
    rig.dynamodb.operations['BatchGetItem'] = (input) => {
      if (!isFirst) return get(input as never);
      isFirst = false;
      return { Responses: {}, UnprocessedKeys: input.RequestItems };
    };

    expect(await validate(message)).toEqual({ batchItemFailures: [] });
  });

  it('reports the message as failed when a product is not there, and only that one', async () => {
    const { rig, message, validate } = await rigAfterUpload();
    rig.dynamodb.table('products').delete(JSON.stringify(['VEND001', '0']));
    const aboutAnOlderContent = { ...JSON.parse(message), etag: 'older' };

    const response = await validate(aboutAnOlderContent, message, 'no JSON', {});

    expect(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(['m1', 'm2', 'm3']);
    expect(rig.record(KEY)).not.toHaveProperty('validated_at');
  });
});
