import { describe, expect, it } from 'vitest';
import { destinationRecord, s3Event } from '../testing/events.ts';
import { retriedUploads } from '../uploads/retried-uploads.ts';
import { unwrap } from './unwrap.ts';

const event = s3Event('uploads/VEND001/a b.csv', 'x');
const message = (body: unknown) => ({ Body: typeof body === 'string' ? body : JSON.stringify(body) });

describe('unwrap', () => {
  it('takes the event out of a destination record, with time and condition of the failure', () => {
    expect(unwrap(message(destinationRecord(event)), retriedUploads)).toEqual({
      kind: 'event',
      event,
      description: expect.objectContaining({ name: 'VEND001/a b.csv' }),
      failedAt: '2025-11-28T08:01:05.568Z',
      lastError: 'EventAgeExceeded',
    });
  });

  it('prefers the error type of the function to the condition', () => {
    expect(unwrap(message(destinationRecord(event, 'RetriesExhausted', 'DrillError')), retriedUploads)).toMatchObject({
      lastError: 'DrillError',
    });
  });

  it('takes a bare S3 event, as a function’s dead-letter queue keeps it', () => {
    const attributes = { ErrorCode: { StringValue: '200' }, ErrorMessage: { StringValue: 'it failed' } };

    expect(unwrap({ ...message(event), MessageAttributes: attributes }, retriedUploads)).toMatchObject({
      kind: 'event',
      event,
      lastError: 'HTTP 200',
    });
  });

  it('knows the test event of S3', () => {
    const testEvent = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' };

    expect(unwrap(message(testEvent), retriedUploads).kind).toBe('s3-test-event');
    expect(unwrap(message(destinationRecord(testEvent)), retriedUploads).kind).toBe('s3-test-event');
  });

  it.each([
    '',
    'no JSON',
    '[]',
    '1',
    'null',
    '{}',
    '{"Records":[]}',
    '{"Records":[{"body":"x"}]}',
    '{"requestPayload":{}}',
  ])('calls %j unknown and says why', (body) => {
    expect(unwrap({ Body: body }, retriedUploads)).toEqual({ kind: 'unknown', why: expect.stringMatching(/\w/) });
  });

  it('calls a message without a body unknown', () => {
    expect(unwrap({}, retriedUploads).kind).toBe('unknown');
  });
});
