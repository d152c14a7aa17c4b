import { InvalidInputError } from '@holdfast/local';
import type { FailedMessage } from './queues.ts';
import { TestEngine } from './test-engine.ts';
import { TracedRecord } from './traced-record.ts';

/** What a matcher answers; Vitest and Jest take it. */
export interface MatcherResult {
  readonly pass: boolean;
  message(): string;
}

/** Where a dead letter is expected, and why. */
export interface DeadLetterExpectation {
  /** Name, URL or ARN of the queue. */
  readonly queue?: string;
  /** `MaxReceiveCount`, `RetriesExhausted`, … */
  readonly reason?: string;
}

const traced = (received: unknown, matcher: string): TracedRecord => {
  if (received instanceof TracedRecord) return received;
  throw new TypeError(`${matcher} is for records: expect(aws.record('order 4711')).${matcher}(…)`);
};

const isExpected = ({ queue, reason }: FailedMessage, expected: DeadLetterExpectation): boolean =>
  (expected.queue === undefined || expected.queue === queue) &&
  (expected.reason === undefined || expected.reason === reason);

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** For `expect.extend`. Those of Vitest are there once `@holdfast/testing/vitest` is imported. */
export const matchers = {
  /** In a failure queue lies the record, or what is about it. */
  async toBeDeadLettered(received: unknown, expected: DeadLetterExpectation = {}): Promise<MatcherResult> {
    const record = traced(received, 'toBeDeadLettered');
    const queue = expected.queue === undefined ? {} : { queue: record.queueNamed(expected.queue) };
    const letters = await record.deadLetters();
    const where = letters.map(({ queue, reason }) => `in ${queue} (${reason})`).join(', ') || 'in no failure queue';
    const wanted = Object.entries(expected).map(([name, value]) => `${name} ${value}`);
    return {
      pass: letters.some((letter) => isExpected(letter, { ...expected, ...queue })),
      message: () =>
        `${record.description} is ${where}; looked for was ${wanted.join(', ') || 'any'}\n${record.timeline()}`,
    };
  },

  /** The record reached a bound handler, or lies in a queue, of that name. */
  async toHaveDelivered(received: unknown, place: string): Promise<MatcherResult> {
    const record = traced(received, 'toHaveDelivered');
    return {
      pass: await record.isDeliveredTo(place),
      message: () => `${record.description} was looked for in ${place}\n${record.timeline()}`,
    };
  },

  /** An alarm went to ALARM, now or before; without a name, any. */
  toHaveAlarmed(received: unknown, alarmName?: string): MatcherResult {
    if (!(received instanceof TestEngine)) {
      throw new TypeError("toHaveAlarmed is for engines: expect(aws).toHaveAlarmed('queue-depth')");
    }
    const alarmed = received.alarmed();
    const names = alarmName === undefined || alarmed.includes(alarmName) ? [] : received.alarmNames();
    if (alarmName !== undefined && !alarmed.includes(alarmName) && !names.includes(alarmName)) {
      throw new InvalidInputError('alarmName', alarmName, `does not exist; there are ${names.join(', ') || 'none'}`);
    }
    return {
      pass: alarmName === undefined ? alarmed.length > 0 : alarmed.includes(alarmName),
      message: () => `in ALARM were ${alarmed.join(', ') || 'no alarms'}; looked for was ${alarmName ?? 'any'}`,
    };
  },

  /** Bound handlers, or the one that is named, were given the record so often. */
  toHaveAttempts(received: unknown, expected: number, handler?: string): MatcherResult {
    const record = traced(received, 'toHaveAttempts');
    const attempts = record.attempts(handler);
    return {
      pass: attempts === expected,
      message: () => `${record.description} was tried ${times(attempts)}, not ${times(expected)}\n${record.timeline()}`,
    };
  },

  /** Bound handlers, or the one that is named, processed the record once: it was neither lost nor doubled. */
  toBeProcessedOnce(received: unknown, handler?: string): MatcherResult {
    const record = traced(received, 'toBeProcessedOnce');
    const successes = record.successes(handler);
    return {
      pass: successes === 1,
      message: () => `${record.description} was processed ${times(successes)}\n${record.timeline()}`,
    };
  },
};
