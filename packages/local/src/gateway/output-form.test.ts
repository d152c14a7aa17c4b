import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as events from '@aws-sdk/client-eventbridge';
import * as kms from '@aws-sdk/client-kms';
import * as lambda from '@aws-sdk/client-lambda';
import * as s3 from '@aws-sdk/client-s3';
import * as sfn from '@aws-sdk/client-sfn';
import type { Json } from '@holdfast/engine';
import { describe, expect, it } from 'vitest';
import { shapeOf } from './codec/shape.ts';
import { formProblem } from './output-form.ts';

const SHAPES = {
  events: shapeOf(events.PutEventsResponse$),
  execution: shapeOf(sfn.StartExecutionOutput$),
  lambda: shapeOf(lambda.InvocationResponse$),
  dynamodb: shapeOf(dynamodb.PutItemOutput$),
  s3: shapeOf(s3.GetObjectOutput$),
  kms: shapeOf(kms.EncryptResponse$),
};

const ARN = 'arn:aws:states:us-east-1:000000000000:execution:m:e';

describe('the form of an answer that somebody made up', () => {
  // Texts as AWS's TestState was recorded to say them.
  it.each<[keyof typeof SHAPES, Json, string | undefined]>([
    ['events', { Random: 1 }, undefined],
    ['events', {}, undefined],
    ['events', { Entries: null }, undefined],
    ['events', { Entries: 'no list' }, "Field 'Entries' must be an array"],
    ['events', { Entries: [{ EventId: 'a' }, { EventId: ['b'] }] }, "Field 'EventId' must be a string"],
    ['execution', {}, "Required field 'ExecutionArn' is missing"],
    ['execution', { executionArn: ARN, startDate: '2026' }, "Required field 'ExecutionArn' is missing"],
    ['execution', { ExecutionArn: ARN, StartDate: true }, "Field 'StartDate' must be a string"],
    ['execution', { ExecutionArn: ARN, StartDate: '2026-01-01T00:00:00Z' }, undefined],
    ['lambda', { StatusCode: '200' }, "Field 'StatusCode' must be a number"],
    ['dynamodb', { ConsumedCapacity: { CapacityUnits: '1.5' } }, "Field 'CapacityUnits' must be a number"],
    ['dynamodb', { Attributes: { id: { S: 1 } } }, "Field 'S' must be a string"],
    ['dynamodb', { Attributes: [] }, "Field 'Attributes' must be an object"],
    ['s3', { ContentLength: '9000' }, "Field 'ContentLength' must be a number"],
    ['s3', { DeleteMarker: 'yes' }, "Field 'DeleteMarker' must be a boolean"],
    ['kms', { CiphertextBlob: 123 }, "Field 'CiphertextBlob' must be a string"],
  ])('of %s, %j: %s', (service, answer, problem) => {
    expect(formProblem(SHAPES[service], answer, '', true)).toBe(problem);
  });

  it('may lack what is required when only what is there is compared', () => {
    expect(formProblem(SHAPES.execution, {}, '', false)).toBeUndefined();
    expect(formProblem(SHAPES.execution, { ExecutionArn: 1 }, '', false)).toBe("Field 'ExecutionArn' must be a string");
  });
});
