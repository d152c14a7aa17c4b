import { describe, expect, it } from 'vitest';
import { s3Event } from '../testing/events.ts';
import { sdkError } from '../testing/fake-aws.ts';
import { parserRig } from '../testing/parser-rig.ts';

const KEY = 'uploads/VEND001/2025-11-28.csv';
const HEADER = 'vendor_product_id,product_name,category,sku,price,stock_quantity';
const GOOD = `${HEADER}\n1,Mug,Kitchen,M1,4.95,10\n2,Bag,Travel,B1,1.65,0\n`;
const MIXED = `${HEADER}\n1,Mug,Kitchen,M1,4.95,10\n2,"Bag, ""big""",Travel,B1,0,-1\n`;

describe('csv-parser', () => {
  it('stores the products, records the upload, tells vendor and validator', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);

    const summary = await rig.invoke(s3Event(KEY, GOOD));

    expect(summary.files).toMatchObject([{ key: KEY, status: 'COMPLETED', isNew: true, rows: 2, products: 2 }]);
    expect([...rig.dynamodb.table('products').values()][0]).toMatchObject({
      vendor_id: { S: 'VEND001' },
      vendor_product_id: { S: '1' },
      price: { N: '4.95' },
      stock_quantity: { N: '10' },
      source_key: { S: KEY },
      updated_at: { S: '2025-11-28T07:59:59.000Z' },
    });
    expect(rig.record(KEY)).toMatchObject({
      status: { S: 'COMPLETED' },
      rows: { N: '2' },
      attempts: { N: '1' },
      version: { N: '1' },
      announced: { BOOL: true },
      lease_until: { N: '0' },
    });
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
    expect(rig.sns.inputsOf('Publish')[0]).toMatchObject({
      Subject: 'Upload VEND001/2025-11-28.csv: all rows taken',
      MessageAttributes: { vendor_id: { StringValue: 'VEND001' }, status: { StringValue: 'COMPLETED' } },
    });
    expect(rig.sqs.inputsOf('SendMessage').map(({ QueueUrl }) => QueueUrl)).toEqual(['http://queue/validation']);
  });

  it('reports rejected rows with line number and reasons beside the upload, and tells the error processor', async () => {
    const rig = parserRig();
    rig.put(KEY, MIXED);

    const summary = await rig.invoke(s3Event(KEY, MIXED));

    expect(summary.files).toMatchObject([{ status: 'COMPLETED_WITH_ERRORS', accepted: 1, rejected: 1 }]);
    expect(rig.s3.objects.get('errors/VEND001/2025-11-28.csv')?.toString()).toBe(
      `row_number,reason,${HEADER}\n3,price is not above 0; stock_quantity is below 0,2,"Bag, ""big""",Travel,B1,0,-1\n`,
    );
    expect(rig.record(KEY)).toMatchObject({ error_report: { S: 'errors/VEND001/2025-11-28.csv' } });
    expect(rig.sqs.inputsOf('SendMessage').map(({ QueueUrl }) => QueueUrl)).toEqual([
      'http://queue/validation',
      'http://queue/errors',
    ]);
  });

  it('changes nothing and stays silent when the same file is delivered again', async () => {
    const rig = parserRig();
    rig.put(KEY, MIXED);
    await rig.invoke(s3Event(KEY, MIXED));
    const before = structuredClone([rig.record(KEY), [...rig.dynamodb.table('products')]]);
    const writes = rig.dynamodb.sent.length;

    const again = await rig.invoke(s3Event(KEY, MIXED));
    const uploadedAgain = await rig.invoke(
      s3Event(KEY, MIXED, { sequencer: '0055AED6DCD90281E9', eventTime: '2025-11-28T09:00:00.000Z' }),
    );

    expect(again.files).toMatchObject([{ status: 'COMPLETED_WITH_ERRORS', isNew: false, rows: 2 }]);
    expect(uploadedAgain.files).toMatchObject([{ isNew: false }]);
    expect([rig.record(KEY), [...rig.dynamodb.table('products')]]).toEqual(before);
    expect(rig.dynamodb.sent.slice(writes).map(({ operation }) => operation)).toEqual(['PutItem', 'PutItem']);
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
  });

  it('notifies once when two deliveries come at the same time: the second waits for the first', async () => {
    const rig = parserRig({ parserLatencyMs: 5_000 });
    rig.put(KEY, GOOD);

    const both = await rig.ambient.run(Promise.all([rig.begin(s3Event(KEY, GOOD)), rig.begin(s3Event(KEY, GOOD))]));

    expect(both.map(({ files }) => files[0]?.isNew).sort()).toEqual([false, true]);
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
    expect(rig.record(KEY)).toMatchObject({ attempts: { N: '1' } });
  });

  it('does not answer success while another invocation may still fail: it throws UploadInProgressError', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);
    rig.dynamodb.before = (operation) => {
      // The holder dies without a word: neither its work nor its last write happens.
      if (operation === 'BatchWriteItem' || operation === 'UpdateItem') throw sdkError('Killed', 500);
    };
    await expect(rig.invoke(s3Event(KEY, GOOD), 'holder', 60_000)).rejects.toThrow();
    rig.dynamodb.before = () => {};

    await expect(rig.invoke(s3Event(KEY, GOOD), 'other')).rejects.toMatchObject({ name: 'UploadInProgressError' });
    rig.ambient.advance(60_000);
    const later = await rig.invoke(s3Event(KEY, GOOD), 'other');

    expect(later.files).toMatchObject([{ status: 'COMPLETED', isNew: true }]);
    expect(rig.record(KEY)).toMatchObject({ attempts: { N: '2' } });
  });

  it('writes the same bytes when the same request runs again after being killed in the middle', async () => {
    const undisturbed = parserRig();
    undisturbed.put(KEY, GOOD);
    await undisturbed.invoke(s3Event(KEY, GOOD));
    const rig = parserRig();
    rig.put(KEY, GOOD);
    rig.dynamodb.before = (operation) => {
      if (operation === 'UpdateItem') throw sdkError('Killed', 500);
    };
    await expect(rig.invoke(s3Event(KEY, GOOD), 'same')).rejects.toThrow();
    rig.dynamodb.before = () => {};
    rig.ambient.advance(5_000);

    await rig.invoke(s3Event(KEY, GOOD), 'same');

    expect([...rig.dynamodb.table('products')]).toEqual([...undisturbed.dynamodb.table('products')]);
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
  });

  it('sends the notice later when the topic was down, without parsing again', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);
    rig.sns.before = () => {
      throw sdkError('InternalError', 500);
    };
    await expect(rig.invoke(s3Event(KEY, GOOD))).rejects.toThrow();
    rig.sns.before = () => {};

    const second = await rig.invoke(s3Event(KEY, GOOD));

    expect(second.files).toMatchObject([{ status: 'COMPLETED', isNew: true }]);
    expect(rig.s3.inputsOf('GetObject')).toHaveLength(1);
    expect(rig.record(KEY)).toMatchObject({ announced: { BOOL: true } });
  });

  it('keeps what validator and error processor have written while the parser was still announcing', async () => {
    const rig = parserRig();
    rig.put(KEY, MIXED);
    rig.sns.before = () => {
      const record = rig.record(KEY) ?? {};
      record['validated_at'] = { S: 'now' };
    };

    await rig.invoke(s3Event(KEY, MIXED));

    expect(rig.record(KEY)).toMatchObject({ validated_at: { S: 'now' }, announced: { BOOL: true } });
  });

  it.each([
    ['an empty file', '', 'EMPTY'],
    ['a wrong header', 'a,b,c\n1,2,3\n', 'WRONG_HEADER'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]), 'BAD_ENCODING'],
    ['broken quotes', `${HEADER}\n1,"x`, 'NOT_CSV'],
  ] as const)('ends %s as FAILED with a notice, without throwing and without products', async (_name, body, reason) => {
    const rig = parserRig();
    rig.put(KEY, Buffer.from(body));

    const summary = await rig.invoke(s3Event(KEY, Buffer.from(body)));

    expect(summary.files).toMatchObject([{ status: 'FAILED', reason }]);
    expect(rig.record(KEY)).toMatchObject({
      status: { S: 'FAILED' },
      reason: { S: reason },
      announced: { BOOL: true },
    });
    expect(rig.dynamodb.table('products').size).toBe(0);
    expect(rig.sns.inputsOf('Publish')[0].Message).toContain(`Reason: ${reason}`);
    expect(rig.sqs.inputsOf('SendMessage').map(({ QueueUrl }) => QueueUrl)).toEqual(['http://queue/errors']);
  });

  it('ends a file of 100 MB as TOO_LARGE without downloading it', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);
    const event = s3Event(KEY, GOOD);
    for (const { s3 } of event.Records) s3.object.size = 100 * 1024 * 1024;

    const summary = await rig.invoke(event);

    expect(summary.files).toMatchObject([{ status: 'FAILED', reason: 'TOO_LARGE' }]);
    expect(rig.s3.sent).toEqual([]);
  });

  it('ends as OBJECT_MISSING when the object was deleted meanwhile', async () => {
    const rig = parserRig();

    const summary = await rig.invoke(s3Event(KEY, GOOD));

    expect(summary.files).toMatchObject([{ status: 'FAILED', reason: 'OBJECT_MISSING' }]);
  });

  it('leaves a content that has been replaced to the event of its successor', async () => {
    const rig = parserRig();
    rig.put(KEY, MIXED);

    const first = await rig.invoke(s3Event(KEY, GOOD, { sequencer: '01' }));
    const second = await rig.invoke(s3Event(KEY, MIXED, { sequencer: '02' }));

    expect(first.files).toMatchObject([{ status: 'SUPERSEDED' }]);
    expect(second.files).toMatchObject([{ status: 'COMPLETED_WITH_ERRORS' }]);
    expect(rig.record(KEY)).toMatchObject({ version: { N: '2' } });
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
  });

  it('asks S3 which content is meant when the event does not say', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);
    const handMade = { Records: [{ s3: { bucket: { name: 'uploads-bucket' }, object: { key: KEY } } }] };

    const first = await rig.invoke(handMade);
    const second = await rig.invoke(handMade);

    expect(first.files).toMatchObject([{ status: 'COMPLETED', isNew: true }]);
    expect(second.files).toMatchObject([{ status: 'COMPLETED', isNew: false }]);
    expect([...rig.dynamodb.table('products').values()][0]).toMatchObject({
      updated_at: { S: '2025-11-28T08:00:00.000Z' },
    });
  });

  it('ends a file of mixed line ends with the products that are in it, and the lines where bad rows begin', async () => {
    const rig = parserRig();
    const body = [
      'vendor_product_id,category,sku,price,stock_quantity,product_name\n',
      'P1,T,S,1.00,1,Item 1\r\n',
      'P9\n',
      'P2,T,S,1.00,1,"two\r\nlines"\r',
      ',,,,,\r\n',
      'P3,T,S,x,1,Item 3',
    ].join('');
    rig.put(KEY, body);

    const { files } = await rig.invoke(s3Event(KEY, body));

    expect(files).toMatchObject([{ status: 'COMPLETED_WITH_ERRORS', rows: 4, accepted: 2, rejected: 2 }]);
    expect([...rig.dynamodb.table('products').values()].map((item) => item['product_name'])).toEqual([
      { S: 'Item 1' },
      { S: 'two\r\nlines' },
    ]);
    expect(rig.s3.objects.get('errors/VEND001/2025-11-28.csv')?.toString().match(/^\d+,/gm)).toEqual(['3,', '7,']);
  });

  it('decodes the key of the event', async () => {
    const rig = parserRig();
    const key = 'uploads/VEND001/spring + summer @50%.csv';
    rig.put(key, GOOD);

    const summary = await rig.invoke(s3Event(key, GOOD));

    expect(summary.files).toMatchObject([{ key, status: 'COMPLETED' }]);
  });

  it.each(['uploads/VEND001/FEED.CSV', 'uploads/VEND001/feed.Csv'])('reads %s', async (key) => {
    const rig = parserRig();
    rig.put(key, GOOD);

    expect((await rig.invoke(s3Event(key, GOOD))).files).toMatchObject([{ key, status: 'COMPLETED' }]);
  });

  it.each([
    ['uploads/a.csv', "it lies in no vendor's folder"],
    ['uploads/VEND001/deep/a.csv', "it lies in a folder below the vendor's"],
    ['uploads/VEND001/a.txt', 'its name does not end in .csv'],
    ['uploads/VEND001/.csv', 'it has no name'],
    ['uploads//a.csv', "it lies in no vendor's folder"],
  ])('tells people that %s is not read, and why', async (key, reason) => {
    const rig = parserRig();

    const summary = await rig.invoke(s3Event(key, GOOD));

    expect(summary.files).toMatchObject([{ key, status: 'MISPLACED', reason }]);
    expect(rig.sns.inputsOf('Publish')).toMatchObject([
      {
        Subject: `Upload ${key.slice('uploads/'.length)}: not read, ${reason}`,
        MessageAttributes: { status: { StringValue: 'MISPLACED' } },
      },
    ]);
    expect(rig.dynamodb.sent).toEqual([]);
  });

  it('fails when nobody can be told of a misplaced file, so that its event comes again', async () => {
    const rig = parserRig();
    rig.sns.before = () => {
      throw sdkError('InternalError', 500);
    };

    await expect(rig.invoke(s3Event('uploads/a.csv', GOOD))).rejects.toMatchObject({ name: 'InternalError' });
  });

  it.each(['errors/VEND001/a.csv', 'uploads/VEND001/'])('ignores %s with a warning', async (key) => {
    const rig = parserRig();

    const summary = await rig.invoke(s3Event(key, GOOD));

    expect(summary.files).toMatchObject([{ key, status: 'IGNORED' }]);
    expect(rig.log.lines).toMatchObject([{ level: 'warn', details: { key } }]);
    expect(rig.sns.sent).toEqual([]);
  });

  it('throws when the table fails, lets go of the upload, and completes it at the next delivery', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);
    rig.dynamodb.before = (operation) => {
      if (operation === 'BatchWriteItem') throw sdkError('ProvisionedThroughputExceededException', 400);
    };

    await expect(rig.invoke(s3Event(KEY, GOOD))).rejects.toMatchObject({
      name: 'ProvisionedThroughputExceededException',
    });
    const waiting = rig.record(KEY);
    rig.dynamodb.before = () => {};
    const second = await rig.invoke(s3Event(KEY, GOOD));

    expect(waiting).toMatchObject({
      status: { S: 'PROCESSING' },
      lease_until: { N: '0' },
      last_error: { S: 'ProvisionedThroughputExceededException' },
    });
    expect(second.files).toMatchObject([{ status: 'COMPLETED' }]);
    expect(rig.record(KEY)).not.toHaveProperty('last_error');
  });

  it('sends again what DynamoDB hands back, and gives up with UnprocessedItemsError', async () => {
    const rig = parserRig();
    rig.put(KEY, GOOD);
    const write = rig.dynamodb.operations['BatchWriteItem'] as (input: never) => unknown;
    let refusals = 3;
    rig.dynamodb.operations['BatchWriteItem'] = (input) =>
      refusals-- > 0 ? { UnprocessedItems: input.RequestItems } : write(input as never);

    const summary = await rig.invoke(s3Event(KEY, GOOD));
    refusals = Number.POSITIVE_INFINITY;
    const other = 'uploads/VEND001/other.csv';
    rig.put(other, GOOD);

    expect(summary.files).toMatchObject([{ status: 'COMPLETED' }]);
    await expect(rig.invoke(s3Event(other, GOOD))).rejects.toMatchObject({ name: 'UnprocessedItemsError' });
  });

  it('throws DrillError for the vendor of the drill and nobody else', async () => {
    const rig = parserRig({ failVendor: 'VEND001' });
    const other = 'uploads/VEND002/a.csv';
    rig.put(KEY, GOOD);
    rig.put(other, GOOD);

    await expect(rig.invoke(s3Event(KEY, GOOD))).rejects.toMatchObject({ name: 'DrillError' });
    await expect(rig.invoke(s3Event(other, GOOD))).resolves.toMatchObject({ files: [{ status: 'COMPLETED' }] });
  });

  it('tries all records of an event before it throws', async () => {
    const rig = parserRig({ failVendor: 'VEND001' });
    const other = 'uploads/VEND002/a.csv';
    rig.put(KEY, GOOD);
    rig.put(other, GOOD);
    const event = { Records: [...s3Event(KEY, GOOD).Records, ...s3Event(other, GOOD).Records] };

    await expect(rig.invoke(event)).rejects.toMatchObject({ name: 'DrillError' });

    expect(rig.record(other)).toMatchObject({ status: { S: 'COMPLETED' } });
  });

  it.each([undefined, null, {}, { Records: [] }, { Records: [{ body: 'x' }] }])('refuses %j', async (event) => {
    await expect(parserRig().invoke(event)).rejects.toMatchObject({ name: 'MalformedEventError' });
  });
});
