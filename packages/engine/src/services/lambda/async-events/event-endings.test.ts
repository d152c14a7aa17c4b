import { describe, expect, it } from 'vitest';
import { type Behaviour, LambdaBench, throws } from '../lambda-bench.ts';

const sqs = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const sns = (name: string): string => `arn:aws:sns:us-east-1:000000000000:${name}`;

interface Failure {
  readonly behaviour: Behaviour;
  readonly age?: number;
  /** Places to reserve; one of them is then held by another invocation. */
  readonly reserved?: number;
  readonly condition: string;
  readonly runs: number;
  readonly errorCode: string;
}

const failures: Record<string, Failure> = {
  error: { behaviour: throws, condition: 'RetriesExhausted', runs: 3, errorCode: '200' },
  throttle: {
    behaviour: () => ({ durationMs: 1e10 }),
    reserved: 1,
    condition: 'EventAgeExceeded',
    runs: 0,
    errorCode: '429',
  },
  'reserved 0': { behaviour: throws, reserved: 0, condition: 'ZeroReservedConcurrency', runs: 0, errorCode: '429' },
  'age out': { behaviour: throws, age: 90, condition: 'EventAgeExceeded', runs: 2, errorCode: '200' },
};

const cells = Object.keys(failures).flatMap((failure) =>
  ['destination', 'DLQ', 'both', 'none'].map((sink): [string, string] => [failure, sink]),
);

describe('the ending of a failed event', () => {
  it.each(cells)('%s with %s', async (name, sink) => {
    const failure = failures[name] as Failure;
    const bench = new LambdaBench();
    const hasDestination = sink === 'destination' || sink === 'both';
    const hasDlq = sink === 'DLQ' || sink === 'both';
    await bench.createFunction('fn', failure.behaviour, hasDlq ? { DeadLetterConfig: { TargetArn: sqs('dlq') } } : {});
    const config = {
      ...(hasDestination ? { DestinationConfig: { OnFailure: { Destination: sqs('failures') } } } : {}),
      ...(failure.age === undefined ? {} : { MaximumEventAgeInSeconds: failure.age }),
    };
    if (Object.keys(config).length > 0) {
      await bench.call('PutFunctionEventInvokeConfig', { FunctionName: 'fn', ...config });
    }
    if (failure.reserved !== undefined) {
      await bench.call('PutFunctionConcurrency', {
        FunctionName: 'fn',
        ReservedConcurrentExecutions: failure.reserved,
      });
    }
    if (failure.reserved === 1) void bench.call('Invoke', { FunctionName: 'fn' });

    const requestId = await bench.sendEvent('fn', { sku: 'A-1' });
    await bench.advance(7 * 3_600_000);

    const records = bench.toQueue.filter((sent) => sent.arn === sqs('failures'));
    const dead = bench.toQueue.filter((sent) => sent.arn === sqs('dlq'));
    expect([records.length, dead.length]).toEqual([hasDestination ? 1 : 0, hasDlq ? 1 : 0]);
    for (const { message } of records) {
      expect(JSON.parse(message.body)).toMatchObject({
        requestContext: { requestId, condition: failure.condition, approximateInvokeCount: failure.runs },
        requestPayload: { sku: 'A-1' },
      });
    }
    for (const { message } of dead) {
      expect(message.body).toBe('{"sku":"A-1"}');
      expect(message.attributes?.['RequestID']?.stringValue).toBe(requestId);
      expect(message.attributes?.['ErrorCode']).toEqual({ dataType: 'Number', stringValue: failure.errorCode });
      expect(message.attributes?.['ErrorMessage']?.stringValue).toBe(
        failure.errorCode === '200' ? 'no such product' : 'Rate Exceeded.',
      );
    }
    expect([bench.total('AsyncEventsReceived'), bench.total('AsyncEventsDropped')]).toEqual([1, 1]);
    expect(bench.service.pendingEventCount).toBe(0);
  });

  it('counts a destination and a dead-letter queue that refuse, and forgets the event', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', throws, { DeadLetterConfig: { TargetArn: sqs('dlq') } });
    await bench.call('PutFunctionEventInvokeConfig', {
      FunctionName: 'fn',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: sqs('failures') } },
    });
    bench.broken.add(sqs('dlq')).add(sqs('failures'));

    await bench.sendEvent('fn');
    await bench.advance(1_000);

    expect([bench.total('DestinationDeliveryFailures'), bench.total('DeadLetterErrors')]).toEqual([1, 1]);
    expect(bench.service.pendingEventCount).toBe(0);
  });

  it('does not deliver to FIFO destinations', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', throws);
    await bench.call('PutFunctionEventInvokeConfig', {
      FunctionName: 'fn',
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: sqs('failures.fifo') } },
    });

    await bench.sendEvent('fn');
    await bench.advance(1_000);

    expect(bench.total('DestinationDeliveryFailures')).toBe(1);
    expect(bench.toQueue).toEqual([]);
  });
});

describe('a destination', () => {
  const send = async (outcome: 'OnSuccess' | 'OnFailure', destination: string): Promise<LambdaBench> => {
    const bench = new LambdaBench({ start: Date.UTC(2025, 2, 4, 5, 6, 7, 8) });
    await bench.createFunction('other');
    await bench.createFunction('fn', outcome === 'OnFailure' ? throws : () => ({ result: { done: true } }));
    await bench.call('PutFunctionEventInvokeConfig', {
      FunctionName: 'fn',
      MaximumRetryAttempts: 0,
      DestinationConfig: { [outcome]: { Destination: destination } },
    });
    await bench.sendEvent('fn', { n: 1 });
    await bench.advance(1_000);
    return bench;
  };

  it('that is a topic gets the record as its message', async () => {
    const bench = await send('OnSuccess', sns('done'));

    expect(JSON.parse(bench.toTopic[0]?.message.message ?? '')).toMatchObject({
      requestContext: { condition: 'Success', approximateInvokeCount: 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST' },
      responsePayload: { done: true },
    });
    expect(bench.toTopic[0]?.message.message).not.toContain('functionError');
  });

  it('that is a function is invoked with the record', async () => {
    const bench = await send('OnFailure', 'arn:aws:lambda:us-east-1:000000000000:function:other');

    expect(JSON.parse(bench.invocations.at(-1)?.payload ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted' },
    });
    expect(bench.invocations.at(-1)?.spec.functionName).toBe('other');
  });

  it.each(['Success', 'Failure'] as const)('that is a bus gets an event about the %s', async (outcome) => {
    const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/main';
    const bench = await send(`On${outcome}`, bus);

    expect(bench.toBus[0]?.event).toMatchObject({
      source: 'lambda',
      detailType: `Lambda Function Invocation Result - ${outcome}`,
      resources: [bus, 'arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST'],
      detail: { version: '1.0', requestPayload: { n: 1 } },
    });
  });

  it('that is a bucket gets an object named by function and time', async () => {
    const bench = await send('OnFailure', 'arn:aws:s3:::records');

    expect(bench.toBucket[0]?.key).toMatch(
      /^aws\/lambda\/async\/fn\/2025\/03\/04\/2025-03-04T05\.06\.07-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    );
    expect(JSON.parse(bench.toBucket[0]?.body ?? '')).toMatchObject({ version: '1.0' });
  });

  it('sees numbers exactly as the caller wrote them', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    await bench.call('PutFunctionEventInvokeConfig', {
      FunctionName: 'fn',
      DestinationConfig: { OnSuccess: { Destination: sqs('done') } },
    });
    const payload = '{"id":12345678901234567890,"price":1.10}';

    await bench.call('Invoke', {
      FunctionName: 'fn',
      InvocationType: 'Event',
      Payload: new TextEncoder().encode(payload),
    });
    await bench.advance(1_000);

    expect(bench.toQueue[0]?.message.body).toContain(`"requestPayload":${payload}`);
  });
});

describe('a dead-letter queue', () => {
  it('that is a topic gets the event and the same three attributes', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', () => ({ error: { errorType: 'Error', errorMessage: 'é'.repeat(2_000) } }), {
      DeadLetterConfig: { TargetArn: sns('dlq') },
    });
    await bench.call('PutFunctionEventInvokeConfig', { FunctionName: 'fn', MaximumRetryAttempts: 0 });

    await bench.sendEvent('fn', { n: 1 });
    await bench.advance(1_000);

    expect(bench.toTopic[0]?.message.message).toBe('{"n":1}');
    expect(bench.toTopic[0]?.message.attributes?.['ErrorMessage']?.stringValue).toBe('é'.repeat(512));
  });

  it('of the function counts for its versions too', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', throws, { Publish: true });
    await bench.call('UpdateFunctionConfiguration', {
      FunctionName: 'fn',
      DeadLetterConfig: { TargetArn: sqs('dlq') },
    });
    await bench.call('PutFunctionEventInvokeConfig', { FunctionName: 'fn', Qualifier: '1', MaximumRetryAttempts: 0 });

    await bench.sendEvent('fn:1');
    await bench.advance(1_000);

    expect(bench.toQueue).toHaveLength(1);
  });
});
