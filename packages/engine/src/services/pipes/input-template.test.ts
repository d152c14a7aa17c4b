import { describe, expect, it } from 'vitest';
import { fillParameter, fillTemplate, type PipeFacts } from './input-template.ts';

const facts: PipeFacts = {
  pipeArn: 'arn:aws:pipes:us-east-1:000000000000:pipe/p',
  pipeName: 'p',
  sourceArn: 'arn:aws:sqs:us-east-1:000000000000:q',
  enrichmentArn: '',
  targetArn: 'arn:aws:sqs:us-east-1:000000000000:t',
  ingestedAt: '2026-01-01T00:00:00.000Z',
};

const message = { messageId: 'm-1', body: '{"order":{"id":7,"note":"say \\"hi\\""}}', attributes: { Count: '2' } };

describe('a template', () => {
  it.each([
    ['{"id": <$.messageId>}', { id: 'm-1' }],
    ['{"order": <$.body.order.id>, "of": "pipe <aws.pipes.pipe-name>"}', { order: 7, of: 'pipe p' }],
    ['{"note": "they <$.body.order.note>"}', { note: 'they say "hi"' }],
    ['{"all": "<$.attributes>"}', { all: '{"Count":"2"}' }],
    ['{"missing": <$.nothing>, "empty": "<$.nothing>"}', { missing: null, empty: '' }],
    ['<$.body>', message.body],
    ['order <$.messageId> came', 'order "m-1" came'],
    ['{"event": <aws.pipes.event>}', { event: message }],
    ['{"kept": "a \\" quote <$.messageId>"}', { kept: 'a " quote m-1' }],
  ])('%s', (template, expected) => {
    expect(fillTemplate(template, message, facts)).toEqual(expected);
  });

  it('decodes the data of a stream record', () => {
    const record = { data: Buffer.from('{"sku":"A"}').toString('base64'), partitionKey: 'k' };

    expect(fillTemplate('{"sku": <$.data.sku>, "data": <$.data>}', record, facts)).toEqual({
      sku: 'A',
      data: { sku: 'A' },
    });
  });
});

describe('a parameter', () => {
  it.each([
    ['constant', 'constant'],
    ['$.messageId', 'm-1'],
    ['$.body.order.id', '7'],
    ['$.nothing', undefined],
    [undefined, undefined],
  ])('%s is %s', (parameter, expected) => {
    expect(fillParameter(parameter, message)).toBe(expected);
  });
});
