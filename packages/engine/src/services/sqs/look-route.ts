import { makeArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import type { HttpRoute, RouteAnswer, ServiceEnvironment, SourceMessage } from '../../core/index.ts';
import type { FailedReceives } from './failed-receives.ts';
import { IN_FLIGHT, type Message, VISIBLE } from './message.ts';
import type { Queue } from './queue.ts';
import type { QueueRegistry } from './queue-registry.ts';
import { sourceMessage } from './received-message.ts';

/** Messages of one answer, unless `limit` says another number. */
const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 10_000;

/** What `only` may ask for in place of the messages: it is cheap to tell, and one answer goes through more of them. */
const ONLY = ['ranges', 'in-flight'];
const ONLY_LIMIT_MAX = 100_000;

/** A message as it lies in its queue. */
export interface LookedAtMessage extends Omit<SourceMessage, 'receiptHandle' | 'md5OfBody' | 'md5OfMessageAttributes'> {
  readonly state: 'visible' | 'in flight' | 'delayed';
  /** Place in the order of arrival; the next page comes after it. */
  readonly sequence: number;
  /** ISO 8601; absent for visible messages. */
  readonly visibleAt?: string;
  /** ISO 8601: when it came into this queue, and when its retention ends. */
  readonly arrivedAt: string;
  readonly expiresAt: string;
}

const json = (status: number, body: object): RouteAnswer => ({
  status,
  headers: ['Content-Type', 'application/json'],
  body: `${JSON.stringify(body)}\n`,
});

const timeText = (at: EpochMs): string => new Date(at).toISOString();

const lookAt = (queue: Queue, message: Message): LookedAtMessage => {
  const {
    receiptHandle: _,
    md5OfBody: _body,
    md5OfMessageAttributes: _attributes,
    ...seen
  } = sourceMessage(message, queue.contentOf(message), '');
  const isVisible = message.state === VISIBLE;
  return {
    ...seen,
    state: isVisible ? 'visible' : message.state === IN_FLIGHT ? 'in flight' : 'delayed',
    sequence: message.sequence,
    ...(isVisible ? {} : { visibleAt: timeText(message.visibleAt) }),
    arrivedAt: timeText(message.arrivedAt),
    expiresAt: timeText(message.enqueuedAt + queue.settings.retentionMs),
  };
};

const wholeNumber = (text: string | null, otherwise: number): number | undefined => {
  if (text === null) return otherwise;
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
};

/** Runs of places without a gap, each by its first and last: a queue that nothing has left is one run, however long. */
const rangesOf = (messages: readonly Message[]): readonly (readonly [number, number])[] => {
  const ranges: [number, number][] = [];
  for (const { sequence } of messages) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === sequence - 1) last[1] = sequence;
    else ranges.push([sequence, sequence]);
  }
  return ranges;
};

/** How many are in flight, and when the last of them is visible again. */
const inFlightOf = (messages: readonly Message[]): { readonly inFlight: number; readonly visibleAgainBy?: string } => {
  const inFlight = messages.filter(({ state }) => state === IN_FLIGHT);
  const last = inFlight.reduce((latest, { visibleAt }) => Math.max(latest, visibleAt), 0);
  return { inFlight: inFlight.length, ...(inFlight.length === 0 ? {} : { visibleAgainBy: timeText(last) }) };
};

/**
 * `GET /_holdfast/queues/<account>/<region>/<name>/messages?limit=100&after=<sequence>`: the messages of a queue, oldest
 * first, whatever their state; with `only=ranges` their places alone, as runs without a gap, for who wants to know what is
 * gone, and with `only=in-flight` how many are in flight and until when. Looking changes nothing: no receive is counted,
 * nothing becomes invisible.
 *
 * `GET …/<name>/failed-receives`: messages with which runs of the queue's consumers failed lately, also those that it has given
 * up since; `after` is the `next` of an earlier answer.
 */
export const lookRoute = (
  queues: QueueRegistry,
  failedReceives: FailedReceives,
  environment: ServiceEnvironment,
): HttpRoute => ({
  path: 'queues',
  answer: ({ method, path, query }) => {
    const [, account, region, name, what] =
      /^\/(\d{12})\/([a-z0-9-]+)\/([\w-]+(?:\.fifo)?)\/(messages|failed-receives)$/.exec(path) ?? [];
    if (method !== 'GET' || account === undefined || region === undefined || name === undefined) return undefined;
    const arn = makeArn('sqs', region, account, name);
    const isFailures = what === 'failed-receives';
    const queue = queues.find(arn);
    // Why something failed is of interest when its queue is gone, too.
    if (queue === undefined && !isFailures)
      return json(404, { message: `queue: "${name}" does not exist in ${region} of ${account}` });
    const parameters = new URLSearchParams(query);
    const only = parameters.get('only');
    if (only !== null && !ONLY.includes(only)) {
      return json(400, { message: `only: "${only}" must be ${ONLY.join(' or ')}` });
    }
    const limitMax = only === null ? LIMIT_MAX : ONLY_LIMIT_MAX;
    const limit = wholeNumber(parameters.get('limit'), LIMIT_DEFAULT);
    const after = wholeNumber(parameters.get('after'), 0);
    if (limit === undefined || limit < 1 || limit > limitMax) {
      return json(400, {
        message: `limit: "${parameters.get('limit')}" must be a whole number from 1 to ${limitMax}`,
      });
    }
    if (after === undefined) {
      return json(400, { message: `after: "${parameters.get('after')}" must be the sequence of a message` });
    }
    if (queue === undefined || isFailures) {
      const { receives, last } = failedReceives.of(arn, after, limit);
      return json(200, {
        failedReceives: receives.map(({ at, ...receive }) => ({ ...receive, at: timeText(at) })),
        next: last,
      });
    }
    const { messages, hasMore } = queue.look(environment.clock.now(), after, limit);
    const next = hasMore ? { next: messages.at(-1)?.sequence } : {};
    if (only === 'ranges') return json(200, { ranges: rangesOf(messages), ...next });
    if (only === 'in-flight') return json(200, { ...inFlightOf(messages), ...next });
    const seen = messages.map((message) => lookAt(queue, message));
    return json(200, { messages: seen, ...next });
  },
});
