import { APIGatewayProxyEventV2Schema } from '@aws-lambda-powertools/parser/schemas/api-gatewayv2';
import { DynamoDBStreamSchema } from '@aws-lambda-powertools/parser/schemas/dynamodb';
import { EventBridgeSchema } from '@aws-lambda-powertools/parser/schemas/eventbridge';
import { KinesisDataStreamSchema } from '@aws-lambda-powertools/parser/schemas/kinesis';
import { S3Schema } from '@aws-lambda-powertools/parser/schemas/s3';
import { SnsSchema } from '@aws-lambda-powertools/parser/schemas/sns';
import { SqsSchema } from '@aws-lambda-powertools/parser/schemas/sqs';
import type { APIGatewayProxyEventV2, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { dynamoDbEvent, eventBridgeEvent, httpApiEvent, kinesisEvent, s3Event, snsEvent, sqsEvent } from './index.ts';

const at = new Date('2026-11-28T09:00:00.250Z');
const attribute = { dataType: 'String', stringValue: 'NY' };

describe("Powertools' schema", () => {
  it.each([
    ['of SQS', SqsSchema, sqsEvent([{ body: { order: 1 }, messageAttributes: { store: attribute } }], { at })],
    [
      'of a FIFO queue',
      SqsSchema,
      sqsEvent([{ body: 'a', groupId: 'g' }, { body: 'b' }], { queue: 'orders.fifo', at }),
    ],
    ['of SNS', SnsSchema, snsEvent({ order: 1 }, { topic: 'orders', at })],
    ['of S3', S3Schema, s3Event([{ key: 'uploads/März 1.csv', content: 'sku\n' }], { at })],
    [
      'of EventBridge',
      EventBridgeSchema,
      eventBridgeEvent({ source: 'shop', detailType: 'Placed', detail: { a: 1 }, at }),
    ],
    ['of Kinesis', KinesisDataStreamSchema, kinesisEvent([{ data: { n: 1 } }, { data: 'text' }], { at })],
    [
      'of DynamoDB streams',
      DynamoDBStreamSchema,
      dynamoDbEvent([{ new: { id: 'a', n: 1 } }, { old: { id: 'a' }, new: { id: 'a', n: 2 } }, { old: { id: 'a' } }], {
        at,
      }),
    ],
    [
      'of HTTP APIs',
      APIGatewayProxyEventV2Schema,
      httpApiEvent({
        path: '/orders/7?page=2&page=3',
        route: 'POST /orders/{id}',
        body: { a: 1 },
        headers: { Cookie: 'a=1; b=2' },
        at,
      }),
    ],
    ['of HTTP APIs, for a bare request', APIGatewayProxyEventV2Schema, httpApiEvent({ at })],
  ])('%s takes what the factory makes', (_, schema, event) => {
    const { error } = schema.safeParse(event);
    expect(error?.issues ?? []).toEqual([]);
  });
});

describe('an event that a factory makes', () => {
  it('of changes has keys and names that follow from the images', () => {
    const event: DynamoDBStreamEvent = dynamoDbEvent(
      [
        { new: { pk: 'a', sk: 1, tags: new Set(['x']), lines: [{ sku: 'b', isGift: true, note: null }] } },
        { old: { pk: 'a', sk: 1 } },
      ],
      { table: 'orders', keys: ['pk', 'sk'], at },
    );
    expect(event.Records.map(({ eventName }) => eventName)).toEqual(['INSERT', 'REMOVE']);
    expect(event.Records[0]?.dynamodb).toMatchObject({
      Keys: { pk: { S: 'a' }, sk: { N: '1' } },
      NewImage: {
        tags: { SS: ['x'] },
        lines: { L: [{ M: { sku: { S: 'b' }, isGift: { BOOL: true }, note: { NULL: true } } }] },
      },
    });
    expect(() => dynamoDbEvent([{ new: { order: 1 } }])).toThrow('changes[0]');
  });

  it('of a request has path parameters that follow from its route', () => {
    const event: APIGatewayProxyEventV2 = httpApiEvent({
      method: 'PUT',
      path: '/orders/a%20b/lines/7?dry=1',
      route: 'PUT /orders/{id}/{proxy+}',
      body: new Uint8Array([255]),
      at,
    });
    expect(event.pathParameters).toEqual({ id: 'a b', proxy: 'lines/7' });
    expect([event.body, event.isBase64Encoded, event.rawQueryString]).toEqual(['/w==', true, 'dry=1']);
    expect(event.requestContext.http.method).toBe('PUT');
    expect(event.requestContext.time).toBe('28/Nov/2026:09:00:00 +0000');
  });
});
