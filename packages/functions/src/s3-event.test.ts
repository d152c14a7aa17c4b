import { describe, expect, it } from 'vitest';
import { decodeEventKey, isOlderSequencer, uploadedObjects } from './s3-event.ts';

describe('decodeEventKey', () => {
  it.each([
    ['uploads/VEND001/a%40b+c%2B.csv', 'uploads/VEND001/a@b c+.csv'],
    ['uploads/%C3%BC/a.csv', 'uploads/ü/a.csv'],
    ['uploads/50%/a.csv', 'uploads/50%/a.csv'],
  ])('reads %s as %s', (encoded, key) => {
    expect(decodeEventKey(encoded)).toBe(key);
  });
});

describe('isOlderSequencer', () => {
  it.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E6', true],
    ['0055AED6DCD90281E6', '0055AED6DCD90281E5', false],
    ['0055AED6DCD90281E5', '0055AED6DCD90281E5', false],
    ['0055', '005501', true],
    ['00550', '0055', false],
    ['00ab', '00AC', true],
  ])('%s before %s: %s', (a, b, expected) => {
    expect(isOlderSequencer(a, b)).toBe(expected);
  });
});

describe('uploadedObjects', () => {
  it('takes what the record says and leaves out what it does not', () => {
    const event = { Records: [{ s3: { bucket: { name: 'b' }, object: { key: 'k', eTag: '"e"' } } }] };

    expect(uploadedObjects(event)).toEqual([
      { bucket: 'b', key: 'k', etag: 'e', sizeBytes: undefined, sequencer: undefined, eventTime: undefined },
    ]);
  });

  it('answers nothing as soon as one record names no object: half an event must not pass for a whole one', () => {
    expect(
      uploadedObjects({ Records: [{ s3: { bucket: { name: 'b' }, object: { key: 'k' } } }, { s3: {} }] }),
    ).toBeUndefined();
  });
});
