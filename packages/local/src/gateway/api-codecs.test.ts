import { ApiInputError, SERVICES } from '@holdfast/engine';
import { describe, expect, it } from 'vitest';
import { ModelCodecs } from './api-codecs.ts';

describe('codecs for calls between services', () => {
  it('take text for blobs and give text for them', async () => {
    const codec = await new ModelCodecs(SERVICES).codecOf('lambda', 'Invoke');

    const input = codec.read({ FunctionName: 'parse', Payload: '{"n":1}' }) as { Payload: Uint8Array };

    expect(new TextDecoder().decode(input.Payload)).toBe('{"n":1}');
    expect(codec.write({ StatusCode: 200, Payload: new TextEncoder().encode('"done"'), $metadata: {} })).toEqual({
      StatusCode: 200,
      Payload: '"done"',
    });
  });

  it('begin member names with a capital letter, whatever the model says', async () => {
    const codec = await new ModelCodecs(SERVICES).codecOf('logs', 'DescribeLogGroups');

    expect(codec.read({ LogGroupNamePrefix: '/aws' })).toEqual({ logGroupNamePrefix: '/aws' });
    expect(codec.write({ logGroups: [{ logGroupName: '/aws/x', creationTime: 5 }] })).toEqual({
      LogGroups: [{ LogGroupName: '/aws/x', CreationTime: 5 }],
    });
  });

  it('write times as instants', async () => {
    const codec = await new ModelCodecs(SERVICES).codecOf('dynamodb', 'DescribeTable');

    expect(codec.write({ Table: { CreationDateTime: new Date(Date.UTC(2025, 0, 1)) } })).toEqual({
      Table: { CreationDateTime: '2025-01-01T00:00:00Z' },
    });
  });

  it('name every member that does not fit', async () => {
    const codecs = new ModelCodecs(SERVICES);
    const codec = await codecs.codecOf('sqs', 'SendMessage');

    const read = () => codec.read({ QueueUrl: 5, MessageBdy: 'x' });

    expect(read).toThrow(ApiInputError);
    expect(read).toThrow(
      "The value of the field 'QueueUrl' has an invalid format, The field 'MessageBdy' is not supported",
    );
    // Once a model is there, codecs come at once.
    expect(codecs.codecOf('sqs', 'ReceiveMessage')).not.toBeInstanceOf(Promise);
  });
});
