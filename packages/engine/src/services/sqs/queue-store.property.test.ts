import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { AT_START_UP_TO, readHead } from './queue-store.ts';

const time = fc.option(fc.nat({ max: 9_000_000_000_000 }), { nil: undefined });
const text = fc.option(fc.string({ maxLength: 8 }), { nil: undefined });

it('what is wanted of a message at start is read from its beginning as from the whole', () => {
  fc.assert(
    fc.property(
      fc.record({
        id: fc.oneof(fc.uuid(), fc.string(), fc.string({ minLength: 30, maxLength: 36 })),
        sentAt: time,
        group: text,
        number: text,
        enqueuedAt: time,
        arrivedAt: time,
        visibleAt: time,
        receiveCount: time,
        firstReceivedAt: time,
        receivesElsewhere: time,
      }),
      (message) => {
        const json = JSON.stringify({ ...message, md5: 'd41d8cd98f00b204e9800998ecf8427e', body: 'x' });
        const head = json.slice(0, json.indexOf(`,"${AT_START_UP_TO}":"`));
        const expected = message.sentAt === undefined ? undefined : JSON.parse(JSON.stringify(message));
        expect(readHead(head)).toEqual(expected);
      },
    ),
    { numRuns: 300 },
  );
});
